"""Are clues that contradict each other put before a person, with all of them named, rather than settled silently?"""

import pytest

from libs.directory import Where, decide, locate
from tests.unit.directory_packs import AT, ask, point, release_of

SMALL = release_of()


@pytest.mark.parametrize(
    ("place", "both"),
    [
        (Where(municipality_code="T01", municipality_name="Bourg-le-Haut"), ["T01", "T02"]),
        (Where(municipality_code="T01", postal_code="99200"), ["T01", "T02", "T04"]),
        (Where(municipality_code="T02", postal_code="99100", municipality_name="Aval"), ["T01", "T02"]),
        (point(0.01, 0.01, postal_code="99200", municipality_name="Bourg-le-Haut"), ["T01", "T02"]),
    ],
)
def test_clues_against_each_other_are_held_with_all_of_them_named(place: Where, both: list[str]) -> None:
    located = locate(SMALL, place, AT)
    assert located.outcome == "ambiguous"
    assert sorted(str(one.municipality) for one in located.possible) == both
    assert decide(SMALL, ask("pothole", place)).outcome == "ambiguous"  # although the métropole would own it anywhere


@pytest.mark.parametrize(
    "place",
    [
        Where(municipality_code="T02", postal_code="99200", municipality_name="Ars"),  # the postal code confirms it
        Where(municipality_code="T01", postal_code="99109"),  # a CEDEX says nothing
        Where(municipality_code="T01", municipality_name="Bourg le Hot"),  # a typing error contradicts nobody
        Where(municipality_code="T01", municipality_name="Les Chartrons"),  # nor does a quarter's name
        point(0.01, 0.01, postal_code="99200", municipality_name="Aval"),  # two clues against one
        point(0.01, 0.01, postal_code="75001", municipality_name="Bourg-le-Haut"),
    ],
)
def test_what_is_not_sure_of_itself_contradicts_nobody(place: Where) -> None:
    assert locate(SMALL, place, AT).outcome == "found"
