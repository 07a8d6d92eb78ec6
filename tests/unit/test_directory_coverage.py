"""Is a pack judged by what its rules do: holes in time and between answers, rules that never win, empty offices?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Compiled, Release, compile_pack, parse_pack
from libs.directory.competence import Circumstances, Spot
from libs.operate.packs import SHIPPED, read_pack
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, collection, corridor, files, release_of

VAL_DE_BRUME = read_pack(SHIPPED / "val-de-brume")
SERVICES_ASKING = packs.SERVICES.replace("- code: lamp\n", "- code: lamp\n  questions: {}\n").replace(
    "questions: {}",
    "questions: {type: object, required: [q], properties: {q: {oneOf: [{const: a}, {const: b}]}}}",
)
L1 = "L1,lamp,*,,@municipality,@decides:voirie,0,,,\n"


def compiled(**changes: str | None) -> Compiled:
    return compile_pack(parse_pack(files(**changes)))


def messages(code: str, **changes: str | None) -> list[str]:
    return [finding.message for finding in compiled(**changes).findings if finding.code == code]


def rules(*rows: str, without: str = L1) -> str:
    assert without in packs.COMPETENCES
    return packs.COMPETENCES.replace(without, "") + "".join(f"{row}\n" for row in rows)


def test_a_gap_between_two_rules_is_a_hole_with_its_days() -> None:
    rows = rules("L1,lamp,*,,metro,metro-accueil,0,,2026-12-31,", "L2,lamp,*,,metro,metro-voirie,0,2027-02-01,,")
    assert messages("pair-uncovered", competences=rows) == [
        "lamp: nobody owns it in aval, bourg, crete, douve, from 2027-01-01 until 2027-01-31"
    ]


def test_the_time_before_a_services_first_rule_is_no_hole() -> None:
    rows = rules("L1,lamp,*,,metro,metro-accueil,0,2026-03-01,,")
    assert messages("pair-uncovered", competences=rows) == []


def test_a_service_that_ends_without_successor_is_a_hole() -> None:
    rows = rules("L1,lamp,*,,metro,metro-accueil,0,,2030-12-31,")
    assert messages("pair-uncovered", competences=rows) == [
        "lamp: nobody owns it in aval, bourg, crete, douve, from 2031-01-01"
    ]


def test_an_answer_that_leads_to_nobody_is_a_hole() -> None:
    rows = rules("L1,lamp,*,q = a,metro,metro-accueil,0,,,")
    said = messages("pair-uncovered", competences=rows, services=SERVICES_ASKING)
    assert said == ["lamp: nobody owns it in aval, bourg, crete, douve, when answered “q != a”"]


def test_a_required_question_with_a_rule_for_each_choice_leaves_no_hole() -> None:
    rows = rules("L1,lamp,*,q = a,metro,metro-accueil,0,,,", "L2,lamp,*,q = b,metro,metro-voirie,0,,,")
    assert compiled(competences=rows, services=SERVICES_ASKING).findings == []


def test_an_explained_hole_is_no_warning_and_stands_in_the_matrix() -> None:
    rows = rules(
        "L1,lamp,municipality:T01,,metro,metro-accueil,0,,,", "L2,lamp,municipality:T03,,metro,metro-voirie,0,,,"
    )
    why = "service,where,reason\nlamp,municipality:bourg,No lamps there\nlamp,municipality:T04,Nor there\n"
    found = compiled(competences=rows, uncovered=why)
    assert found.findings == []
    assert found.coverage is not None
    assert found.coverage.as_dict() == {
        "pairs": 12,
        "covered": 10,
        "partly": 0,
        "uncovered": 0,
        "explained": 2,
        "matrix": {"lamp": {"T01": "covered", "T02": "explained", "T03": "covered", "T04": "explained"}},
    }


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("lamp,*,Everywhere", "explanation-unneeded"),
        ("lump,*,Typing error", "code-unknown"),
        ("lamp,municipality:T99,Nowhere", "code-unknown"),
        ("lamp,layer:rocade,On the road", "value-invalid"),
        ("lamp,*,", "value-missing"),
    ],
)
def test_an_explanation_of_nothing_is_told(row: str, code: str) -> None:
    found = compiled(uncovered=f"service,where,reason\n{row}\n").findings
    assert [(one.code, one.file, one.line) for one in found] == [(code, "uncovered.csv", 2)]


def test_a_department_that_closes_without_successor_is_an_error_from_that_day() -> None:
    closing = packs.DEPARTMENTS.replace("voirie@metro.example,,,", "voirie@metro.example,,,2026-12-31")
    closing = closing.replace("metro-accueil,metro,accueil", "metro-accueil,metro,bureau")
    said = messages("rule-without-department", departments=closing)
    assert "P1: no department for “@decides:voirie” in metro, from 2027-01-01" in said


def test_several_rules_together_shadow_another() -> None:
    rows = rules("L2,lamp,*,q = a,metro,metro-accueil,5,,,", "L3,lamp,*,q = b,metro,metro-voirie,5,,,", L1.strip())
    assert messages("rule-shadowed", competences=rows, services=SERVICES_ASKING) == [
        "L1 never wins: L2, L3 always goes before it"
    ]


def test_a_condition_that_no_answer_meets_is_told() -> None:
    rows = rules("L2,lamp,*,q = c,metro,metro-accueil,5,,,", L1.strip())
    (said,) = messages("condition-never-met", competences=rows, services=SERVICES_ASKING)
    assert "“q = c”" in said


@pytest.mark.parametrize(
    ("rocade", "where"),
    [
        (corridor(y=0.5), "the layer rocade runs through"),
        (corridor(valid_to="2026-01-01"), "the layer rocade runs through"),
    ],
)
def test_a_rule_for_a_road_that_is_nowhere_is_told(rocade: object, where: str) -> None:
    rows = packs.COMPETENCES.replace(
        "P2,pothole,layer:rocade,,state,state-roads,0,,,", "P2,pothole,layer:rocade,,state,state-roads,0,2027-01-01,,"
    )
    (said,) = messages("rule-nowhere", competences=rows, rocade=collection(rocade))
    assert where in said


def test_a_road_that_changes_hands_with_a_new_course_is_followed_on_its_days() -> None:
    roads = collection(corridor(valid_to="2026-12-31"), corridor(y=0.015, valid_from="2027-01-01"))
    assert compiled(rocade=roads).findings == []
    release = release_of(rocade=roads)
    later = AT.replace(year=2027)
    for moment, y in ((AT, 0.005), (later, 0.015)):
        assert packs.decided(release, "pothole", packs.point(0.01, y), moment) == "state-roads"
    for moment, y in ((AT, 0.015), (later, 0.005)):
        assert packs.decided(release, "pothole", packs.point(0.01, y), moment) == "metro-voirie"


@pytest.mark.parametrize(
    ("services", "code"),
    [
        ("height_m: {type: nombre}", "questions-invalid"),
        ("height_m: {type: 'null'}", "question-unaskable"),
        ("height_m: {type: array}", "question-unaskable"),
        ("height_m: {type: number, titles: {fr: Hauteur}}", "name-missing"),
    ],
)
def test_a_question_that_cannot_be_asked_is_told(services: str, code: str) -> None:
    text = packs.SERVICES.replace("height_m: {type: number}", services)
    assert code in [finding.code for finding in compiled(services=text).findings]


def test_a_required_question_that_is_not_asked_is_an_error() -> None:
    text = packs.SERVICES.replace(
        "{type: object, properties: {height_m", "{type: object, required: [colour], properties: {height_m"
    )
    (finding,) = compiled(services=text).findings
    assert (finding.code, finding.level, finding.line) == ("question-unasked", "error", 8)


def test_a_question_that_no_condition_uses_is_fine() -> None:
    text = packs.SERVICES.replace("height_m: {type: number}", "height_m: {type: number}, colour: {type: string}")
    assert compiled(services=text).findings == []


def test_a_postal_code_of_nobody_and_one_said_twice_are_told() -> None:
    rows = packs.POSTAL + "99900,@outside,0\n99100,T01,0\n"
    found = compiled(postal=rows).findings
    assert [(one.code, one.line) for one in found] == [("postal-nobody", 8), ("code-twice", 9)]


def test_cells_find_the_owner_that_decisions_name() -> None:
    release = compile_pack(parse_pack(VAL_DE_BRUME)).release
    assert release is not None
    _check_owner(release)


def _check_owner(release: Release) -> None:
    book = release.rulebook

    @settings(max_examples=200, deadline=None)
    @given(
        st.sampled_from(sorted(release.services)),
        st.sampled_from(sorted(release.municipalities)),
        st.frozensets(st.sampled_from(["route-nationale", "la-brume"])),
        st.sampled_from([{}, {"stands": "park"}, {"height_m": 6}, {"road": "private"}]),
        st.sampled_from(["2020-01-01", "2026-12-31", "2027-01-01", "2040-01-01"]),
    )
    def same(service: str, code: str, layers: frozenset[str], answers: dict[str, object], day: str) -> None:
        given_ = Circumstances(packs.day(day), answers, ())
        spot = Spot(code, layers)
        ruling = book.rule_on(service, spot, given_)
        first = book.first(service, spot, given_)
        assert (first and first[0]) == ruling.rule

    same()
