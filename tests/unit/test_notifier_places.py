"""Can whoever gets a mail go to the place, and read the answers and the language?"""

from typing import Any

import pytest

from libs.directory import replies_in_words
from libs.directory.model import Service
from services.notifier.channels.links import Links
from services.notifier.facts import facts_for
from services.notifier.letter import Taken
from services.notifier.rules import wanted
from tests.unit.directory_packs import SOUTH, release_of
from tests.unit.notifier_events import decided_event
from tests.unit.router_requests import accepted_event

QUESTIONS = {
    "type": "object",
    "properties": {
        "size": {"type": "number", "titles": {"en": "How wide, in metres?", "fr": "Quelle largeur, en mètres ?"}},
        "wet": {"type": "boolean", "titles": {"en": "Is it wet?", "fr": "Est-ce mouillé ?"}},
        "kinds": {
            "type": "array",
            "titles": {"en": "What lies there", "fr": "Ce qui s’y trouve"},
            "items": {"oneOf": [{"const": "oil", "titles": {"en": "oil", "fr": "de l’huile"}}, {"const": "leaf"}]},
        },
    },
}


def a_service(questions: dict[str, Any] | None) -> Service:
    return Service("spill", {"en": "Spill"}, {}, {}, "report", {}, None, questions)


def letter(place: dict[str, Any], audience: str, **changes: Any) -> dict[str, Any]:
    release = release_of()
    event = decided_event(release, place=place, **changes)
    (notice,) = [one for one in wanted(event, release) if one.audience == audience]
    return facts_for(event, release, notice)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ({"municipality_code": "T01"}, "Aval"),
        ({"municipality_code": "T01", "address": "3 rue des Tilleuls"}, "3 rue des Tilleuls, Aval"),
        ({"municipality_code": "T01", "address": "3 rue des Tilleuls,\n99100 AVAL"}, "3 rue des Tilleuls, 99100 AVAL"),
        ({"lat": SOUTH + 0.01, "lon": 0.01}, "Aval"),
        ({"lat": SOUTH + 0.01, "lon": 0.01, "postal_code": "99100", "address": "Place"}, "Place, 99100 Aval"),
    ],
)
def test_the_department_reads_the_name_of_the_municipality_and_never_its_code(place: dict[str, Any], said: str) -> None:
    told = letter(place, "department")
    assert told["place"] == said
    assert "T01" not in str(told["place"])


def test_the_first_mail_to_the_citizen_names_the_municipality_that_was_chosen() -> None:
    release = release_of()
    event = accepted_event(release, place={"municipality_code": "T01"})
    (notice,) = wanted(event, release)
    assert facts_for(event, release, notice)["place"] == "Aval"


def test_a_code_that_the_directory_does_not_know_is_said_to_be_one() -> None:
    assert letter({"municipality_code": "Z99"}, "desk")["place"] == "commune de code officiel Z99"


def test_a_point_comes_with_its_accuracy_and_a_link_to_a_map() -> None:
    told = letter({"lat": SOUTH + 0.01, "lon": 0.01, "accuracy_m": 12.4}, "department")
    assert told["point"] == f"{SOUTH + 0.01:.5f}, 0.01000"
    assert told["accuracy_m"] == 12
    links = Links(public_url="https://g.example", key=b"k" * 32, days=9, map_url="https://map.example/{lat}/{lon}")
    assert links._map(taken(told)) == f"https://map.example/{SOUTH + 0.01:.5f}/0.01000"


def taken(facts: dict[str, Any]) -> Taken:
    fields: dict[str, Any] = {**dict.fromkeys(Taken.__slots__), "facts": facts, "audience": "department"}
    return Taken(**fields)


@pytest.mark.parametrize(("code", "said"), [("sv", "suédois"), ("fr", "français"), ("oc", "oc")])
def test_the_department_is_told_in_which_language_to_answer(code: str, said: str) -> None:
    assert letter({"municipality_code": "T01"}, "department", language=code)["person_language"] == said


def test_answers_are_said_by_the_titles_of_the_pack() -> None:
    answers = {"kinds": ["oil", "leaf"], "wet": True, "size": 2.0, "gone": "x", "left": None}
    assert replies_in_words(a_service(QUESTIONS), answers, "fr") == {
        "Quelle largeur, en mètres ?": "2",
        "Est-ce mouillé ?": "oui",
        "Ce qui s’y trouve": "de l’huile, leaf",
        "gone": "x",
    }


def test_answers_have_the_decimal_mark_of_the_language() -> None:
    assert replies_in_words(a_service(QUESTIONS), {"size": 2.5}, "fr") == {"Quelle largeur, en mètres ?": "2,5"}
    assert replies_in_words(a_service(QUESTIONS), {"size": 2.5}, "en") == {"How wide, in metres?": "2.5"}


def test_two_questions_with_one_title_keep_both_answers() -> None:
    same = {"properties": {name: {"type": "string", "titles": {"en": "Where?"}} for name in ("a", "b")}}
    assert replies_in_words(a_service(same), {"a": "x", "b": "y"}, "en") == {"Where?": "x", "Where? (b)": "y"}


def test_answers_without_a_service_keep_their_codes() -> None:
    assert replies_in_words(None, {"height_m": 2}, "fr") == {"height_m": "2"}


def test_the_sentence_and_the_due_line_of_a_mail_write_the_hour_alike() -> None:
    told = letter({"lat": SOUTH + 0.01, "lon": 0.01}, "citizen", service="lamp")
    assert "à 11 h 00" in told["due"]
    assert "25 novembre 2026 à 11 h 00" in told["sentence"]
