"""Can every notice be written in every language, with everything known about a request and with almost nothing?"""

from typing import Any

import pytest

from services.intake.web.texts import texts_in
from services.notifier.channels.templates import KINDS, Templates
from services.notifier.dates import MONTHS, WEEKDAYS
from services.notifier.rules import LANGUAGES

TEMPLATES = Templates()
EVERYTHING = {
    "reference": "G-7K3M-2QX9-4TB2",
    "request_id": "019ab0c2-7000-7000-8000-000000000001",
    "territory": "Petit Pays",
    "service": "Nid-de-poule",
    "place": "1 rue d'Aval · 99100 Aval",
    "point": "46.71982, 2.80955",
    "accuracy_m": 20,
    "person_language": "suédois",
    "answers": {"À quelle hauteur, en mètres ?": "2,5", "Numéro du mât": "B 12"},
    "outcome": "solved",
    "department": "Voirie <&>",
    "authority": "Métropole",
    "sentence": "Voirie s’en occupe.",
    "due": "lundi 30 novembre 2026",
    "safety": "Ne touchez pas les fils.",
    "urgent": "Câble tombé",
    "legal_basis": "Code L1",
    "reason": None,
    "department_code": "metro-voirie",
    "link": "https://guichet.example/r/token",
    "answer_link": "https://guichet.example/d/grant",
    "answer_days": 90,
    "console_link": "https://guichet.example/triage/019ab0c2-7000-7000-8000-000000000001",
    "map_link": "https://map.example/46.71982/2.80955",
    "note": "Fait.\n\nMerci.",
    "description": "Un trou <script>",
}
OPTIONAL = (
    "service",
    "place",
    "point",
    "accuracy_m",
    "person_language",
    "map_link",
    "due",
    "safety",
    "urgent",
    "legal_basis",
    "note",
    "description",
)
READERS = {
    "link": {"acknowledged", "routed", "held", "resolved"},
    "answer_link": {"new_request"},
    "console_link": {"to_decide", "to_arbitrate"},
    "map_link": {"new_request", "to_decide", "to_arbitrate"},
}
ALMOST_NOTHING = {**EVERYTHING, **dict.fromkeys(OPTIONAL), "answers": {}}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("facts", [EVERYTHING, ALMOST_NOTHING], ids=["everything", "almost-nothing"])
def test_every_notice_is_written_in_every_language(kind: Any, language: str, facts: dict[str, Any]) -> None:
    words = TEMPLATES.write(kind, language, facts)
    assert facts["reference"] in words.subject
    assert facts["reference"] in words.text
    assert "None" not in words.text
    assert not words.text.startswith("Subject")
    assert "\n\n\n" not in words.text
    for name, readers in READERS.items():  # the citizen's secret is not the department's, nor the other way round
        assert (facts[name] is not None and facts[name] in words.text) == (facts[name] is not None and kind in readers)
        assert facts[name] is None or facts[name] not in words.html or f'<a href="{facts[name]}"' in words.html
    assert f'lang="{language}"' in words.html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["new_request", "to_decide", "to_arbitrate"])
def test_departments_and_desks_see_danger_in_the_subject_and_first_in_the_text(kind: Any, language: str) -> None:
    urgent, calm = (TEMPLATES.write(kind, language, facts) for facts in (EVERYTHING, ALMOST_NOTHING))
    mark = urgent.subject.partition(" ")[0]
    assert mark in ("URGENT", "BRÅDSKANDE")
    assert urgent.text.startswith(mark)
    assert "Câble tombé" in urgent.text.partition("\n")[0]
    assert mark not in calm.subject + calm.text


@pytest.mark.parametrize("kind", KINDS)
def test_notices_that_were_planned_before_there_were_alarms_are_still_written(kind: Any) -> None:
    facts = {name: value for name, value in EVERYTHING.items() if name != "urgent"}
    assert TEMPLATES.write(kind, "en", facts).text


@pytest.mark.parametrize("kind", ["acknowledged", "routed", "held", "new_request", "to_decide", "to_arbitrate"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_do_at_once_is_in_every_letter_from_the_first_on(language: str, kind: Any) -> None:
    assert EVERYTHING["safety"] in TEMPLATES.write(kind, language, EVERYTHING).text
    assert "Ne touchez" not in TEMPLATES.write(kind, language, ALMOST_NOTHING).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_people_wrote_is_text_in_the_html_part(language: str) -> None:
    words = TEMPLATES.write("new_request", language, EVERYTHING)
    assert "Un trou <script>" in words.text
    assert "<script>" not in words.html
    assert "Un trou &lt;script&gt;" in words.html


@pytest.mark.parametrize("outcome", ["solved", "moved", "duplicate", "no_action"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_outcome_has_words_of_its_own(language: str, outcome: str) -> None:
    facts = {**EVERYTHING, "outcome": outcome}
    others = {**EVERYTHING, "outcome": "solved" if outcome != "solved" else "moved"}
    assert TEMPLATES.write("resolved", language, facts).text != TEMPLATES.write("resolved", language, others).text


@pytest.mark.parametrize("kind", KINDS)
def test_a_fact_that_is_missing_is_an_error_and_not_a_gap(kind: Any) -> None:
    with pytest.raises(Exception, match="is undefined"):
        TEMPLATES.write(kind, "en", {"link": "", "answers": {}})


def test_a_line_break_in_a_name_adds_no_header() -> None:
    words = TEMPLATES.write("routed", "en", {**EVERYTHING, "department": "Roads\r\nBcc: everybody@example"})
    assert "\n" not in words.subject
    assert "\r" not in words.subject


def test_dates_can_be_written_in_every_language() -> None:
    assert set(LANGUAGES) == set(WEEKDAYS) == set(MONTHS)
    assert {len(text.split()) for text in WEEKDAYS.values()} == {7}
    assert {len(text.split()) for text in MONTHS.values()} == {12}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["new_request", "to_decide", "to_arbitrate"])
def test_departments_and_desks_see_the_point_the_map_and_the_language_of_the_person(kind: Any, language: str) -> None:
    lines = TEMPLATES.write(kind, language, EVERYTHING).text.splitlines()
    assert any("46.71982, 2.80955" in line and "20 m" in line for line in lines)
    assert EVERYTHING["map_link"] in lines
    assert any(line.endswith(" suédois") for line in lines)


def test_a_question_that_ends_with_its_mark_gets_no_colon() -> None:
    text = TEMPLATES.write("new_request", "fr", EVERYTHING).text
    assert "À quelle hauteur, en mètres ? 2,5\nNuméro du mât : B 12" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("kind", "page", "mail"),
    [
        ("routed", "authority", "authority"),
        ("routed", "department", "department"),
        ("routed", "due", "due"),
        ("new_request", "about", "service"),
        ("to_decide", "about", "service"),
        ("to_arbitrate", "about", "service"),
        ("no_longer_yours", "about", "service"),
    ],
)
def test_a_mail_calls_a_thing_by_the_same_word_as_the_page(kind: Any, page: str, mail: str, language: str) -> None:
    labels = {
        line.rpartition(":")[0].strip() if mail != "due" else line.partition(":")[0].strip()
        for line in TEMPLATES.write(kind, language, EVERYTHING).text.splitlines()
        if EVERYTHING[mail] in line
    }
    assert texts_in(language)(page) in labels


def test_a_mail_has_one_heading_and_its_text_in_a_main_part() -> None:
    html = TEMPLATES.write("routed", "en", EVERYTHING).html
    assert html.count("<h1") == 1
    assert html.count("<main") == 1
