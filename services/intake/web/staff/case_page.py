"""What does the page of one waiting request show to whoever chooses?"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from libs.directory.places_said import place_in_words, point_in_words
from libs.directory.release import Release
from libs.directory.replies import replies_in_words
from services.intake.personal import Opened
from services.intake.triage.queue import Case
from services.intake.triage.rules import Choice, Guessed, is_at_work
from services.intake.web.choices import Group, groups_of, plain
from services.intake.web.map import map_address
from services.intake.web.staff.queue_page import age_of
from services.intake.web.texts import Texts, pick

DIGITS_MAX = 9  # keys 1 to 9


@dataclass(frozen=True, slots=True)
class Offer:
    """One department to choose, with the key that chooses it."""

    digit: int | None
    code: str
    name: str
    authority: str
    why: str
    has_refused: bool


@dataclass(frozen=True, slots=True)
class GuessOffer:
    """A guessed subject, and the department that goes with it: one press chooses both. Without one, only to look at."""

    digit: int
    service: str
    subject: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Said:
    """Something somebody said or did, with its time."""

    who: str
    at: datetime
    when: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything that the page shows."""

    reference: str
    what: str
    territory: str
    received: str
    age: str
    sentence: str
    safety: str
    personal: Opened
    wrote_language: str
    wrote_language_name: str
    facts: tuple[Fact, ...]
    reasons: tuple[str, ...]
    refusals: tuple[Said, ...]
    openings: tuple[Said, ...]
    notes: tuple[Said, ...]
    taken_by: str
    taken_when: str
    municipalities: tuple[tuple[str, str], ...]
    map: str
    state: str
    holder: str
    proposal: str
    can_be_assigned: bool
    can_be_closed: bool
    service: str
    services: tuple[Group, ...]
    guesses: tuple[GuessOffer, ...]
    looks: tuple[GuessOffer, ...]
    offers: tuple[Offer, ...]
    departments: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


def view_of(case: Case, texts: Texts, now: datetime) -> CaseView:
    """In one language, by the territory's clock."""
    accepted, standing, release, language = case.accepted, case.standing, case.release, texts.language
    zone = ZoneInfo(release.territory.time_zone)
    service = release.services.get(case.service or "")
    guesses = tuple(_guesses([one for one in case.guesses if one.department], texts))
    return CaseView(
        reference=accepted.reference,
        what=pick(service.names, language) if service else texts("subject-unsaid"),
        territory=pick(release.territory.names, language),
        received=texts.moment(accepted.accepted_at.astimezone(zone)),
        age=age_of(now - accepted.accepted_at, texts),
        sentence=pick(case.decision.get("sentence"), language),
        safety=pick(case.decision.get("safety") or (service.safety if service else None), language),
        personal=case.personal,
        wrote_language=accepted.language,
        wrote_language_name=language_said(accepted.language, texts),
        facts=tuple(_facts(case, texts)),
        reasons=tuple(pick(one.get("text"), language) or one["code"] for one in case.decision.get("reasons", ())),
        refusals=tuple(
            Said(
                _department(release, one.department, language),
                one.refused_at,
                _when(one.refused_at, zone, texts),
                one.reason,
            )
            for one in case.refusals
        ),
        openings=tuple(
            Said(one.opened_by, one.opened_at, _when(one.opened_at, zone, texts), "") for one in case.openings
        ),
        notes=tuple(
            Said(one.written_by, one.written_at, _when(one.written_at, zone, texts), one.text) for one in case.notes
        ),
        taken_by=case.held.taken_by or "" if case.held else "",
        taken_when=_when(case.held.taken_at, zone, texts) if case.held and case.held.taken_at else "",
        municipalities=_municipalities(release, language),
        map=map_address(release, accepted.place, language),
        state=standing.state,
        holder=_department(release, standing.department, language) if standing.department else "",
        proposal=_named(case.proposal, language),
        can_be_assigned=case.can_be_assigned,
        can_be_closed=standing.state == "held",
        service=case.service or "",
        services=groups_of(release, language),
        guesses=guesses,
        looks=tuple(_guesses([one for one in case.guesses if not one.department], texts)),
        offers=tuple(_offers(case.choices, texts, len(guesses))),
        departments=tuple(departments_of(release, language, now)),
    )


def _facts(case: Case, texts: Texts) -> Iterator[Fact]:
    place, language = case.accepted.place, texts.language
    found = case.decision.get("municipality")
    if found:
        yield Fact(texts("case-municipality"), pick(found["names"], language))
    words = place_in_words(case.release, place, found["names"] if found else None, language, has_point=False)
    accuracy = texts("case-accuracy", metres=round(place.accuracy_m)) if place.accuracy_m else ""
    where = " · ".join(part for part in (words, point_in_words(place), accuracy) if part)
    yield Fact(texts("case-place"), where or texts("place-unsaid"))
    service = case.release.services.get(case.accepted.service or "")
    for question, answer in replies_in_words(service, case.accepted.answers, language).items():
        yield Fact(question, answer)


def _municipalities(release: Release, language: str) -> tuple[tuple[str, str], ...]:
    named = [(code, pick(one.names, language)) for code, one in release.municipalities.items()]
    return tuple(sorted(named, key=lambda pair: plain(pair[1])))


def _guesses(guessed: Sequence[Guessed], texts: Texts) -> Iterator[GuessOffer]:
    for digit, one in enumerate(guessed, 1):
        subject = pick(one.names, texts.language)
        said = texts("perhaps", subject=subject, percent=round(one.confidence * 100))
        yield GuessOffer(digit, one.service, said, one.department or "", pick(one.department_names, texts.language))


def _offers(choices: Sequence[Choice], texts: Texts, guesses: int) -> Iterator[Offer]:
    for number, choice in enumerate(choices, guesses + 1):
        yield Offer(
            digit=number if number <= DIGITS_MAX else None,
            code=choice.department,
            name=pick(choice.names, texts.language),
            authority=pick(choice.authority_names, texts.language),
            why=_why(choice, texts),
            has_refused=choice.has_refused,
        )


def _why(choice: Choice, texts: Texts) -> str:
    if choice.has_refused:
        return ""  # the refusal itself stands beside it
    if choice.source == "candidate":
        return choice.why.get(texts.language) or texts("source-candidate")
    return texts("source-" + choice.source, place=pick(choice.why, texts.language))


def departments_of(release: Release, language: str, now: datetime) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """All that are at work today, by authority, both by name."""
    of: dict[str, list[tuple[str, str]]] = {}
    for code, department in release.departments.items():
        if is_at_work(release, department, now):
            of.setdefault(department.authority, []).append((code, pick(department.names, language)))
    named = [(pick(release.authorities[code].names, language), staff) for code, staff in of.items()]
    for authority, staff in sorted(named, key=lambda pair: plain(pair[0])):
        yield authority, tuple(sorted(staff, key=lambda pair: plain(pair[1])))


def _department(release: Release, code: str, language: str) -> str:
    known = release.departments.get(code)
    return pick(known.names, language) if known else code


def language_said(code: str, texts: Texts) -> str:
    """“in Swedish”, in the reader's own language."""
    key = "wrote-in-" + code.partition("-")[0]
    return texts(key) if key in texts.words else texts("wrote-in", code=code)


def _named(decision: Mapping[str, Any] | None, language: str) -> str:
    party = decision.get("department") if decision else None
    return pick(party["names"], language) if party else ""


def _when(moment: datetime, zone: ZoneInfo, texts: Texts) -> str:
    return texts.moment(moment.astimezone(zone))
