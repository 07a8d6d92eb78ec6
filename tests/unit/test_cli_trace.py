"""Is a request's timeline told once, in order, and without anything personal?"""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from libs.events import EVENTS, Event
from libs.events.cloudevents import decode_structured
from libs.events.example_files import examples_of
from libs.events.topics import REQUESTS_ROUTED, dead_topic
from libs.operate.commands.trace import _entry, _uuid, show, summary
from libs.operate.output import WRONG_USE, Stopped
from libs.operate.timeline import Said, _once, _why_dead

MOMENT = datetime(2026, 11, 23, 10, tzinfo=UTC)
ALL = [
    pytest.param(decode_structured(orjson.dumps(example)), id=f"{kind.__name__}-{name}")
    for kind in EVENTS.values()
    for name, example in examples_of(kind).items()
]
ROUTED = decode_structured(orjson.dumps(next(iter(examples_of(EVENTS["guichet.RequestRouted.v1"]).values()))))


def said(event: Event | None, offset: int = 0, dead: dict[str, str] | None = None) -> Said:
    return Said(MOMENT, REQUESTS_ROUTED, 0, offset, event, dead)


@pytest.mark.parametrize("event", ALL)
def test_every_event_has_a_line_that_shows_nothing_sealed(event: Event) -> None:
    assert "v1." not in summary(event)


def test_an_entry_names_who_said_it_and_why() -> None:
    entry: dict[str, Any] = _entry(said(ROUTED))
    assert entry["service"] == "router"
    assert entry["type"] == "guichet.RequestRouted.v1"
    assert entry["summary"] == ROUTED.data.decision.sentence[ROUTED.data.language]  # type: ignore[attr-defined]
    assert entry["reasons"]


def test_an_event_that_was_written_twice_is_told_once() -> None:
    assert _once([said(ROUTED, 1), said(ROUTED, 2)]) == [said(ROUTED, 1)]


def test_records_that_are_no_events_are_told_apart() -> None:
    assert len(_once([said(None, 1), said(None, 2)])) == 2


def test_the_reason_of_a_dead_letter_is_read_from_its_headers() -> None:
    headers = [("ce_id", b"1"), ("guichet-dead-slug", b"unknown-release"), ("guichet-dead-message", b"\xff")]
    assert _why_dead(headers) == {"slug": "unknown-release", "message": "\N{REPLACEMENT CHARACTER}"}
    assert dead_topic("router") == "router.dead.v1"


def test_what_is_no_request_is_wrong_use() -> None:
    with pytest.raises(Stopped) as stopped:
        _uuid("G-0000")
    assert stopped.value.exit_code == WRONG_USE


def test_a_trace_speaks_the_language_that_is_asked_for() -> None:
    sentence = ROUTED.data.decision.sentence  # type: ignore[attr-defined]
    assert {language: _entry(said(ROUTED), language)["summary"] for language in sentence} == sentence
    assert len(set(sentence.values())) > 1


def test_a_trace_says_the_day_once_and_then_the_time_since(capsys: pytest.CaptureFixture[str]) -> None:
    entries = [_entry(said(ROUTED)) | {"at": at} for at in ("2026-11-28T23:59:58+00:00", "2026-11-29T00:00:01+00:00")]
    show({"reference": "G-1", "request_id": "1", "language": "fr", "events": entries})
    shown = capsys.readouterr().out
    assert "2026-11-28 23:59:58 UTC" in shown
    assert "2026-11-29 00:00:01 UTC" in shown
    assert "3.000 s  router" in shown
