"""Does a decision name the right owner, explain itself, and come out the same every time?"""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Decision, Question, Release, Where, compile_pack, decide, decide_many, parse_pack
from libs.events import models
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import ask, point, release_of

SMALL = release_of()


def owner(decision: Decision) -> tuple[str, str | None, str | None]:
    return (
        decision.outcome,
        decision.authority.code if decision.authority else None,
        decision.department.code if decision.department else None,
    )


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_a_request_goes_to_the_department_of_its_role() -> None:
    assert owner(decide(SMALL, ask("pothole", point(0.01, 0.01)))) == ("routed", "metro", "metro-voirie")


def test_an_authority_without_that_role_answers_at_its_front_desk() -> None:
    assert owner(decide(SMALL, ask("lamp", point(0.04, 0.015)))) == ("routed", "bourg", "bourg-accueil")


def test_a_layer_goes_before_the_territory() -> None:
    decision = decide(SMALL, ask("pothole", point(0.01, 0.005)))
    assert owner(decision) == ("routed", "state", "state-roads")
    assert [(one.rule, one.rank, one.outcome) for one in decision.candidates] == [("P2", 1, "won"), ("P1", 2, "lost")]
    assert decision.legal_basis == "Code L2"


def test_near_a_border_an_owner_who_is_the_same_on_both_sides_is_not_in_doubt() -> None:
    decision = decide(SMALL, ask("pothole", point(0.0199, 0.01)))
    assert owner(decision) == ("routed", "metro", "metro-voirie")
    assert codes(decision)[-2:] == ["same-owner", "rule-won"]


def test_near_a_border_owners_who_differ_are_both_named_and_a_person_chooses() -> None:
    decision = decide(SMALL, ask("lamp", point(0.0199, 0.01)))
    assert owner(decision) == ("ambiguous", None, None)
    named = [reason.details["department"] for reason in decision.reasons if reason.code == "possible-owner"]
    assert named == ["aval-accueil", "bourg-accueil"]
    assert {one.outcome for one in decision.candidates} == {"lost"}


def test_a_position_that_may_be_on_the_corridor_is_held_between_its_two_owners() -> None:
    decision = decide(SMALL, ask("pothole", point(0.01, 0.0053, accuracy_m=20)))
    assert decision.outcome == "ambiguous"
    assert "Country Metropolis, State" in decision.sentence["en"]


def test_a_contradiction_is_held_even_for_a_service_with_one_owner() -> None:
    assert decide(SMALL, ask("pothole", point(0.01, 0.01, municipality_code="T02"))).outcome == "ambiguous"


def test_a_shared_postal_code_decides_nothing() -> None:
    assert decide(SMALL, ask("pothole", Where(postal_code="99200"))).outcome == "ambiguous"


@pytest.mark.parametrize(
    ("service", "place", "outcome", "reason"),
    [
        ("lamp", point(1, 1), "out_of_territory", "point-outside"),
        (None, point(0.01, 0.01), "unclear", "service-missing"),
        ("dragon", point(0.01, 0.01), "unclear", "service-unknown"),
        ("lamp", Where(municipality_name="Nowhere"), "unclear", "name-unknown"),
    ],
)
def test_what_cannot_be_decided_says_why(service: str | None, place: Where, outcome: str, reason: str) -> None:
    decision = decide(SMALL, ask(service, place))
    assert (decision.outcome, codes(decision)[-1]) == (outcome, reason)


def test_without_a_point_a_layer_rule_loses_and_says_that_it_needs_one() -> None:
    decision = decide(SMALL, ask("pothole", Where(municipality_code="T01")))
    assert owner(decision) == ("routed", "metro", "metro-voirie")
    assert decision.candidates[0].reason == "Sans point, on ne sait pas si le lieu est sur « rocade »."


@pytest.mark.parametrize(
    ("answers", "x", "department"),
    [
        ({}, 0.01, "aval-accueil"),
        ({"height_m": 5}, 0.01, "metro-voirie"),
        ({"height_m": 4}, 0.01, "aval-accueil"),
        ({"height_m": "4.5"}, 0.01, "metro-voirie"),
        ({"owner": "Private"}, 0.04, "metro-accueil"),
        ({"owner": "private", "height_m": 9}, 0.04, "metro-accueil"),  # municipality before territory
        ({"owner": ["public", "private"]}, 0.04, "metro-accueil"),
        ({"owner": "private"}, 0.01, "aval-accueil"),
    ],
)
def test_conditions_read_the_answers(answers: dict[str, object], x: float, department: str) -> None:
    decision = decide(SMALL, ask("graffiti", point(x, 0.015), answers=answers))
    assert owner(decision)[2] == department


def test_those_who_refused_are_not_asked_again() -> None:
    question = ask("graffiti", point(0.01, 0.01), answers={"height_m": 5}, refusers=("metro-voirie",))
    assert owner(decide(SMALL, question)) == ("routed", "aval", "aval-accueil")


def test_when_all_refused_nobody_is_made_up() -> None:
    decision = decide(SMALL, ask("lamp", point(0.01, 0.01), refusers=("aval-accueil",)))
    assert (decision.outcome, codes(decision)[-1]) == ("uncovered", "all-refused")


def test_a_rule_holds_from_its_first_to_its_last_day_on_the_territorys_clock() -> None:
    rows = packs.COMPETENCES.replace("L1,lamp,*,,@municipality,@decides:voirie,0,,", "{}")
    release = release_of(
        competences=rows.replace("{}", "L1,lamp,*,,@municipality,@decides:voirie,0,,2026-12-31")
        + "L2,lamp,*,,metro,@decides:voirie,0,2027-01-01,,\n"
    )
    late = packs.AT.replace(month=12, day=31, hour=22, minute=59)
    place = point(0.01, 0.01)
    assert owner(decide(release, ask("lamp", place, at=late)))[1] == "aval"
    assert owner(decide(release, ask("lamp", place, at=late.replace(hour=23, minute=0))))[1] == "metro"


def test_two_rules_of_equal_rank_that_both_apply_are_never_a_coin_toss() -> None:
    rows = packs.COMPETENCES + (
        "E1,graffiti,municipality:T03,owner = a,metro,metro-voirie,5,,,\n"
        "E2,graffiti,municipality:T03,owner = b,metro,metro-accueil,5,,,\n"
    )
    question = ask("graffiti", point(0.03, 0.025), answers={"owner": ["a", "b"]})
    decision = decide(release_of(competences=rows), question)
    assert (decision.outcome, codes(decision)[-1]) == ("ambiguous", "rules-tied")


def test_a_safety_text_travels_with_the_decision_even_when_it_is_held() -> None:
    for place in (point(0.01, 0.01), point(0.0199, 0.01)):
        assert decide(SMALL, ask("lamp", place)).safety == {
            "fr": "Ne touchez pas les fils.",
            "en": "Do not touch the wires.",
        }


def test_sentences_exist_in_all_languages_of_the_territory_and_no_other() -> None:
    decision = decide(SMALL, ask("pothole", point(0.01, 0.01)))
    assert decision.sentence == {
        "fr": "Pour « Nid-de-poule » (Aval), responsable : Métropole du Pays ; prise en charge : Voirie, "
        "au plus tard le 30 novembre 2026.",
        "en": "For “Pothole” (Aval), Country Metropolis is responsible and Roads will deal with it "
        "by 30 November 2026.",
    }


def test_a_language_without_phrases_is_served_in_english() -> None:
    release = release_of(
        territory=packs.TERRITORY.replace("[fr, en]", "[nl]").replace("{fr: Petit Pays, en:", "{nl:"),
        authorities=_renamed(packs.AUTHORITIES),
        departments=_renamed(packs.DEPARTMENTS),
    )
    assert decide(release, ask("lamp", point(1, 1))).sentence == {
        "nl": "This place is not in the territory served by Small Country."
    }


def _renamed(table: str) -> str:
    head, _, rows = table.partition("\n")
    keep = [
        cells[:4] + cells[5:] if head.startswith("departments") else cells
        for cells in (row.split(",") for row in rows.splitlines())
    ]
    position = head.split(",").index("name_en")
    columns = [name for name in head.split(",") if name != "name_en"]
    columns[columns.index("name_fr")] = "name_nl"
    lines = [",".join(columns)] + [",".join(cells[:position] + cells[position + 1 :]) for cells in keep]
    return "\n".join(lines)


EVERY_KIND = [
    ask("pothole", point(0.01, 0.01)),
    ask("pothole", point(0.01, 0.005)),
    ask("lamp", point(0.0199, 0.01)),
    ask("lamp", point(0.02, 0.02)),
    ask("lamp", point(0.0503, 0.01)),
    ask("lamp", point(1, 1)),
    ask("pothole", point(0.01, 0.0053, accuracy_m=20)),
    ask("lamp", point(0.01, 0.01, municipality_code="T02")),
    ask("graffiti", point(0.04, 0.015), answers={"height_m": 7, "owner": "private"}),
    ask("lamp", Where(postal_code="99200")),
    ask("lamp", Where(municipality_name="Bourg le Hot")),
    ask("lamp", Where(postal_code="99300")),
    ask("dragon", point(0.01, 0.01)),
    ask("lamp", point(0.01, 0.01), refusers=("aval-accueil",)),
]


@pytest.mark.parametrize("question", EVERY_KIND)
def test_a_decision_fits_the_event_that_carries_it(question: Question) -> None:
    content = decide(SMALL, question).as_dict()
    carried = models.Decision.model_validate(content)
    assert json.loads(carried.model_dump_json()) == json.loads(json.dumps(content))


def test_many_at_once_are_decided_like_one_by_one() -> None:
    fresh = Release.from_bytes(SMALL.to_bytes())
    together = [decision.as_dict() for decision in decide_many(fresh, EVERY_KIND)]
    assert together == [decide(Release.from_bytes(SMALL.to_bytes()), question).as_dict() for question in EVERY_KIND]


ROADS = packs.collection(packs.corridor(), packs.corridor(y=0.015, width_m=12, valid_from="2027-01-01"))


def shuffled(seed: int) -> dict[str, str]:
    """The pack with the rows of every file in another order."""
    chance = random.Random(seed)
    files = packs.files(rocade=ROADS)
    for name in ("authorities.csv", "departments.csv", "competences.csv", "postal.csv"):
        head, *rows = files[name].splitlines()
        chance.shuffle(rows)
        files[name] = "\n".join([head, *rows]) + "\n"
    services = files["services.yaml"].split("- code")[1:]
    chance.shuffle(services)
    files["services.yaml"] = "".join(f"- code{service}" for service in services)
    for name in ("places.geojson", "layers/rocade.geojson"):
        features = json.loads(files[name])["features"]
        chance.shuffle(features)
        files[name] = packs.collection(*(dict(chance.sample(list(one.items()), len(one))) for one in features))
    territory = files["territory.yaml"].splitlines()
    chance.shuffle(territory)
    files["territory.yaml"] = "\n".join(territory)
    return dict(sorted(files.items(), key=lambda _: chance.random()))


@settings(max_examples=15, deadline=None)
@given(st.integers(min_value=0))
def test_the_order_of_a_packs_rows_changes_not_one_byte(seed: int) -> None:
    release = compile_pack(parse_pack(shuffled(seed))).release
    assert release is not None
    assert release.to_bytes() == release_of(rocade=ROADS).to_bytes()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["pothole", "lamp", "graffiti"]),
    st.floats(min_value=-0.01, max_value=0.06),
    st.floats(min_value=-0.02, max_value=0.04),
    st.one_of(st.none(), st.floats(min_value=0, max_value=3000)),
)
def test_any_point_gives_the_same_bytes_from_any_copy_of_the_release(
    service: str, x: float, y: float, accuracy_m: float | None
) -> None:
    question = ask(service, point(x, y, accuracy_m))
    copy = Release.from_bytes(SMALL.to_bytes())
    first, second = (json.dumps(decide(release, question).as_dict()) for release in (SMALL, copy))
    assert first == second
    models.Decision.model_validate_json(first)
