"""Is something that is no whole release refused when it arrives, and not first when it is to decide?"""

import json

import orjson
import pytest

from libs.directory import Reading, Release, Text, decide, read
from tests.releases import a_release
from tests.unit.directory_packs import ask, point, release_of

CONTENT = orjson.loads(a_release("whole").to_bytes())


def bytes_of(**changes: object) -> bytes:
    return orjson.dumps({name: value for name, value in {**CONTENT, **changes}.items() if value != "gone"})


def test_a_whole_release_is_read_again_as_it_was() -> None:
    assert Release.from_bytes(a_release("whole").to_bytes()).version == a_release("whole").version


@pytest.mark.parametrize("part", sorted(set(CONTENT) - {"format"}))
def test_a_release_without_one_of_its_parts_is_refused(part: str) -> None:
    with pytest.raises(ValueError, match=part):
        Release.from_bytes(bytes_of(**{part: "gone"}))


def test_a_release_of_before_there_were_urgent_words_still_decides() -> None:
    rows = orjson.loads(release_of().to_bytes())
    old = {name: part for name, part in rows.items() if name not in ("urgent", "classifier")} | {"format": 1}
    for service in old["services"]:
        del service["urgent"]
    release = Release.from_bytes(orjson.dumps(old))
    assert release.classifier is None
    assert decide(release, ask("pothole", point(0.01, 0.01), reading=Reading("fr", "lamp"))).outcome == "routed"
    assert read(release, Text("LIVE WIRES")) == Reading("fr")


def test_a_classifier_of_another_recipe_is_left_alone_and_its_release_still_decides() -> None:
    rows = orjson.loads(release_of().to_bytes()) | {"classifier": {"recipe": 99, "languages": {}}}
    release = Release.from_bytes(orjson.dumps(rows))
    assert release.classifier is None
    assert decide(release, ask("pothole", point(0.01, 0.01))).outcome == "routed"


@pytest.mark.parametrize(
    "damage",
    [
        {"format": 99},
        {"calendar": []},
        {"services": [{"code": "pothole"}]},
        {"authorities": {"a": 1}},
        {"rules": [{"id": "r1"}]},
        {"postal": []},
        {"urgent": [{"service": "lamp"}]},
        {"classifier": {"recipe": 1}},
    ],
    ids=str,
)
def test_a_release_with_a_damaged_part_is_refused(damage: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="release"):
        Release.from_bytes(bytes_of(**damage))


def test_a_text_that_looks_like_a_shape_stays_a_text() -> None:
    odd = '"geometry":{"coordinates":[1,2],"type":"Point"}'
    rows = orjson.loads(release_of().to_bytes())
    for service in rows["services"]:
        service["names"]["en"] = odd
    release = Release.of(rows)
    assert {service.names["en"] for service in release.services.values()} == {odd}
    assert decide(release, ask("pothole", point(0.01, 0.01))).outcome == "routed"


def test_shapes_are_found_however_their_json_is_written() -> None:
    release = release_of()
    loose = Release.from_bytes(json.dumps(orjson.loads(release.to_bytes()), indent=1).encode())
    assert loose.places.on(800_000) == release.places.on(800_000)
    assert loose.layers.on(800_000) == release.layers.on(800_000)
    assert len(loose.places.on(800_000)) == len(release.municipalities)
