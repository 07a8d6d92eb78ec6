"""Does the quick way from a decision to its record make the bytes, and the id, of the checked event?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.delivery.publisher import outgoing
from libs.directory import Release, decide
from libs.events.envelope import Event
from services.router import announce, rules
from services.router.announce import Announced, announce_all, announced
from services.router.rules import Task
from tests.unit.directory_packs import AT, AUTHORITIES, COMPETENCES, SOUTH, TERRITORY, release_of
from tests.unit.router_requests import SEALED, accepted_event, assigned_event, refused_event

# Names that JSON must escape, or may: quotes, a backslash, a tab, U+007F, a sign beyond 16 bits, a line separator.
ODD = 'Pays ""d\'Œ"" \\ \t\x7f😀\u2028</script>'
SMALL = release_of()
STRANGE = release_of(
    territory=TERRITORY.replace("languages: [fr, en]", "languages: [en, fr]"),
    authorities=AUTHORITIES.replace("aval,municipality,T01,Aval,", f'aval,municipality,T01,"{ODD}",'),
    competences=COMPETENCES.replace("Code L1", f'"{ODD}"'),
)


def task_of(event: Event) -> Task:
    task = rules.task_in(event)
    assert task is not None
    return task


def same(release: Release, task: Task) -> Announced:
    """The record of the quick way, once it is known to be that of the checked event."""
    announce_all(release, [task])  # a rule's first record is checked
    (quick,) = announce_all(release, [task])
    assert isinstance(quick, Announced)
    event = rules.answer(release, task, decide(release, rules.question_in(task)))
    assert quick.record == outgoing(event)
    assert quick.outcome == rules.outcome_in(event)
    return quick


NUMBERS = st.one_of(st.integers(-99, 99), st.floats(allow_nan=False, allow_infinity=False))
TEXTS = st.text(st.characters(exclude_characters="\x00", codec="utf-8"), max_size=20)
ANSWERS = st.dictionaries(
    st.sampled_from(["height_m", "owner", "note", "a-b"]),
    st.one_of(TEXTS, NUMBERS, st.booleans(), st.none(), st.lists(TEXTS, max_size=3)),
)
POINTS = st.builds(
    lambda x, y, accuracy_m, words: {"lat": SOUTH + y, "lon": x, "accuracy_m": accuracy_m, **words},
    st.floats(-0.01, 0.06),
    st.floats(-0.02, 0.04),
    st.one_of(st.none(), st.floats(0, 3_000)),
    st.sampled_from([{}, {"municipality_code": "T01"}, {"municipality_name": "Aval"}, {"postal_code": "99100"}]),
)
WORDS = st.builds(
    lambda code, name, address: {"municipality_code": code, "municipality_name": name, "address": address},
    st.sampled_from(["T01", "T02", "T04", "X99", None]),
    st.sampled_from(["Aval", "Bourg le Haut", "Bourg le Hat", "Nulle Part"]),
    st.one_of(st.none(), TEXTS),
)
READ = {"release": "small@0", "urgent": None, "guesses": [{"service": "lamp", "confidence": 0.9731}]}


@settings(max_examples=300, deadline=None)
@given(
    place=st.one_of(POINTS, WORDS),
    service=st.sampled_from(["pothole", "lamp", "graffiti", None]),
    answers=ANSWERS,
    refusers=st.lists(st.sampled_from(["metro-voirie", "aval-accueil", "state-roads", "x"]), max_size=5, unique=True),
    more=st.sampled_from([{}, {"contact": None, "contact_channels": []}, {"description": SEALED, "reading": READ}]),
    release=st.sampled_from([SMALL, STRANGE]),
)
def test_the_quick_way_makes_the_bytes_of_the_checked_event(
    place: dict[str, Any],
    service: str | None,
    answers: dict[str, Any],
    refusers: list[str],
    more: dict[str, Any],
    release: Release,
) -> None:
    changes = {"place": place, "service": service, "answers": answers, **more}
    event = refused_event(release, refusers, **changes) if refusers else accepted_event(release, **changes)
    same(release, task_of(event))


def test_a_replayed_event_in_another_time_zone_is_answered_alike() -> None:
    event = accepted_event(SMALL, time=AT + timedelta(microseconds=120))
    same(SMALL, task_of(replace(event, replay_id="again", replay_depth=2, traceparent=None)))


def test_whom_a_person_chose_is_announced_as_before() -> None:
    for event in (
        assigned_event(SMALL, "metro-accueil"),
        refused_event(SMALL, ["state-roads"], was_assigned=True),
        refused_event(SMALL, ["a", "b", "c", "d"]),
    ):
        task = task_of(event)
        assert announced(SMALL, task, decide(SMALL, rules.question_in(task))).record == outgoing(
            rules.answer(SMALL, task, decide(SMALL, rules.question_in(task)))
        )


def test_most_requests_take_the_quick_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Announced:
        raise AssertionError("this request is plain")

    same(SMALL, task_of(accepted_event(SMALL)))
    monkeypatch.setattr(announce, "_checked", refuse)
    same(SMALL, task_of(accepted_event(SMALL, place={"lat": SOUTH + 0.012, "lon": 0.011})))


@pytest.mark.parametrize(
    "release",
    [
        release_of(authorities=AUTHORITIES.replace("Aval,Aval", f"{'A' * 1_990},Aval")),
        Release.from_bytes(SMALL.to_bytes().replace(b"Code L1", b"L" * 2_001)),
    ],
)
def test_what_readers_would_refuse_is_not_published(release: Release) -> None:
    with pytest.raises(ValidationError):
        announce_all(release, [task_of(accepted_event(release))])
