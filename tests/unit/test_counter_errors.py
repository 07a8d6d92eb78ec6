"""Does a person get a page in a language of theirs, whatever address they ask for, and a program a document?"""

from typing import Any, cast

import pytest
from fastapi.testclient import TestClient

from libs.service.metrics import Metrics
from services.intake.http import Doors, web
from services.intake.web.texts import language_for
from tests.unit.counter_desk import Desk
from tests.unit.test_counter_form import texts

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def whole_site() -> TestClient:
    """All that intake serves, as far as these questions go."""
    desk = Desk()
    part = cast(Any, desk)
    doors = Doors(
        acceptance=part,
        statuses=part,
        progress=part,
        callers=part,
        metrics=cast(Metrics, None),
        public_url="https://guichet.example",
        audit_url="https://log.example",
        body_bytes_max=65_536,
        body_seconds_max=5.0,
    )
    return TestClient(web(doors, pages=desk.app().routes), raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/nope", "/r/", "/static", "/triage/garbage/more", "/map/nowhere"])
@pytest.mark.parametrize(("language", "words"), [("fr", "Il n’y a rien ici"), ("sv", "Här finns ingenting")])
def test_an_unknown_address_is_a_page_for_a_browser(path: str, language: str, words: str) -> None:
    answer = whole_site().get(path, headers={**BROWSER, "accept-language": language})
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert words in texts(answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_a_program_gets_a_problem_document_as_before() -> None:
    for path, headers in (("/nope", {"accept": "application/json"}), ("/nope", {}), ("/api/v1/nope", BROWSER)):
        answer = whole_site().get(path, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), path


def test_what_browsers_and_search_engines_ask_for_is_there() -> None:
    robots = whole_site().get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    assert "Disallow: /r/" in robots.text.splitlines()
    mark = whole_site().get("/favicon.ico")
    assert mark.headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("path", ["/r/" + "x" * 43, "/?territory=atlantis", "/nope"])
def test_every_error_page_offers_the_other_languages(path: str) -> None:
    page = whole_site().get(path, headers={**BROWSER, "accept-language": "fr"}).text
    for language, name in (("en", "English"), ("fr", "Français"), ("sv", "Svenska")):
        assert f'href="?lang={language}" lang="{language}"' in page
        assert name in page


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("de-DE,de;q=0.9", "en"),
        ("de, *;q=0.1", "en"),
        ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
        ("en; q=0.5, sv; q=0.8", "sv"),
        ("fr;q=0, sv;q=0.2", "sv"),
        ("", "fr"),
        ("*", "fr"),
    ],
)
def test_who_speaks_none_of_the_languages_gets_english_and_who_names_none_the_first(
    accepted: str, language: str
) -> None:
    assert language_for(None, accepted, ("fr", "en", "sv")) == language


def test_where_nobody_speaks_english_the_first_language_answers() -> None:
    assert language_for(None, "de", ("fr", "sv")) == "fr"
