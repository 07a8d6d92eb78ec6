"""Is something that is no whole release refused when it arrives, and not first when it is to decide?"""

import orjson
import pytest

from libs.directory import Release
from tests.releases import a_release

CONTENT = orjson.loads(a_release("whole").to_bytes())


def bytes_of(**changes: object) -> bytes:
    return orjson.dumps({name: value for name, value in {**CONTENT, **changes}.items() if value != "gone"})


def test_a_whole_release_is_read_again_as_it_was() -> None:
    assert Release.from_bytes(a_release("whole").to_bytes()).version == a_release("whole").version


@pytest.mark.parametrize("part", sorted(set(CONTENT) - {"format"}))
def test_a_release_without_one_of_its_parts_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=part):
        Release.from_bytes(bytes_of(**{part: "gone"}))


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 99},
        {"calendar": []},
        {"services": [{"code": "pothole"}]},
        {"authorities": {"a": 1}},
        {"rules": [{"id": "r1"}]},
        {"postal": []},
    ],
    ids=str,
)
def test_a_release_with_a_damaged_part_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="release"):
        Release.from_bytes(bytes_of(**damage))
