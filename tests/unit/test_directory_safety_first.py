"""Is danger settled before place and service, and does it travel with whatever is decided?"""

import pytest

from libs.directory import Decision, Guess, Reading, Text, Where, decide, read
from tests.unit.directory_packs import COMPETENCES, SERVICES, ask, codes_found, point, release_of
from tests.unit.directory_texts import SAFETY, URGENT_SERVICES, taught

TAUGHT = taught()
DANGER = Reading("en", "lamp")
IN_AVAL, OUTSIDE, ON_A_BORDER, NOWHERE = point(0.01, 0.01), point(1.0, 1.0), point(0.02, 0.01), point(0, 0, 60_000.0)
WIRE = {"fr": "Ne touchez pas les fils.", "en": "Do not touch the wires."}


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_danger_is_said_first_then_the_place_then_the_owner() -> None:
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=DANGER))
    assert codes(decision) == ["urgent-words", "point-inside", "rule-won"]
    assert (decision.outcome, decision.service, decision.urgent) == ("routed", "lamp", "lamp")
    assert decision.safety == WIRE
    assert decision.reasons[0].text["en"] == "The text contains words that cannot wait: “Street light out”."
    assert decision.confidence is None


def test_danger_is_routed_however_unsure_the_classifier_is() -> None:
    doubtful = Reading("en", "lamp", (Guess("pothole", 0.3), Guess("graffiti", 0.2)))
    assert decide(TAUGHT, ask(None, IN_AVAL, reading=doubtful)).service == "lamp"
    sure = Reading("en", "lamp", (Guess("pothole", 0.99),))
    assert decide(TAUGHT, ask(None, IN_AVAL, reading=sure)).service == "lamp"


def test_a_service_that_a_person_named_is_not_overruled_but_its_department_is_warned() -> None:
    decision = decide(TAUGHT, ask("pothole", IN_AVAL, reading=DANGER))
    assert (decision.service, decision.urgent) == ("pothole", "lamp")
    assert decision.department is not None
    assert decision.department.code == "metro-voirie"
    assert decision.safety == WIRE
    assert codes(decision)[0] == "urgent-words"
    assert decision.reasons[0].details == {"service": "lamp"}


@pytest.mark.parametrize(
    ("place", "outcome"),
    [(OUTSIDE, "out_of_territory"), (ON_A_BORDER, "ambiguous"), (NOWHERE, "unclear")],
    ids=["outside", "border", "nowhere"],
)
@pytest.mark.parametrize("service", [None, "lamp"])
def test_the_advice_is_given_wherever_it_is(place: Where, outcome: str, service: str | None) -> None:
    decision = decide(TAUGHT, ask(service, place, reading=DANGER))
    assert (decision.outcome, decision.safety, decision.urgent) == (outcome, WIRE, "lamp")
    assert codes(decision)[0] == "urgent-words"


def test_the_advice_is_given_although_nobody_knows_the_service() -> None:
    decision = decide(TAUGHT, ask("teleportation", IN_AVAL, reading=DANGER))
    assert (decision.outcome, decision.safety, decision.urgent) == ("unclear", WIRE, "lamp")
    assert codes(decision) == ["urgent-words", "point-inside", "service-unknown"]


def test_a_place_without_an_owner_does_not_silence_danger() -> None:
    rules = "".join(line for line in COMPETENCES.splitlines(keepends=True) if not line.startswith("L1"))
    uncovered = release_of(competences=rules, safety=SAFETY)
    decision = decide(uncovered, ask(None, IN_AVAL, reading=DANGER))
    assert (decision.outcome, decision.safety, decision.urgent) == ("uncovered", WIRE, "lamp")


def test_asking_for_a_service_that_cannot_wait_is_enough() -> None:
    urgent = release_of(services=URGENT_SERVICES)
    decision = decide(urgent, ask("lamp", IN_AVAL))
    assert (decision.urgent, codes(decision)[0]) == ("lamp", "urgent-service")
    assert decide(urgent, ask("pothole", IN_AVAL)).urgent is None
    assert decide(release_of(), ask("lamp", IN_AVAL)).urgent is None  # advice alone is no alarm


def test_someone_out_of_the_territory_is_told_what_to_do_too() -> None:
    decision = decide(release_of(), ask("lamp", OUTSIDE))
    assert (decision.outcome, decision.safety) == ("out_of_territory", WIRE)


def test_danger_in_a_text_is_found_in_any_language_of_the_territory() -> None:
    for text in ("Des fils électriques pendent dans la rue", "LIVE WIRES across the street"):
        assert read(TAUGHT, Text(text, "fr")).urgent == "lamp"


def test_refusals_do_not_forget_the_danger() -> None:
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=DANGER, refusers=["aval-accueil"]))
    assert (decision.outcome, decision.safety, decision.urgent) == ("uncovered", WIRE, "lamp")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"safety": "service,language,words\npothole,en,deep hole\n"}, "safety-missing"),
        ({"services": SERVICES.replace("  target: {working_days: 5}", "  urgent: true")}, "safety-missing"),
        ({"safety": "service,language,words\nwell,en,deep hole\n"}, "code-unknown"),
        ({"safety": "service,language,words\nlamp,de,Draht\n"}, "language-unknown"),
        ({"safety": "service,language,words\nlamp,en,ga*\n"}, "value-invalid"),
        ({"services": URGENT_SERVICES.replace("urgent: true", "urgent: often")}, "value-invalid"),
    ],
)
def test_danger_without_advice_and_words_that_find_nothing_are_remarked(changes: dict[str, str], code: str) -> None:
    assert code in codes_found(**changes)
