"""Is what an author writes in YAML what is meant, and is each choice one that can be chosen?"""

import pytest

from libs.directory import Compiled, compile_pack, parse_pack
from services.intake.rules import answers_refusal
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import codes_found, files


def compiled(services: str, **more: str) -> Compiled:
    return compile_pack(parse_pack(files(services=services, competences=COMPETENCES, rocade=None, **more)))


COMPETENCES = (
    "id,service,where,condition,decides,acts,priority,valid_from,valid_to,basis\nP,tree,*,,metro,@decides:voirie,0,,,\n"
)
TREE = """\
- code: tree
  names: {{fr: Arbre, en: Tree}}
  questions:
    type: object
    properties:
      own: {{type: {kind}, oneOf: [{{const: {one}}}, {{const: {other}}}]}}
"""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("yes", "no"),
        ("Yes", "NO"),
        ("on", "off"),
        ("010", "011"),
        ("12:30", "14:00"),
        ("2026-01-01", "2026-12-31"),
        ("0x1F", "1_000"),
        ("1e3", "07"),
    ],
)
def test_a_choice_without_quotes_is_the_text_that_stands_there_and_check_asks_for_quotes(one: str, other: str) -> None:
    pack = compiled(TREE.format(kind="string", one=one, other=other))
    assert {(each.code, each.line, each.level) for each in pack.findings} <= {("yaml-unquoted", 6, "warning")}
    assert pack.release is not None
    assert [answers_refusal(pack.release, "tree", {"own": each}) for each in (one, other)] == [None, None]
    quoted = compiled(TREE.format(kind="string", one=f'"{one}"', other=f"'{other}'"))
    assert quoted.findings == []
    assert quoted.release is not None
    assert quoted.release.version == pack.release.version


def test_yes_and_no_are_told_at_their_line() -> None:
    findings = compiled(TREE.format(kind="string", one="yes", other="no")).findings
    assert [each.message.split()[0] for each in findings] == ["no", "yes"]
    assert all("quote it" in each.remedy for each in findings)


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("string", "true", "false"),
        ("string", "1", "2"),
        ("string", "1.10", "1.20"),
        ("integer", '"1"', '"2"'),
        ("integer", "010", "011"),
        ("string", "same", "same"),
        ("string", "null", "~"),
    ],
)
def test_a_choice_that_no_answer_fits_is_an_error(kind: str, one: str, other: str) -> None:
    pack = compiled(TREE.format(kind=kind, one=one, other=other))
    assert [each.code for each in pack.errors] == ["choice-impossible", "choice-impossible"]


def test_codes_and_words_keep_their_zeros_and_are_no_truth_values() -> None:
    services = "- code: 0123\n  names: {fr: Non, en: no}\n  words: {fr: [oui], en: [yes, on]}\n  urgent: no\n"
    pack = parse_pack(files(services=services))
    assert [entry["code"] for entry in pack.services] == ["0123"]
    assert pack.services[0]["words"]["en"] == ["yes", "on"]
    assert pack.services[0]["names"]["en"] == "no"
    assert pack.services[0]["urgent"] is False
    assert [each.code for each in pack.findings] == ["yaml-unquoted"] * 5


def test_norway_is_a_country() -> None:
    territory = packs.TERRITORY.replace("{country: FR}", "{country: NO}")
    pack = compile_pack(parse_pack(files(territory=territory)))
    assert [(each.code, each.file, each.line) for each in pack.findings] == [("yaml-unquoted", "territory.yaml", 5)]
    assert pack.release is not None
    assert "2026-05-17" not in pack.release.row("calendar")["closed"]  # a Sunday
    assert "2027-05-17" in pack.release.row("calendar")["closed"]


def test_a_number_stays_one_where_a_number_is_meant() -> None:
    territory = packs.TERRITORY.replace("border_band_m: 50", "border_band_m: 1_000").replace(
        "desk:", "hops_max: 5\ndesk:"
    )
    pack = parse_pack(files(territory=territory))
    assert pack.territory is not None
    assert (pack.territory["border_band_m"], pack.territory["hops_max"]) == (1000.0, 5)


GOLDEN = "case,service,answers,municipality_code,outcome\n"
ASKED = """\
- code: tree
  names: {fr: Arbre, en: Tree}
  questions:
    type: object
    required: [own]
    properties:
      own: {type: string, oneOf: [{const: "yes"}, {const: "no"}]}
      height_m: {type: number, minimum: 0}
      risky: {type: boolean}
      near: {type: array, items: {type: string, oneOf: [{const: road}, {const: wires}]}}
"""


@pytest.mark.parametrize("answers", ["", "own = yes", "height_m = 6.5", "risky = true", "near = road and near = wires"])
def test_a_golden_case_is_held_against_the_question(answers: str) -> None:
    assert compiled(ASKED, golden=GOLDEN + f"one,tree,{answers},T01,routed\n").errors == []


@pytest.mark.parametrize(
    "answers",
    [
        "own = true",
        "height_m = tall",
        "height_m = -1",
        "risky = yes",
        "near = river",
        "unasked = 1",
        "own = yes and own = no",
    ],
)
def test_a_golden_case_whose_answer_nobody_can_give_fails(answers: str) -> None:
    (error,) = compiled(ASKED, golden=GOLDEN + f"one,tree,{answers},T01,routed\n").errors
    assert (error.code, error.file) == ("golden-failed", "golden.csv")
    assert answers.split()[0] in error.message


def test_the_shipped_forms_of_yaml_raise_no_doubt() -> None:
    assert codes_found() == []
