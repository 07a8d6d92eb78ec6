"""Does `guichet directory what-if` take a moment as people write it, and say the same in all its forms?"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID

import pytest
from typer.testing import CliRunner

from libs.directory.what_if import Comparison, Recorded
from libs.operate.commands.directory import app
from libs.operate.commands.directory.what_if import since_when
from libs.operate.output import Away, WrongUse
from libs.operate.what_if.page import page_of
from libs.operate.what_if.report import Fields, counted, fields_of, left_out, summary
from libs.operate.what_if.shadow import WhatIf
from tests.unit.directory_packs import AT, COMPETENCES, ask, files, point, release_of

SMALL = release_of()
CANDIDATE = release_of(competences=COMPETENCES.replace("L1,lamp,*,,@municipality", "L1,lamp,*,,metro"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def found() -> WhatIf:
    comparison = Comparison(CANDIDATE)
    lamps = [Recorded(UUID(int=number), ask("lamp", point(0.01, 0.01))) for number in range(3)]
    chosen = Recorded(UUID(int=3), ask("lamp", point(0.01, 0.01)), chosen="metro-accueil")
    comparison.add(SMALL, [*lamps, chosen, Recorded(UUID(int=4), ask("pothole", point(0.01, 0.01)))])
    what_if = WhatIf(AT - timedelta(days=1), comparison, releases={SMALL.version: 5}, erased_are_known=True)
    for _ in range(7):
        what_if.read.saw(AT)
    what_if.read.skipped.update(other_territory=1, erased=1)
    return what_if


def fields() -> Fields:
    return json.loads(json.dumps(fields_of(found())))  # type: ignore[no-any-return]  # as a script reads it


def test_a_script_finds_every_request_once() -> None:
    answer = fields()
    assert answer["read"] == answer["compared"] + answer["in_hands"]["compared"] + sum(answer["skipped"].values())
    assert answer["compared"] == answer["changed"] + answer["due_only"] + answer["unchanged"] == 4
    assert sum(move["requests"] for move in answer["moves"]) == answer["changed"] == answer["moved"] == 3
    (move,) = answer["moves"]
    assert (move["from"]["department"]["code"], move["to"]["department"]["code"]) == ("aval-accueil", "metro-voirie")
    assert move["to"]["authority"] == {
        "code": "metro",
        "names": {"fr": "Métropole du Pays", "en": "Country Metropolis"},
    }
    assert move["sample"] == [str(UUID(int=number)) for number in (2, 1, 0)]
    assert (answer["in_hands"]["proposed"], answer["in_hands"]["moved"]) == (1, 1)


def test_the_sentence_and_its_figures_agree() -> None:
    answer = fields()
    assert summary(answer) == f"3 of 4 requests (75.0%) would be decided otherwise by {CANDIDATE.version}."
    assert sum(number for _, number in counted(answer)) == answer["compared"]
    assert dict(left_out(answer)) == {
        "of other territories": "1",
        "erased": "1",
        "whose release is not published": "0",
        "that cannot be read": "0",
    }


def test_without_a_database_nobody_claims_to_know_what_was_erased() -> None:
    what_if = found()
    what_if.erased_are_known = False
    answer = fields_of(what_if)
    assert answer["skipped"]["erased"] is None
    assert dict(left_out(answer))["erased"] == "not known"


class Tags(HTMLParser):
    """Every tag of a page with its attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> Iterator[dict[str, str | None]]:
        return (attributes for name, attributes in self.found if name == tag)


def test_the_page_runs_nothing_and_loads_nothing() -> None:
    tags = Tags(page_of(fields(), "fr"))
    names = {name for name, _ in tags.found}
    assert not names & {"script", "link", "img", "iframe", "object", "form"}
    loading = {"src", "href", "style", "srcset", "action"}
    assert not [each for _, attributes in tags.found for each in attributes if each in loading or each.startswith("on")]
    (policy,) = (one["content"] for one in tags.named("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_names_the_owners_in_the_language_asked_for_and_escapes_them() -> None:
    page = page_of(fields(), "fr")
    assert "Mairie d&#39;Aval" in page
    assert "pour Métropole" not in page  # the page's own words are English, as the command line's are
    assert "for Métropole du Pays" in page
    assert "3 would be decided otherwise" in page
    assert str(UUID(int=2)) in page


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2d", NOW - timedelta(days=2)),
        ("12h", NOW - timedelta(hours=12)),
        ("2026-11-01", datetime(2026, 10, 31, 23, 0, tzinfo=UTC)),  # midnight in Paris
        ("2026-11-01T06:00", datetime(2026, 11, 1, 5, 0, tzinfo=UTC)),
        ("2026-11-01T06:00+00:00", datetime(2026, 11, 1, 6, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_taken_as_people_write_it(text: str, moment: datetime) -> None:
    assert since_when(text, SMALL, NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-11-25", "30 d", ""])
def test_a_moment_that_is_none_or_in_the_future_is_wrong_use(text: str) -> None:
    with pytest.raises(WrongUse, match=r"write it as|Name an earlier moment"):
        since_when(text, SMALL, NOW)


def test_an_unknown_pack_is_wrong_use() -> None:
    refused = CliRunner().invoke(app, ["what-if", "atlantis", "--since", "1d"])
    assert isinstance(refused.exception, WrongUse)
    assert "atlantis" in str(refused.exception)


def test_without_kafka_it_says_that_it_is_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path, text in files().items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP", "127.0.0.1:9")
    monkeypatch.delenv("GUICHET_POSTGRES_DSN", raising=False)
    monkeypatch.setattr("libs.operate.publishing.CAUGHT_UP_SECONDS_MAX", 1.0)
    refused = CliRunner().invoke(app, ["what-if", str(tmp_path), "--since", "1d"])
    assert isinstance(refused.exception, Away)
    assert "127.0.0.1:9" in str(refused.exception)
