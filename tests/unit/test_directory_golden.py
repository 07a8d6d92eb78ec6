"""Does a pack that no longer says what its people are sure of stay unpublished, and say which case went wrong?"""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from libs.directory import Compiled, compile_pack, parse_pack
from libs.operate.commands.directory import app
from libs.operate.output import Stopped
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import files

HEAD = "case,service,answers,at,lat,lon,municipality_code,outcome,municipality,authority,department,due\n"
ROAD = "Aval's roads,pothole,,,,,T01,routed,T01,metro,metro-voirie,\n"
HIGH = "Out of reach,graffiti,height_m = 9,,45.01,0.01,,routed,T01,metro,metro-voirie,\n"


def compiled(rows: str, **changes: str | None) -> Compiled:
    return compile_pack(parse_pack(files(golden=HEAD + rows, **changes)))


def counts(found: Compiled) -> tuple[int, int, int]:
    assert found.golden is not None
    return found.golden.passed, found.golden.failed, found.golden.waiting


def test_cases_that_come_out_as_they_say_are_counted() -> None:
    found = compiled(ROAD + HIGH)
    assert (found.findings, counts(found)) == ([], (2, 0, 0))


def test_a_rule_that_moves_a_case_keeps_the_pack_from_being_published() -> None:
    found = compiled(
        ROAD,
        competences=packs.COMPETENCES.replace("P1,pothole,*,,metro,@decides:voirie", "P1,pothole,*,,state,state-roads"),
    )
    (finding,) = found.findings
    assert (finding.code, finding.level, finding.file, finding.line) == ("golden-failed", "error", "golden.csv", 2)
    assert "Aval's roads: expected authority metro, got state; expected department metro-voirie" in finding.message
    assert found.release is None
    assert found.draft is not None  # which can still be looked at, and compared


def test_a_case_with_a_point_waits_for_boundaries() -> None:
    found = compiled(ROAD + HIGH, places=None)
    assert (found.findings, counts(found)) == ([], (1, 0, 1))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("x,pothole,,,45.01,,,routed,,,,", "both lat and lon"),
        ("x,graffiti,height_m > 9,,,,T01,routed,,,,", "written with ="),
        ("x,graffiti,height,,,,T01,routed,,,,", "comparison"),
        ("x,pothole,,tomorrow,,,T01,routed,,,,", "at “tomorrow”"),
        ("x,pothole,,,,,T01,done,,,,", "expected one of"),
        ("x,pothole,,,,,T01,routed,,,,2026-11-30", "depends on when it is asked"),
        (",pothole,,,,,T01,routed,,,,", "is empty"),
    ],
)
def test_a_case_that_cannot_be_read_is_told_with_its_line(row: str, says: str) -> None:
    found = compiled(f"{row}\n")
    (finding,) = found.findings
    assert (finding.file, finding.line, finding.level) == ("golden.csv", 2, "error")
    assert says in finding.message


def test_a_case_without_moment_is_asked_once_everything_has_taken_effect() -> None:
    rows = packs.COMPETENCES.replace(
        "L1,lamp,*,,@municipality,@decides:voirie,0,,,",
        "L1,lamp,*,,@municipality,@decides:voirie,0,,2026-12-31,\nL2,lamp,*,,metro,@decides:voirie,0,2027-01-01,,",
    )
    cases = "In the end,lamp,,,,,T01,routed,,metro,,\nBefore,lamp,,2026-12-31,,,T01,routed,,aval,,\n"
    assert counts(compiled(cases, competences=rows)) == (2, 0, 0)


def test_a_moment_is_on_the_territorys_clock_and_a_due_day_too() -> None:
    late = "Late in the day,pothole,,2026-11-23T23:59,,,T01,routed,,,,2026-11-30\n"
    other = "Elsewhere it is the next day,pothole,,2026-11-23T23:59+00:00,,,T01,routed,,,,2026-12-01\n"
    assert counts(compiled(late + other)) == (2, 0, 0)


def test_a_dash_expects_nobody() -> None:
    row = "No rule,graffiti,,,,,,unclear,-,-,-,\n"
    assert counts(compiled(row)) == (1, 0, 0)
    assert counts(compiled(row.replace("unclear,-,-,-", "unclear,T01,-,-"))) == (0, 1, 0)


def test_a_question_named_twice_has_several_answers() -> None:
    row = "Two owners,graffiti,owner = public and owner = private,,,,T02,routed,,metro,metro-accueil,\n"
    several = packs.SERVICES.replace("owner: {type: string}", "owner: {type: array, items: {type: string}}")
    assert counts(compiled(row, services=several)) == (1, 0, 0)


def test_publishing_refuses_before_it_looks_for_kafka(tmp_path: Path) -> None:
    for name, text in files(golden=HEAD + ROAD.replace("metro-voirie", "metro-accueil")).items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    refused = CliRunner().invoke(app, ["publish", str(tmp_path)])
    assert isinstance(refused.exception, Stopped)
    assert "nothing was published" in str(refused.exception)
