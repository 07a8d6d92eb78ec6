"""Does a position that is known to kilometres only say what it can, and no more?"""

from typing import Any

import orjson
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Located, Where, decide, locate
from libs.directory.coarse import COARSE_M_MAX, COARSE_M_MIN
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, OUTLINES, SOUTH, ask, collection, outline, point, release_of

# The same territory ten times as large: Aval is 16 km wide.
LARGE = {
    code: [[[[x * 10, SOUTH + (y - SOUTH) * 10] for x, y in ring] for ring in polygon] for polygon in polygons]
    for code, polygons in OUTLINES.items()
}
RELEASE = release_of(
    places=collection(*(outline(code, polygons) for code, polygons in LARGE.items())),
    rocade=None,
    competences="\n".join(row for row in packs.COMPETENCES.splitlines() if "rocade" not in row),
)
IN_AVAL = (0.1, 0.1)
IN_BOURG_NEAR_AVAL = (0.23, 0.05)
ON_THE_OUTER_EDGE = (0.0, 0.1)


def where(place: Where) -> Located:
    return locate(RELEASE, place, AT)


def named(located: Located) -> list[str | None]:
    return [one.municipality for one in located.possible]


def test_a_circle_within_one_municipality_decides() -> None:
    located = where(point(*IN_AVAL, accuracy_m=4_000))
    assert (located.outcome, located.municipality) == ("found", "T01")
    assert [(one.code, one.details) for one in located.reasons] == [
        ("circle-inside", {"accuracy_m": 4_000, "codes": ["T01"]})
    ]
    assert decide(RELEASE, ask("lamp", point(*IN_AVAL, accuracy_m=4_000))).outcome == "routed"


def test_a_circle_over_two_decides_where_both_have_the_same_owner_and_names_both() -> None:
    place = point(*IN_BOURG_NEAR_AVAL, accuracy_m=4_000)
    assert named(where(place)) == ["T02", "T01"]
    decision = decide(RELEASE, ask("pothole", place))
    assert decision.department is not None
    assert (decision.outcome, decision.department.code, decision.municipality) == ("routed", "metro-voirie", None)
    assert "(Bourg-le-Haut, Aval)" in decision.sentence["en"]
    assert decision.as_dict()["municipality"] is None
    body, _ = decision.written()
    assert orjson.loads(body)["reasons"] == decision.as_dict()["reasons"]


def test_a_circle_over_two_owners_is_held_with_both_for_the_person_who_chooses() -> None:
    decision = decide(RELEASE, ask("lamp", point(*IN_BOURG_NEAR_AVAL, accuracy_m=4_000)))
    assert decision.outcome == "ambiguous"
    assert "Bourg-le-Haut, Aval" in decision.sentence["fr"]
    owners = [one.details["authority"] for one in decision.reasons if one.code == "possible-owner"]
    assert owners == ["bourg", "aval"]


def test_a_circle_that_reaches_outside_does_not_decide() -> None:
    place = point(*ON_THE_OUTER_EDGE, accuracy_m=3_000)
    assert named(where(place)) == ["T01", None]
    assert decide(RELEASE, ask("pothole", place)).outcome == "ambiguous"


def test_a_circle_that_lies_outside_is_out_of_the_territory() -> None:
    assert where(point(2, 2, accuracy_m=3_000)).outcome == "outside"


@pytest.mark.parametrize(
    ("words", "outcome", "possible"),
    [
        ({"municipality_code": "T01"}, "found", ["T01"]),
        ({"municipality_name": "Aval", "postal_code": "99100"}, "found", ["T01"]),
        ({"postal_code": "99200"}, "found", ["T02"]),  # shared with Ars, which is elsewhere
        ({"address": "1 rue Haute, 99100 Aval"}, "found", ["T01"]),
        ({"municipality_code": "T03"}, "ambiguous", ["T02", "T01", "T03"]),  # words against the circle
        ({"municipality_code": "X99"}, "ambiguous", ["T02", "T01", None]),
        ({"municipality_name": "Nowhere"}, "ambiguous", ["T02", "T01"]),
    ],
)
def test_words_choose_within_the_circle_and_contradict_it_beyond(
    words: dict[str, Any], outcome: str, possible: list[str | None]
) -> None:
    located = where(point(*IN_BOURG_NEAR_AVAL, accuracy_m=4_000, **words))
    assert (located.outcome, named(located)) == (outcome, possible)


def test_words_against_the_circle_are_held_although_the_owner_is_the_same() -> None:
    place = point(*IN_BOURG_NEAR_AVAL, accuracy_m=4_000, municipality_code="T03")
    decision = decide(RELEASE, ask("pothole", place))
    assert (decision.outcome, decision.reasons[-4].code) == ("ambiguous", "circle-differs")
    assert "Bourg-le-Haut, Aval, Crête-Saint-Jean" in decision.sentence["fr"]


def test_a_position_known_to_less_than_a_county_says_that_it_is_too_vague() -> None:
    located = where(point(*IN_AVAL, accuracy_m=COARSE_M_MAX + 1))
    assert (located.outcome, [one.code for one in located.reasons]) == ("unknown", ["point-vague"])
    decision = decide(RELEASE, ask("lamp", point(*IN_AVAL, accuracy_m=COARSE_M_MAX + 1)))
    assert "50001" in decision.sentence["fr"]


WHOLE = {
    code: shapely.geometry.MultiPolygon([(one[0], one[1:]) for one in polygons]) for code, polygons in LARGE.items()
}


@settings(max_examples=150, deadline=None)
@given(st.floats(-0.2, 0.7), st.floats(-0.2, 0.5), st.floats(COARSE_M_MIN + 1, 30_000))
def test_a_larger_circle_never_says_more_than_one_within_it(x: float, y: float, reach: float) -> None:
    """What a circle leaves possible, every larger one around the same point leaves possible, too."""
    small, large = (where(point(x, y, accuracy_m=metres)) for metres in (reach, reach * 1.5))
    possible = {one.municipality for one in small.possible} or {None}
    assert possible <= ({one.municipality for one in large.possible} or {None})
    here = {code for code, shape in WHOLE.items() if shapely.intersects_xy(shape, x, SOUTH + y)}
    assert here <= possible
