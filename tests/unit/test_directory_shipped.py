"""Are the territories that come with Guichet fit to be published?"""

import pytest

from libs.directory import compile_pack, parse_pack
from libs.operate.packs import SHIPPED, read_pack

PACKS = sorted(path.name for path in SHIPPED.iterdir() if path.is_dir())


def test_the_two_territories_are_shipped() -> None:
    assert {"bordeaux-metropole", "val-de-brume"} <= set(PACKS)


@pytest.mark.parametrize("name", PACKS)
def test_a_shipped_pack_compiles_without_errors(name: str) -> None:
    compiled = compile_pack(parse_pack(read_pack(SHIPPED / name)))
    assert compiled.errors == []
    assert compiled.release is not None
    assert compiled.release.territory.code == name
