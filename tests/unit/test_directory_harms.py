"""Do the harms that other systems did to people stay undone here? Each test is named after one."""

import json
from datetime import UTC, datetime

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Compiled, Decision, Release, Where, compile_pack, decide, differences, locate, parse_pack
from libs.operate.packs import SHIPPED, read_pack
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import (
    AT,
    OUTLINES,
    ask,
    collection,
    corridor,
    decided,
    files,
    outline,
    point,
    release_of,
    square,
)

SMALL = release_of()
NO_BAND = packs.TERRITORY.replace("border_band_m: 50", "border_band_m: 0")
NEW_YEARS_EVE = datetime(2026, 12, 31, 12, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, 12, tzinfo=UTC)


def compiled(**changes: str | None) -> Compiled:
    return compile_pack(parse_pack(files(**changes)))


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


# 1: a point exactly on a shared edge, or on the vertex of three, fell between all of them.


TURNED = release_of(
    territory=NO_BAND, places=collection(*(outline(code, OUTLINES[code]) for code in reversed(OUTLINES)))
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["T01/T02", "T01/T03", "T02/T03", "T02/T04"]), st.integers(0, 10_000))
def test_a_point_on_a_shared_edge_is_never_nobodys_and_always_the_same_ones(border: str, share: int) -> None:
    along = share / 10_000
    x, y = {
        "T01/T02": (0.02, 0.02 * along),
        "T01/T03": (0.02 * along, 0.02),
        "T02/T03": (0.02 + 0.03 * along, 0.02),
        "T02/T04": (0.03 + 0.005 * along, 0.008),
    }[border]
    located = locate(TURNED, point(round(x, 7), round(y, 7)), AT)
    assert located.outcome == "found"
    assert located.municipality == border.split("/")[0] or share in (0, 10_000)  # the lower code; at a corner a third


BRUME_FILES = read_pack(SHIPPED / "val-de-brume")
BRUME = compile_pack(parse_pack(BRUME_FILES)).release
WHOLE = shapely.union_all(
    [shapely.geometry.shape(one["geometry"]) for one in json.loads(BRUME_FILES["places.geojson"])["features"]]
)


@settings(max_examples=300, deadline=None)
@given(st.floats(2.70, 2.95), st.floats(46.69, 46.82))
def test_no_point_inside_a_territory_falls_between_its_municipalities(lon: float, lat: float) -> None:
    assert BRUME is not None
    located = locate(BRUME, Where(lat=lat, lon=lon), AT)
    is_inside = bool(shapely.intersects_xy(WHOLE, lon, lat))
    assert is_inside == (located.municipality is not None)
    assert not is_inside or located.outcome in ("found", "ambiguous")


# 2: a road that is itself the border could be reported from neither side.


def test_a_road_along_the_border_has_its_owner_on_both_sides() -> None:
    along = {"type": "LineString", "coordinates": [[0.001, 45.02], [0.049, 45.02]]}
    road = {"type": "Feature", "properties": {"width_m": 20}, "geometry": along}
    release = release_of(rocade=collection(road))
    for x, y in ((0.01, 0.02005), (0.01, 0.01995), (0.01, 0.02), (0.03, 0.02)):
        assert decided(release, "pothole", point(x, y)) == "state-roads"


def test_beside_such_a_road_a_lamp_still_has_two_possible_owners() -> None:
    decision = decide(SMALL, ask("lamp", point(0.01, 0.02)))
    assert decision.outcome == "ambiguous"
    assert "Aval" in decision.sentence["en"]
    assert "Crête-Saint-Jean" in decision.sentence["en"]


# 3: three metres inside, with twenty metres of error, was sent to one side as if it were sure.


def test_three_metres_inside_with_twenty_metres_of_error_is_not_sure() -> None:
    release = release_of(territory=NO_BAND)
    near = 0.02 - 3 / 78_847  # metres in a degree of longitude here
    assert decide(release, ask("lamp", point(near, 0.01))).outcome == "routed"
    decision = decide(release, ask("lamp", point(near, 0.01, accuracy_m=20)))
    assert decision.outcome == "ambiguous"
    assert [reason.details["distance_m"] for reason in decision.reasons if reason.code == "near-border"] == [3.0]


# 4: rivers, piers, holes and islands were outside, or belonged to whoever surrounds them.


def test_an_island_across_the_water_and_an_enclave_belong_to_their_own() -> None:
    assert decided(SMALL, "lamp", point(0.0075, -0.0075)) == "aval-accueil"
    assert decided(SMALL, "lamp", point(0.0325, 0.010)) == "douve-accueil"


def test_a_pier_just_beyond_the_shore_is_looked_at_by_a_person() -> None:
    decision = decide(SMALL, ask("lamp", point(0.0075, -0.0048)))
    assert (decision.outcome, decision.reasons[1].details["code"]) == ("ambiguous", "T01")


# 5: two competences overlapped, and the order of rows decided.


def test_two_roads_that_cross_need_different_priorities() -> None:
    rows = packs.COMPETENCES + "P3,pothole,layer:avenue,,metro,metro-voirie,0,,,\n"
    both = {**files(competences=rows), "layers/avenue.geojson": collection(corridor(y=0.005, width_m=10))}
    assert [finding.code for finding in compile_pack(parse_pack(both)).errors] == ["rules-equal"]
    ranked = {**both, "competences.csv": rows.replace("metro-voirie,0,,,\n", "metro-voirie,1,,,\n")}
    release = compile_pack(parse_pack(ranked)).release
    assert release is not None
    assert decided(release, "pothole", point(0.01, 0.005)) == "metro-voirie"


def test_overlapping_competences_are_decided_alike_in_any_order_of_rows() -> None:
    head, *rows = packs.COMPETENCES.splitlines()
    backwards = release_of(competences="\n".join([head, *reversed(rows)]) + "\n")
    assert backwards.to_bytes() == SMALL.to_bytes()


# 6: an uncovered service fell into a default queue that nobody read.


def test_an_uncovered_service_says_so_and_names_nobody() -> None:
    rows = packs.COMPETENCES.replace("L1,lamp,*", "L1,lamp,municipality:T01")
    decision = decide(release_of(competences=rows), ask("lamp", point(0.04, 0.015)))
    assert (decision.outcome, decision.department, codes(decision)[-1]) == ("uncovered", None, "no-rule")
    assert decision.municipality is not None


# 7: a rule edited between intake and routing changed what had been promised.


def test_a_request_is_decided_by_the_release_it_was_accepted_under() -> None:
    stamped = Release.from_bytes(SMALL.to_bytes())
    before = decide(stamped, ask("lamp", point(0.01, 0.01))).as_dict()
    edited = release_of(competences=packs.COMPETENCES.replace("L1,lamp,*,,@municipality", "L1,lamp,*,,metro"))
    assert decide(edited, ask("lamp", point(0.01, 0.01))).as_dict()["release"] != before["release"]
    assert decide(Release.from_bytes(SMALL.to_bytes()), ask("lamp", point(0.01, 0.01))).as_dict() == before


# 8: after a merger, old requests were decided by the new map, and old codes broke.


def merged() -> Release:
    """Aval and Bourg-le-Haut become Confluent on 1 January 2027; everything older stays readable."""
    west_and_east = [[square(0, 0, 0.05, 0.02), square(0.03, 0.008, 0.035, 0.012)], OUTLINES["T01"][1]]
    authorities = packs.AUTHORITIES.replace("metro,1000,,", "metro,1000,,2026-12-31").replace(
        "metro,2000,,", "metro,2000,,2026-12-31"
    )
    return release_of(
        authorities=authorities + "confluent,municipality,T05,Confluent,Confluent,metro,3000,2027-01-01,\n",
        departments=packs.DEPARTMENTS + "confluent-accueil,confluent,accueil,Mairie,Hall,,m@confluent.example,,,\n",
        competences=packs.COMPETENCES.replace("municipality:T02", "municipality:T03"),
        postal=packs.POSTAL + "99100,T05,0\n99200,T05,0\n",
        places=collection(
            *(outline(code, OUTLINES[code], valid_to="2026-12-31") for code in ("T01", "T02")),
            outline("T05", west_and_east, valid_from="2027-01-01"),
            *(outline(code, OUTLINES[code]) for code in ("T03", "T04")),
        ),
    )


def test_a_request_from_before_a_merger_keeps_its_owner_and_an_update_gets_the_new_one() -> None:
    release = merged()
    assert decided(release, "lamp", point(0.01, 0.01), NEW_YEARS_EVE) == "aval-accueil"
    assert decided(release, "lamp", point(0.01, 0.01), NEW_YEAR) == "confluent-accueil"
    assert decided(release, "lamp", Where(postal_code="99100"), NEW_YEARS_EVE) == "aval-accueil"
    assert decided(release, "lamp", Where(postal_code="99100"), NEW_YEAR) == "confluent-accueil"


def test_the_old_border_ends_with_the_merger() -> None:
    release = merged()
    assert decided(release, "lamp", point(0.0199, 0.01), NEW_YEARS_EVE) == "ambiguous"
    assert decided(release, "lamp", point(0.0199, 0.01), NEW_YEAR) == "confluent-accueil"


def test_a_code_from_before_a_merger_is_told_to_have_ended() -> None:
    decision = decide(merged(), ask("lamp", Where(municipality_code="T01"), at=NEW_YEAR))
    assert (decision.outcome, codes(decision)[0]) == ("unclear", "code-expired")
    decision = decide(merged(), ask("lamp", point(0.01, 0.01, municipality_code="T01"), at=NEW_YEAR))
    assert (decision.outcome, decision.department and decision.department.code) == ("routed", "confluent-accueil")


# 9: a department was renamed or closed while it had open requests.


def test_a_closed_department_keeps_what_it_had_and_gets_nothing_new() -> None:
    rows = packs.DEPARTMENTS.replace("voirie@metro.example,,,", "voirie@metro.example,,,2026-12-31")
    release = release_of(departments=rows + "metro-rues,metro,voirie,Rues,Streets,,rues@metro.example,,2027-01-01,\n")
    assert decided(release, "pothole", point(0.01, 0.01), NEW_YEARS_EVE) == "metro-voirie"
    assert decided(release, "pothole", point(0.01, 0.01), NEW_YEAR) == "metro-rues"
    assert release.departments["metro-voirie"].email == "voirie@metro.example"  # still to be written to


def test_a_renamed_department_is_the_same_department() -> None:
    (change,) = differences(SMALL, release_of(departments=packs.DEPARTMENTS.replace("Voirie,Roads", "Rues,Streets")))
    assert (change.kind, change.subject, change.details["field"]) == ("department", "metro-voirie", "names")


# 10: after a person's choice, another place sent the request back to a department that had refused it.


def test_a_new_place_never_leads_back_to_those_who_refused() -> None:
    refused = ("aval-accueil",)
    moved = decide(SMALL, ask("lamp", point(0.04, 0.015), refusers=refused))
    assert moved.department is not None
    assert moved.department.code == "bourg-accueil"
    back = decide(SMALL, ask("lamp", point(0.01, 0.01), refusers=refused))
    assert (back.outcome, codes(back)[-1]) == ("uncovered", "all-refused")


# 11: another category belonged to another town's people, and stayed where it was.


def test_another_service_is_decided_anew_as_of_the_same_day() -> None:
    place = point(0.04, 0.015)
    assert decided(SMALL, "lamp", place) == "bourg-accueil"
    assert decided(SMALL, "graffiti", place, owner="private") == "metro-accueil"
    assert decided(SMALL, "pothole", place) == "metro-voirie"


# 22: one edit sent every request of a city to the default folder, until a user complained.


def test_an_edit_that_sends_everything_to_one_desk_is_seen_before_it_is_published() -> None:
    golden = "case,service,municipality_code,outcome,department\nHole,pothole,T01,routed,metro-voirie\n"
    drifted = packs.COMPETENCES.replace("P1,pothole,*,,metro,@decides:voirie", "P1,pothole,*,,metro,metro-accueil")
    found = compiled(golden=golden, competences=drifted)
    assert found.release is None
    assert [finding.code for finding in found.errors] == ["golden-failed"]
    assert found.draft is not None
    assert [change.text["en"] for change in differences(SMALL, found.draft)] == [
        "Pothole everywhere: done by Roads → Metropolis desk"
    ]


@pytest.mark.parametrize("broken", ["acts-nobody", "rule-removed", "never-valid"])
def test_a_rule_that_stops_working_leaves_its_requests_uncovered_never_at_the_desk(broken: str) -> None:
    rule = "L1,lamp,*,,@municipality,@decides:voirie,0,,,\n"
    rows = {
        "acts-nobody": packs.COMPETENCES.replace(rule, "L1,lamp,*,,state,@decides:lampes,0,,,\n"),
        "rule-removed": packs.COMPETENCES.replace(rule, ""),
        "never-valid": packs.COMPETENCES.replace(rule, rule.replace("0,,,", "0,2027-01-02,2027-01-01,")),
    }[broken]
    found = compiled(competences=rows)
    assert {finding.code for finding in found.findings} & {"rule-without-department", "pair-uncovered"}
    assert found.draft is not None
    assert decide(found.draft, ask("lamp", point(0.01, 0.01))).outcome == "uncovered"


# 24: a deadline over a holiday, a weekend and a change of clocks was a day, or an hour, off.


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-04-02T15:00+00:00", "2026-04-10T21:59:59+00:00"),  # Easter Monday, two weekends in summer time
        ("2026-03-26T15:00+00:00", "2026-04-02T21:59:59+00:00"),  # the clocks go forward in between
        ("2026-10-22T15:00+00:00", "2026-10-29T22:59:59+00:00"),  # and back
        ("2026-12-30T23:30+00:00", "2027-01-08T22:59:59+00:00"),  # accepted on the 31st by the territory's clock
    ],
)
def test_a_deadline_ends_with_a_working_day_of_the_territory(accepted: str, due: str) -> None:
    decision = decide(SMALL, ask("pothole", point(0.01, 0.01), at=datetime.fromisoformat(accepted)))
    assert decision.due == datetime.fromisoformat(due)
