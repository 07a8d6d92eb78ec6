"""Do the benchmarks keep the fields that scripts read, and does what they measure really decide?"""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from libs.operate.commands.bench import app

FIELDS = {"name", "figure", "unit", "floors", "ratios", "seconds", "machine", "cases"}
KINDS = ["code_point", "postal_name", "name", "name_typo", "text"]


def bench(*arguments: str) -> dict[str, Any]:
    result = CliRunner().invoke(app, ["route", *arguments, "--json"])
    assert result.exception is None, result.exception
    fields: dict[str, Any] = json.loads(result.stdout)
    return fields


@pytest.fixture(scope="module")
def compared() -> dict[str, Any]:
    return bench("--municipalities", "60", "--seconds", "1", "--seed", "3")


def test_the_answer_has_the_fields_of_every_benchmark(compared: dict[str, Any]) -> None:
    assert set(compared) == FIELDS
    assert (compared["name"], compared["unit"]) == ("route", "decisions/s")
    assert all(set(floor) == {"name", "figure"} for floor in compared["floors"])
    assert set(compared["machine"]) == {"processor", "cores", "system", "python"}
    numbers = [compared["figure"], compared["seconds"], *compared["ratios"].values()]
    assert all(number > 0 for number in numbers + [floor["figure"] for floor in compared["floors"]])


def test_both_territories_are_asked_every_kind_of_question(compared: dict[str, Any]) -> None:
    asked = [(case["name"], case["municipalities"]) for case in compared["cases"]]
    assert asked == [(kind, size) for kind in KINDS for size in (28, 60)]
    assert all(case["decisions"] >= 500 and case["figure"] > 0 and case["events"] > 0 for case in compared["cases"])


def test_the_calmest_batches_are_no_slower_than_all_of_them(compared: dict[str, Any]) -> None:
    assert all(case["calm"] >= case["figure"] * 0.999 for case in compared["cases"])


def test_the_ratios_are_those_of_the_figures_beside_them(compared: dict[str, Any]) -> None:
    figures = {(case["name"], case["municipalities"]): case["figure"] for case in compared["cases"]}
    floors = {floor["name"]: floor["figure"] for floor in compared["floors"]}
    events = {(case["name"], case["municipalities"]): case["events"] for case in compared["cases"]}
    expected = {f"grown_{kind}": figures[kind, 28] / figures[kind, 60] for kind in KINDS}
    expected |= {f"grown_events_{kind}": events[kind, 28] / events[kind, 60] for kind in KINDS}
    calm = {(case["name"], case["municipalities"]): case["calm"] for case in compared["cases"]}
    expected |= {f"grown_calm_{kind}": calm[kind, 28] / calm[kind, 60] for kind in KINDS}
    expected |= {name: figures["code_point", 60] / figure for name, figure in floors.items()}
    assert compared["figure"] == figures["code_point", 60]
    assert compared["ratios"] == pytest.approx(expected, abs=1e-4)


def test_a_pack_with_outlines_is_measured_as_it_is() -> None:
    alone = bench("--territory", "val-de-brume", "--seconds", "1")
    assert {case["municipalities"] for case in alone["cases"]} == {6}
    assert set(alone["ratios"]) == {"tree_batched", "tree_one_by_one"}


@pytest.mark.parametrize("wrong", [["--municipalities", "50001"], ["--seconds", "601"], ["--seconds", "0"]])
def test_what_is_beyond_the_limits_is_wrong_use(wrong: list[str]) -> None:
    assert CliRunner().invoke(app, ["route", *wrong]).exit_code == 2
