"""Do codes that are not a municipality's own, or no longer, still lead to it?"""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from libs.directory import Where, compile_pack, decide, differences, locate, parse_pack
from libs.directory.what_if import Comparison, Recorded
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, ask, codes_found, collection, files, outline, point, release_of

CODES = """\
code,municipality,relation,name_fr,name_en,valid_from,valid_to
T11,T01,part,Aval 1er Arrondissement,Aval 1st Ward,,
T12,T01,part,,,,
O02,T02,former,,,,
O09,T03,former,,,,
O09,T02,former,,,,
T04,T02,part,,,2020-01-01,2026-12-31
"""
# Ars was a part of Bourg-le-Haut until it became a municipality of its own again.
DIVIDED = packs.AUTHORITIES.replace("metro,50,,", "metro,50,2027-01-01,")
RELEASE = release_of(codes=CODES, authorities=DIVIDED)
NEXT_YEAR = datetime(2027, 2, 1, tzinfo=UTC)


def codes_of(place: Where, at: datetime = AT) -> tuple[str | None, list[str]]:
    located = locate(RELEASE, place, at)
    return located.municipality, [reason.code for reason in located.reasons]


@pytest.mark.parametrize(
    ("place", "municipality", "reasons"),
    [
        (Where(municipality_code="T11"), "T01", ["code-part"]),
        (Where(municipality_code="T11", postal_code="99100", municipality_name="Aval"), "T01", ["code-part"]),
        (Where(municipality_code="O02"), "T02", ["code-former"]),
        (point(0.01, 0.01, municipality_code="T12"), "T01", ["point-inside", "code-part"]),
        (point(0.0199, 0.01, municipality_code="O02"), "T02", ["point-inside", "near-border", "code-former"]),
        (Where(municipality_name="Aval 1er Arrondissement"), "T01", ["name-given"]),
        (Where(postal_code="99100", municipality_name="Aval 1st"), "T01", ["name-given"]),
    ],
)
def test_the_code_or_name_of_a_part_means_the_whole(place: Where, municipality: str, reasons: list[str]) -> None:
    assert codes_of(place) == (municipality, reasons)
    assert decide(RELEASE, ask("lamp", place)).outcome == "routed"


def test_the_code_of_a_part_against_the_point_is_held_with_both_named() -> None:
    located = locate(RELEASE, point(0.04, 0.015, municipality_code="T11"), AT)
    assert (located.outcome, [one.municipality for one in located.possible]) == ("ambiguous", ["T02", "T01"])


def test_a_code_comes_back_to_life_when_a_part_is_a_municipality_again() -> None:
    assert codes_of(Where(municipality_code="T04")) == ("T02", ["code-part"])
    assert codes_of(Where(municipality_code="T04"), NEXT_YEAR) == ("T04", ["code-given"])
    assert codes_of(Where(municipality_name="Ars", postal_code="99200"))[0] == "T02"


def test_the_code_of_a_divided_municipality_leaves_the_choice_to_other_clues() -> None:
    assert codes_of(Where(municipality_code="O09")) == (None, ["code-divided"])
    assert codes_of(Where(municipality_code="O09", municipality_name="Bourg-le-Haut"))[0] == "T02"
    assert codes_of(point(0.03, 0.025, municipality_code="O09"))[0] == "T03"


def test_a_whole_that_was_absorbed_itself_is_followed_to_the_one_that_took_it() -> None:
    authorities = packs.AUTHORITIES.replace("metro,1000,,", "metro,1000,,2026-12-31")
    rows = "code,municipality,relation,valid_from,valid_to\nT11,T01,part,,\nT01,T02,former,2027-01-01,\n"
    release = release_of(codes=rows, authorities=authorities)
    for code, at, municipality in (("T11", AT, "T01"), ("T11", NEXT_YEAR, "T02"), ("T01", NEXT_YEAR, "T02")):
        assert locate(release, Where(municipality_code=code), at).municipality == municipality
    assert locate(release, Where(postal_code="99100"), NEXT_YEAR).municipality == "T02"


def test_a_changed_official_code_needs_one_cell_and_one_line() -> None:
    """Outlines, postal codes, rules and golden cases that go by the old code stay right."""
    golden = "case,service,municipality_code,outcome,municipality\nold,lamp,T02,routed,T02\nnew,lamp,N02,routed,N02\n"
    pack = files(
        authorities=packs.AUTHORITIES.replace("bourg,municipality,T02", "bourg,municipality,N02"),
        codes="code,municipality,relation,valid_from,valid_to\nT02,N02,former,,\n",
        golden=golden,
    )
    release = compile_pack(parse_pack(pack)).release
    assert release is not None
    assert locate(release, point(0.04, 0.015), AT).municipality == "N02"
    assert locate(release, Where(postal_code="99200", municipality_name="Bourg-le-Haut"), AT).municipality == "N02"
    rules = {rule.id: rule.place for rule in release.rules}
    assert rules["G3"] == "N02"


def test_a_changed_official_code_is_one_difference_and_moves_nobodys_requests() -> None:
    new = release_of(
        authorities=packs.AUTHORITIES.replace("bourg,municipality,T02", "bourg,municipality,N02"),
        codes="code,municipality,relation,valid_from,valid_to\nT02,N02,former,,\n",
    )
    changes = differences(release_of(), new)
    assert [(one.kind, one.details) for one in changes] == [
        ("authority", {"field": "official_code", "old": "T02", "new": "N02"}),
        ("code", {"old": [], "new": ["N02 (former)"]}),
    ]
    comparison = Comparison(new)
    last_year = [Where(municipality_code="T02"), point(0.04, 0.015, municipality_code="T02")]
    comparison.add(release_of(), [Recorded(UUID(int=1), ask("lamp", place)) for place in last_year])
    assert (comparison.rules.compared, comparison.rules.unchanged) == (2, 2)


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("T11,T77,part,,", "code-unknown"),  # a whole that is not here
        ("T02,T01,part,,", "code-ambiguous"),  # a municipality's own code on all days
        ("T11,T01,part,,\nT11,T01,former,2026-01-01,", "code-twice"),
        ("T11,T01,part,2027-01-01,2026-01-01", "rule-never-valid"),
        ("T11,T01,twin,,", "value-invalid"),
    ],
)
def test_a_code_that_can_mean_nothing_is_told(line: str, finding: str) -> None:
    assert finding in codes_found(codes=f"code,municipality,relation,valid_from,valid_to\n{line}\n")


def test_postal_codes_by_part_make_one_line_of_the_whole_and_an_outline_of_a_part_is_refused() -> None:
    postal = packs.POSTAL + "99110,T11,0\n99110,T12,0\n"
    assert release_of(codes=CODES, authorities=DIVIDED, postal=postal).postal["99110"].municipalities == ("T01",)
    places = collection(
        *(outline(code, polygons) for code, polygons in {**packs.OUTLINES, "T11": packs.OUTLINES["T01"]}.items())
    )
    assert "code-unknown" in codes_found(codes=CODES, authorities=DIVIDED, places=places)
