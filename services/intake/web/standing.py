"""What does the page about one request show, in the words of one language?"""

import re
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from libs.directory.model import Names, Service
from libs.directory.places_said import place_in_words, point_in_words
from libs.directory.reading import safety_of
from libs.directory.release import Release
from libs.directory.replies import replies_in_words
from libs.directory.sentences import UNSURE, day_in_words
from services.intake.status import Own, Status, Step
from services.intake.web.map import map_address
from services.intake.web.texts import Texts, pick, spoken_in

SHARE = re.compile(r"\(\d+ %\)")
STAGES = ("accepted", "routed", "started", "resolved")
# Held and acknowledged are moments of a stage, not stages of their own.
STAGE_OF = {"held": "accepted", "acknowledged": "routed"}
UTC_ZONE = "UTC"
END_OF_DAY = time(23, 59)  # a due date of whole working days ends there, and is said without a time


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the four steps that every request goes through."""

    name: str
    is_done: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history."""

    at: datetime
    when: str
    sentence: str
    is_aside: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label's key and what stands beside it. `spoken` is its language where it is another than the page's."""

    label: str
    text: str
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class StandingView:
    """Everything that the page shows."""

    reference: str
    state: str
    sentence: str
    safety: str
    stages: tuple[Stage, ...]
    facts: tuple[Fact, ...]
    history: tuple[Happened, ...]
    is_closed: bool
    words: str = ""
    """What the department wrote with the step that the page begins with."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the person herself said, so that she can check it and prove it."""

    description: str
    is_erased: bool
    facts: tuple[tuple[str, str], ...]
    map: str


def handed_in(status: Status, own: Own, release: Release | None, texts: Texts) -> HandedIn:
    """In the words of the page, the answers in those of the pack that is in force."""
    assert status.accepted is not None
    place, language = status.accepted.place, texts.language
    decision = status.decision or {}
    found = decision["municipality"]["names"] if decision.get("municipality") else None
    service = release.services.get(decision.get("service") or status.service or "") if release else None
    where = place_in_words(release, place, found, language)
    point = point_in_words(place)
    facts = [(texts("own-where"), where), *([(texts("own-point"), point)] if point and point != where else [])]
    return HandedIn(
        own.description or "",
        own.is_erased,
        (*facts, *replies_in_words(service, status.accepted.answers, language).items()),
        map_address(release, place, language),
    )


def view_of(status: Status, release: Release | None, texts: Texts, own: Own | None = None) -> StandingView:
    """`release` is the one in force: it names the service and the clock; None when the territory has gone. `own` is for
    the person who asked only."""
    language, zone = texts.language, ZoneInfo(release.territory.time_zone if release else UTC_ZONE)
    reached = STAGES.index(STAGE_OF.get(status.state, status.state))
    decision = status.decision or {}
    service = release.services.get(decision.get("service") or status.service or "") if release else None
    code = service.code if service else None
    safety = decision.get("safety") or (safety_of(release, code, status.reading) if release else None)
    told = _with_notes(status, own)
    return StandingView(
        reference=status.reference,
        state=status.state,
        sentence=pick(_told(status.sentence), language),
        safety=pick(safety, language),
        stages=tuple(Stage(name, index < reached, index == reached) for index, name in enumerate(STAGES)),
        facts=tuple(_facts(status, service, zone, texts)),
        history=tuple(
            Happened(
                step.at,
                texts.moment(step.at.astimezone(zone)),
                pick(_told(step.sentence), language),
                step.is_aside,
                note,
            )
            for step, note in reversed(told)
        ),
        is_closed=status.state == "resolved",
        words=next(note for step, note in reversed(told) if not step.is_aside),
    )


def _told(sentence: Names) -> Names:
    """What releases of format 2 said of their guesses is not said on: how sure a machine was is for the desk."""
    return UNSURE if SHARE.search(next(iter(sentence.values()), "")) else sentence


def _with_notes(status: Status, own: Own | None) -> list[tuple[Step, str]]:
    notes = own.notes if own and own.notes else (None,) * len(status.history)
    return [(step, note or "") for step, note in zip(status.history, notes, strict=True)]


def _named(label: str, names: Names, texts: Texts) -> Fact:
    spoken = spoken_in(names, texts.language)
    return Fact(label, pick(names, texts.language), "" if spoken == texts.language else spoken)


def _facts(status: Status, service: Service | None, zone: ZoneInfo, texts: Texts) -> list[Fact]:
    decision = status.decision or {}
    facts = [_named("about", service.names, texts) if service else Fact("about", texts("about-unknown"))]
    for name in ("authority", "department", "place"):
        party = decision.get("municipality" if name == "place" else name)
        if party:
            facts.append(_named(name, party["names"], texts))
    if decision.get("due") and status.state != "resolved":
        due = datetime.fromisoformat(decision["due"]).astimezone(zone)
        is_whole_day = due.time() >= END_OF_DAY
        facts.append(Fact("due", texts("due-by", date=texts.date(due) if is_whole_day else texts.moment(due))))
    if status.expected and status.state != "resolved":
        facts.append(Fact("expected", day_in_words(status.expected, texts.language)))
    if decision.get("legal_basis"):
        facts.append(Fact("basis", decision["legal_basis"]))
    return facts
