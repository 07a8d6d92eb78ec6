"""Is it said in words what a pack would do differently, and nothing where it would do the same?"""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from libs.directory import Change, differences
from libs.directory.compare.phrases import TEXTS, WHEN
from libs.operate.commands.directory import app
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import OUTLINES, collection, corridor, outline, release_of, square
from tests.unit.test_directory_boundaries import folder

SMALL = release_of()
LAMP = "L1,lamp,*,,@municipality,@decides:voirie,0,,,"


def changes(**changed: str | None) -> list[Change]:
    return differences(SMALL, release_of(**changed))


def said(language: str = "en", **changed: str | None) -> list[str]:
    return [change.text[language] for change in changes(**changed)]


def rules(old: str, new: str) -> str:
    assert old in packs.COMPETENCES
    return packs.COMPETENCES.replace(old, new)


def test_the_same_pack_does_the_same() -> None:
    assert changes() == []


def test_an_owner_who_changes_on_a_date_is_told_with_the_date() -> None:
    moved = rules(LAMP, f"{LAMP}\nL2,lamp,municipality:T01,,metro,@decides:voirie,0,2027-01-01,,")
    assert said(competences=moved) == [
        "Street light out in Aval: decided by the commune → Country Metropolis, "
        "done by Aval town hall → Roads, from 2027-01-01"
    ]
    assert said("fr", competences=moved) == [
        "Lampadaire en panne (Aval) : décidé par la commune → Métropole du Pays, "
        "fait par Mairie d'Aval → Voirie, à partir du 2027-01-01"
    ]


def test_all_municipalities_are_everywhere_and_an_end_is_told() -> None:
    moved = rules(LAMP, f"{LAMP}\nL2,lamp,*,,metro,@decides:voirie,5,,2027-06-30,")
    assert said(competences=moved) == [
        "Street light out everywhere: decided by the commune → Country Metropolis, until 2027-06-30"
    ]


def test_rules_written_in_another_way_that_do_the_same_are_no_difference() -> None:
    each = "\n".join(f"L{n},lamp,municipality:T0{n},,@municipality,@decides:accueil,3,,," for n in (1, 2, 3, 4))
    assert said(competences=rules(LAMP, each)) == []


def test_only_the_answers_that_move_are_told() -> None:
    assert said(competences=rules("height_m > 4", "height_m > 3")) == [
        "Graffiti in Aval, Crête-Saint-Jean, Ars if height_m > 3 and height_m <= 4: "
        "decided by the commune → Country Metropolis",
        "Graffiti in Bourg-le-Haut if height_m > 3 and height_m <= 4, “owner” has another answer or none: "
        "decided by the commune → Country Metropolis, done by Bourg town hall → Roads",
    ]


def test_a_question_that_makes_no_difference_is_left_out_of_the_condition() -> None:
    high = rules("G2,graffiti,*,height_m > 4,metro,@decides:voirie", "G2,graffiti,*,height_m > 4,state,state-roads")
    here, in_bourg = changes(competences=high)
    assert (here.details["municipalities"], here.details["answers"]) == (["T01", "T03", "T04"], ["height_m > 4"])
    assert in_bourg.details["answers"] == ["height_m > 4 and owner: otherwise"]


def test_who_acts_is_told_when_the_same_authority_decides() -> None:
    assert said(competences=rules("P1,pothole,*,,metro,@decides:voirie", "P1,pothole,*,,metro,@decides:accueil")) == [
        "Pothole everywhere: done by Roads → Metropolis desk"
    ]


def test_a_rule_for_a_road_is_told_for_the_municipalities_that_the_road_crosses() -> None:
    moved = rules("P2,pothole,layer:rocade,,state,state-roads", "P2,pothole,layer:rocade,,metro,metro-accueil")
    assert said(competences=moved) == [
        "Pothole in Aval, Bourg-le-Haut on “rocade”: decided by State → Country Metropolis, "
        "done by National roads → Metropolis desk"
    ]


def test_a_road_that_moves_is_told_where_it_was_and_where_it_is() -> None:
    found = said(rocade=collection(corridor(y=0.025)))
    assert [text.partition(",")[0] for text in found[:2]] == [
        "Pothole in Aval",
        "Pothole in Crête-Saint-Jean on “rocade”: decided by Country Metropolis → State",
    ]
    assert "on “rocade”: decided by State → Country Metropolis" in found[0]


def test_a_road_on_which_nothing_changes_apart_is_not_told() -> None:
    apart = "G9,graffiti,layer:rocade,owner = state,state,state-roads,0,,,\n"
    moved = rules("G1,graffiti,*,,@municipality,@decides:proprete", "G1,graffiti,*,,metro,@decides:accueil") + apart
    found = differences(release_of(competences=packs.COMPETENCES + apart), release_of(competences=moved))
    assert found
    assert {change.details["layer"] for change in found} == {None}


def test_an_owner_taken_away_is_nobody() -> None:
    assert said(competences=rules(LAMP, "L1,lamp,municipality:T01,,@municipality,@decides:voirie,0,,,")) == [
        "Street light out in Bourg-le-Haut, Crête-Saint-Jean, Ars: decided by the commune → nobody"
    ]


def test_lists_and_endpoints_are_told_by_entry() -> None:
    found = changes(
        services=packs.SERVICES.replace("code: lamp", "code: light").replace("working_days: 5", "working_days: 3"),
        competences=packs.COMPETENCES.replace(",lamp,", ",light,"),
        departments=packs.DEPARTMENTS.replace("voirie@metro.example", "roads@metro.example")
        + "metro-eau,metro,eau,Eau,Water,,eau@metro.example,,,\n",
        postal=packs.POSTAL.replace("99300,@outside,0\n", ""),
        territory=packs.TERRITORY.replace("border_band_m: 50", "border_band_m: 40"),
    )
    assert [(one.kind, one.what, one.subject) for one in found] == [
        ("territory", "changed", "small"),
        ("service", "removed", "lamp"),
        ("service", "added", "light"),
        ("service", "changed", "pothole"),
        ("department", "added", "metro-eau"),
        ("department", "changed", "metro-voirie"),
        ("postal", "changed", "99300"),
    ]
    texts = [one.text["en"] for one in found]
    assert "territory Small Country (small): border_band_m 50.0 → 40.0" in texts
    assert "department Roads (metro-voirie): email voirie@metro.example → roads@metro.example" in texts
    assert "postal code 99300: T03, @outside → T03" in texts


def test_land_that_changes_hands_is_told_in_hectares_with_its_date() -> None:
    narrow = [square(0.02, 0, 0.05, 0.02), square(0.03, 0.008, 0.035, 0.012)]
    west, east = [[square(0, 0, 0.025, 0.02)], OUTLINES["T01"][1]], [[square(0.025, 0, 0.05, 0.02), narrow[1]]]
    before = [outline(code, OUTLINES[code], valid_to="2026-12-31") for code in ("T01", "T02")]
    after = [outline("T01", west, valid_from="2027-01-01"), outline("T02", east, valid_from="2027-01-01")]
    rest = [outline(code, OUTLINES[code]) for code in ("T03", "T04")]
    (change,) = changes(places=collection(*before, *after, *rest))
    assert change.text["en"] == "boundary: 87.61 ha go from Bourg-le-Haut to Aval, from 2027-01-01"
    assert change.details["hectares"] == 87.61


def test_outlines_that_a_pack_gains_are_counted() -> None:
    (change,) = differences(release_of(places=None), SMALL)
    assert (change.kind, change.what, change.details) == ("boundary", "added", {"municipalities": 4})


def test_a_road_drawn_wider_is_told_in_hectares() -> None:
    (change,) = changes(rocade=collection(corridor(width_m=60)))
    assert (change.kind, change.subject, change.details["hectares_removed"]) == ("layer", "rocade", 0.0)
    assert change.details["hectares_added"] > 7


def test_the_command_answers_scripts_and_people(tmp_path: Path) -> None:
    old = folder(tmp_path / "old")
    new = folder(tmp_path / "new", competences=rules(LAMP, f"{LAMP}\nL2,lamp,*,,metro,@decides:voirie,5,,2027-06-30,"))
    arguments = ["diff", str(old), str(new)]
    report: dict[str, Any] = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    (change,) = report["changes"]
    assert (report["count"], change["kind"], change["details"]["valid_to"]) == (1, "owner", "2027-06-30")
    assert change["details"]["old"]["T01"] == {"authority": "aval", "department": "aval-accueil", "rule": "L1"}
    assert "jusqu'au 2027-06-30" in CliRunner().invoke(app, arguments).stdout
    assert "until 2027-06-30" in CliRunner().invoke(app, [*arguments, "--language", "en"]).stdout
    assert "same" in CliRunner().invoke(app, [*arguments, "--since", "2027-07-01"]).stdout


def test_a_pack_that_fails_its_golden_cases_can_still_be_compared(tmp_path: Path) -> None:
    golden = "case,service,municipality_code,outcome,authority\nLamps,lamp,T01,routed,state\n"
    found = CliRunner().invoke(
        app, ["diff", str(folder(tmp_path / "old")), str(folder(tmp_path / "new", golden=golden))]
    )
    assert (found.exit_code, "same" in found.stdout) == (0, True)


def test_every_text_about_a_change_exists_in_the_shipped_languages() -> None:
    for key, texts in {**TEXTS, **WHEN}.items():
        assert key in ("", "as-is") or {"fr", "en", "sv"} <= set(texts), key
