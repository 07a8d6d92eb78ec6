"""Does the directory know where something is, and does it say so when it does not?"""

from datetime import UTC, datetime

import pytest

from libs.directory import Located, Release, Where, locate
from tests.unit.directory_packs import AT, OUTLINES, TERRITORY, collection, outline, point, release_of, square

SMALL = release_of()
WITHOUT_BAND = release_of(territory=TERRITORY.replace("border_band_m: 50", "border_band_m: 0"))
WITHOUT_BOUNDARIES = release_of(places=None)


def where(place: Where, release: Release = SMALL) -> Located:
    return locate(release, place, AT)


def codes(located: Located) -> list[str]:
    return [reason.code for reason in located.reasons]


def named(located: Located) -> list[str | None]:
    return [one.municipality for one in located.possible]


@pytest.mark.parametrize(
    ("x", "y", "code"),
    [
        (0.01, 0.01, "T01"),
        (0.04, 0.015, "T02"),
        (0.03, 0.025, "T03"),
        (0.0325, 0.01, "T04"),  # an enclave: a hole in Bourg
        (0.0075, -0.0075, "T01"),  # an island of Aval
    ],
)
def test_a_point_inside_an_outline_is_there(x: float, y: float, code: str) -> None:
    located = where(point(x, y))
    assert (located.outcome, located.municipality, codes(located)) == ("found", code, ["point-inside"])


def test_a_point_far_away_is_outside() -> None:
    assert where(point(1, 1)).outcome == "outside"


def test_a_point_in_the_water_between_shore_and_island_is_outside() -> None:
    assert where(point(0.0075, -0.0025)).outcome == "outside"


def test_a_point_near_a_border_names_both_sides_with_the_distance() -> None:
    located = where(point(0.0199, 0.01))
    assert (located.outcome, located.municipality, named(located)) == ("ambiguous", "T01", ["T01", "T02"])
    assert located.reasons[1].details == {"code": "T02", "distance_m": 7.9, "reach_m": 50.0}


def test_a_point_just_outside_is_not_turned_away() -> None:
    located = where(point(0.0503, 0.01))
    assert (located.outcome, located.municipality, named(located)) == ("ambiguous", None, [None, "T02"])


def test_the_outer_border_makes_nothing_ambiguous() -> None:
    assert where(point(0.0499, 0.01)).outcome == "found"


def test_a_stated_accuracy_reaches_beyond_the_band() -> None:
    assert where(point(0.018, 0.01)).outcome == "found"
    assert named(where(point(0.018, 0.01, accuracy_m=200))) == ["T01", "T02"]


def test_a_position_known_to_no_more_than_a_county_does_not_locate_and_says_so() -> None:
    located = where(point(0.01, 0.01, accuracy_m=60_000))
    assert (located.outcome, codes(located)) == ("unknown", ["point-vague"])


def test_a_point_on_a_shared_edge_belongs_to_the_lower_code() -> None:
    located = where(point(0.02, 0.01), WITHOUT_BAND)
    assert (located.outcome, located.municipality, named(located)) == ("found", "T01", ["T01"])


def test_a_vertex_of_three_belongs_to_the_same_one_in_every_order_of_the_outlines() -> None:
    turned = collection(*(outline(code, OUTLINES[code]) for code in reversed(OUTLINES)))
    release = release_of(places=turned, territory=TERRITORY.replace("border_band_m: 50", "border_band_m: 0"))
    assert release.version == WITHOUT_BAND.version
    assert (
        where(point(0.02, 0.02), release).municipality == where(point(0.02, 0.02), WITHOUT_BAND).municipality == "T01"
    )


def test_with_a_band_a_vertex_of_three_names_all_three() -> None:
    assert named(where(point(0.02, 0.02))) == ["T01", "T02", "T03"]


def test_a_code_chooses_among_what_the_point_leaves_open() -> None:
    located = where(point(0.0199, 0.01, municipality_code="T02"))
    assert (located.outcome, located.municipality) == ("found", "T02")


def test_a_code_against_the_point_is_held_with_both_named() -> None:
    located = where(point(0.01, 0.01, municipality_code="T03"))
    assert (located.outcome, named(located), located.is_incomplete) == ("ambiguous", ["T01", "T03"], False)
    assert located.reasons[-1].details == {"given": "T03", "point": "T01", "stated": "T03"}


@pytest.mark.parametrize(("place", "here"), [(point(1, 1, municipality_code="T03"), [None, "T03"])])
def test_a_code_of_ours_with_a_point_outside_is_held(place: Where, here: list[str | None]) -> None:
    assert (where(place).outcome, named(where(place))) == ("ambiguous", here)


def test_a_code_from_elsewhere_with_a_point_inside_is_held() -> None:
    located = where(point(0.01, 0.01, municipality_code="X99"))
    assert (located.outcome, named(located)) == ("ambiguous", ["T01", None])


def test_a_code_and_a_point_from_elsewhere_agree_that_it_is_outside() -> None:
    assert where(point(1, 1, municipality_code="X99")).outcome == "outside"


def test_a_name_against_the_point_is_told_and_does_not_decide() -> None:
    located = where(point(0.01, 0.01, municipality_name="Bourg-le-Haut"))
    assert (located.outcome, located.municipality, codes(located)[-1]) == ("found", "T01", "name-differs")


@pytest.mark.parametrize(
    ("place", "outcome", "municipality", "reason"),
    [
        (Where(municipality_code="T02"), "found", "T02", "code-given"),
        (Where(municipality_code="33063"), "outside", None, "code-elsewhere"),
        (Where(postal_code="99100"), "found", "T01", "postal-unique"),
        (Where(postal_code="99 100"), "found", "T01", "postal-unique"),
        (Where(postal_code="99200"), "ambiguous", None, "postal-shared"),
        (Where(postal_code="99300"), "unknown", None, "postal-shared"),  # shared with a town outside
        (Where(postal_code="99109"), "unknown", None, "postal-cedex"),
        (Where(postal_code="75001"), "unknown", None, "postal-unknown"),
        (Where(postal_code="75001", municipality_name="Bourg-le-Haut"), "unknown", None, "postal-unknown"),
        (Where(postal_code="99200", municipality_name="Bourg le Haut"), "found", "T02", "name-given"),
        (Where(postal_code="99200", municipality_name="Ars"), "found", "T04", "name-given"),
        (Where(postal_code="99100", municipality_name="Bourg-le-Haut"), "ambiguous", None, "postal-differs"),
        (Where(postal_code="99100", municipality_name="Nowhere"), "unknown", None, "postal-differs"),
        (Where(postal_code="99109", municipality_name="Bourg-le-Haut"), "found", "T02", "name-given"),
        (Where(municipality_name="Bourg le Haut CEDEX 9"), "unknown", None, "postal-cedex"),
        (Where(municipality_name="BOURG LE HAUT"), "found", "T02", "name-given"),
        (Where(municipality_name="bour le haut"), "found", "T02", "name-given"),
        (Where(municipality_name="Crete St Jean"), "found", "T03", "name-given"),
        (Where(municipality_name="Crête"), "found", "T03", "name-given"),  # a short form
        (Where(municipality_name="Ars"), "unknown", None, "name-short"),
        (Where(municipality_name="Libourne"), "unknown", None, "name-unknown"),
        (Where(address="1 rue Haute"), "unknown", None, "address-unread"),
        (Where(), "unknown", None, "place-missing"),
    ],
)
def test_words_and_codes_locate_only_what_they_name(
    place: Where, outcome: str, municipality: str | None, reason: str
) -> None:
    located = where(place)
    assert (located.outcome, located.municipality, codes(located)[-1]) == (outcome, municipality, reason)


def test_without_boundaries_a_point_alone_is_not_enough_and_that_is_said() -> None:
    located = where(point(0.01, 0.01), WITHOUT_BOUNDARIES)
    assert (located.outcome, codes(located)[0]) == ("unknown", "point-without-boundaries")


def test_without_boundaries_the_code_decides_and_the_layer_is_still_seen() -> None:
    located = where(point(0.01, 0.005, municipality_code="T01"), WITHOUT_BOUNDARIES)
    assert (located.outcome, located.municipality, located.layers) == ("found", "T01", frozenset({"rocade"}))


@pytest.mark.parametrize(
    ("y", "accuracy_m", "certain", "perhaps"),
    [
        (0.005, None, {"rocade"}, ()),
        (0.00515, None, {"rocade"}, ()),  # 17 m from the middle of 40 m
        (0.0053, None, set(), ()),  # 33 m from it: the border band is not for layers
        (0.0053, 20, set(), ("rocade",)),
        (0.00515, 20, set(), ("rocade",)),
    ],
)
def test_a_corridor_is_as_wide_as_it_says(
    y: float, accuracy_m: float | None, certain: set[str], perhaps: tuple[str, ...]
) -> None:
    located = where(point(0.01, y, accuracy_m))
    assert (located.layers, located.layers_near) == (certain, perhaps)


def test_a_boundary_holds_on_the_days_that_it_names() -> None:
    before = outline("T02", OUTLINES["T02"], valid_to="2026-12-31")
    after = outline("T02", [[square(0.02, 0, 0.025, 0.02)]], valid_from="2027-01-01")
    rest = [outline(code, OUTLINES[code]) for code in ("T01", "T03", "T04")]
    release = release_of(places=collection(before, after, *rest))
    place = point(0.04, 0.015)
    assert locate(release, place, datetime(2026, 12, 31, 22, 59, tzinfo=UTC)).municipality == "T02"
    assert locate(release, place, datetime(2026, 12, 31, 23, 1, tzinfo=UTC)).outcome == "outside"


def test_coordinates_that_are_no_numbers_do_not_locate() -> None:
    assert where(Where(lat=float("nan"), lon=0.01)).outcome == "unknown"
