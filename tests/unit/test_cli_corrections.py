"""Does the export of corrections hold exactly what was asked for, and nothing that a spreadsheet would run?"""

import csv
import io
import json
from typing import Any

import pytest

from libs.operate.commands import triage
from tests.unit.test_cli_answers import code_of

PAGES: list[dict[str, Any]] = [
    {
        "corrections": [
            {"request_id": "a", "language": "fr", "service": "lamp", "text": 'Un "trou",\nprofond'},
            {"request_id": "b", "language": "en", "service": "pothole", "text": None},
        ],
        "next": "b",
    },
    {"corrections": [{"request_id": "c", "language": "sv", "service": "lamp", "text": "=cmd()"}], "next": None},
]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What intake is asked; it answers page by page."""
    questions: list[dict[str, Any]] = []

    def get(url: str, parameters: dict[str, Any], *, key: str | None) -> dict[str, Any]:
        questions.append(dict(parameters))
        return PAGES[len(questions) - 1]

    monkeypatch.setattr(triage, "get", get)
    monkeypatch.setenv("GUICHET_INTAKE_URL", "http://intake.example")
    return questions


def test_without_texts_there_is_nothing_personal_in_it(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of("triage", "corrections") == 0
    assert capsys.readouterr().out == "request_id,language,service\na,fr,lamp\nb,en,pothole\nc,sv,lamp\n"
    assert asked == [{"with_text": False}, {"with_text": False, "after": "b"}]


def test_with_texts_the_erased_are_left_out_and_the_reader_is_warned(
    asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert code_of("triage", "corrections", "--with-text") == 0
    said = capsys.readouterr()
    rows = list(csv.reader(io.StringIO(said.out)))
    assert rows == [["text", "language", "service"], ['Un "trou",\nprofond', "fr", "lamp"], ["'=cmd()", "sv", "lamp"]]
    assert "on record" in said.err
    assert all(question["with_text"] for question in asked)


def test_a_script_gets_one_object(asked: list[dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("triage", "corrections", "--json") == 0
    assert [row["request_id"] for row in json.loads(capsys.readouterr().out)["corrections"]] == ["a", "b", "c"]
    assert len(asked) == 2
