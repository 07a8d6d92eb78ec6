"""Does a guess decide only where nobody named a service and it is certain, and is the record always the same?"""

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Guess, Reading, Release, Text, decide, decide_many, read
from libs.directory.training import train
from libs.events.models import Decision
from tests.unit.directory_packs import ask, codes_found, point
from tests.unit.directory_texts import EXAMPLES, pack, taught

TAUGHT = taught()
COPY = Release.from_bytes(TAUGHT.to_bytes())
IN_AVAL = point(0.01, 0.01)
LOW, HIGH = 0.79, 0.8  # the small territory keeps the default threshold
READINGS = st.builds(
    Reading,
    st.just("fr"),
    st.sampled_from([None, None, "lamp", "gone"]),
    st.lists(
        st.builds(
            Guess, st.sampled_from(["pothole", "lamp", "graffiti", "gone"]), st.floats(0, 1).map(lambda x: round(x, 4))
        ),
        max_size=3,
    ).map(tuple),
)


def guessed(confidence: float) -> Reading:
    return Reading("fr", None, (Guess("pothole", confidence), Guess("lamp", 0.1), Guess("graffiti", 0.05)))


def test_a_certain_guess_is_used_and_says_so() -> None:
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=guessed(HIGH)))
    assert (decision.outcome, decision.service, decision.confidence) == ("routed", "pothole", HIGH)
    assert [reason.code for reason in decision.reasons] == ["point-inside", "classified", "rule-won"]
    reason = decision.reasons[1]
    assert reason.text == {
        "fr": "D'après le texte, la demande concerne « Nid-de-poule » (80 %).",
        "en": "Going by the text, the request is about “Pothole” (80 %).",
    }
    assert reason.details == {
        "candidates": [
            {"service": "pothole", "confidence": HIGH},
            {"service": "lamp", "confidence": 0.1},
            {"service": "graffiti", "confidence": 0.05},
        ],
        "confidence_min": 0.8,
    }


def test_an_uncertain_guess_is_held_with_its_candidates_for_a_person() -> None:
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=guessed(LOW)))
    assert (decision.outcome, decision.service, decision.confidence) == ("unclear", None, LOW)
    assert [reason.code for reason in decision.reasons] == ["point-inside", "classifier-abstained"]
    assert decision.reasons[1].details["candidates"][0] == {"service": "pothole", "confidence": LOW}
    assert decision.reasons[1].text["en"] == (
        "The text may be about “Pothole” (79 %), “Street light out” (10 %), “Graffiti” (5 %); "
        "that is not certain enough."
    )


def test_the_citizen_is_told_that_a_person_reads_it_and_no_guess() -> None:
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=guessed(LOW)))
    assert decision.sentence == {
        "fr": "Une personne va lire la demande et trouver à qui elle revient.",
        "en": "A person will read the request and find out who deals with it.",
    }


def test_rules_go_before_the_classifier() -> None:
    decision = decide(TAUGHT, ask("graffiti", IN_AVAL, reading=guessed(1.0)))
    assert (decision.service, decision.confidence) == ("graffiti", None)
    assert "classified" not in [reason.code for reason in decision.reasons]


def test_each_territory_says_how_certain_is_certain() -> None:
    strict = taught(territory_more="confidence_min: 0.95\n")
    assert decide(strict, ask(None, IN_AVAL, reading=guessed(0.94))).outcome == "unclear"
    assert decide(strict, ask(None, IN_AVAL, reading=guessed(0.95))).outcome == "routed"


def test_without_guesses_the_service_is_missing() -> None:
    for reading in (None, Reading("fr"), Reading("fr", None, (Guess("gone", 0.9),))):
        decision = decide(TAUGHT, ask(None, IN_AVAL, reading=reading))
        assert (decision.outcome, decision.reasons[-1].code) == ("unclear", "service-missing")


def test_from_the_text_to_the_owner() -> None:
    reading = read(TAUGHT, Text("Il y a encore un trou dans la route, la chaussée est défoncée."))
    decision = decide(TAUGHT, ask(None, IN_AVAL, reading=reading))
    assert (decision.outcome, decision.service) == ("routed", "pothole")
    assert decision.confidence == reading.guesses[0].confidence >= 0.8


def test_a_guess_is_never_said_to_be_certain() -> None:
    assert "(99 %)" in decide(TAUGHT, ask(None, IN_AVAL, reading=guessed(1.0))).reasons[1].text["fr"]


@settings(max_examples=200, deadline=None)
@given(READINGS, st.sampled_from([None, "pothole", "lamp"]), st.sampled_from([0.01, 0.0199, 0.9]))
def test_the_same_reading_and_release_make_the_same_bytes(reading: Reading, service: str | None, x: float) -> None:
    question = ask(service, point(x, 0.01), reading=reading)
    here, there = decide(TAUGHT, question), decide_many(COPY, [ask("pothole", IN_AVAL), question])[1]
    assert orjson.dumps(here.as_dict()) == orjson.dumps(there.as_dict())
    assert Decision.model_validate(here.as_dict()).confidence == here.confidence


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, ["classifier-missing"]),
        ({"classifier": "{}"}, ["file-unreadable", "classifier-missing"]),
        ({"classifier": "[1"}, ["file-unreadable", "classifier-missing"]),
        ({"examples": EXAMPLES + "A well.,en,well\n"}, ["code-unknown", "classifier-missing"]),
        ({"examples": EXAMPLES + "Ein Loch.,de,pothole\n"}, ["language-unknown", "classifier-missing"]),
        ({"examples": EXAMPLES + ",en,pothole\n"}, ["value-missing", "classifier-missing"]),
    ],
)
def test_what_is_wrong_with_the_texts_is_remarked(changes: dict[str, str], codes: list[str]) -> None:
    assert sorted(codes_found(**{"examples": EXAMPLES, **changes})) == sorted(codes)


def test_a_classifier_that_has_not_learnt_from_todays_texts_is_remarked() -> None:
    file = train(pack()).file
    assert codes_found(examples=EXAMPLES, classifier=file) == []
    assert codes_found(examples=EXAMPLES + "A new hole.,en,pothole\n", classifier=file) == ["classifier-stale"]


def test_a_classifier_of_another_recipe_is_refused() -> None:
    other = orjson.loads(train(pack()).file) | {"recipe": 0}
    assert "file-unreadable" in codes_found(examples=EXAMPLES, classifier=orjson.dumps(other).decode())
