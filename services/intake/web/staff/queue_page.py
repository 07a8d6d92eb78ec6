"""What does the list of waiting requests show, and how is it narrowed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from libs.directory.places_said import place_in_words
from libs.directory.release import Release
from libs.events.models import RequestAccepted
from services.intake.triage.queue import Line, Page, Wanted
from services.intake.triage.store import Subjects, Tally
from services.intake.triage.work.store import Done
from services.intake.web.choices import plain
from services.intake.web.texts import Texts, pick

AGES = ("4", "24", "72", "168")  # hours; what a desk sorts its day by
OLD_HOURS = 24  # a citizen who has waited a day for a mere owner has waited long
NARROWED_BY = {"service": "filter-service", "municipality": "filter-municipality", "desk": "filter-desk"}
UNSAID = "-"  # no code is a mere dash
OUTCOME, REASON = "outcome.", "reason."  # what the value of the filter `why` begins with


@dataclass(frozen=True, slots=True)
class Asked:
    """The list that a person looks at; it is kept in every address, so that going back finds the same list."""

    territory: str = ""
    why: str = ""
    age: str = ""
    service: str = ""
    municipality: str = ""
    desk: str = ""
    after: str = ""
    before: str = ""
    lang: str = ""

    @classmethod
    def of(cls, query: QueryParams, language: str) -> "Asked":
        """From an address."""
        age = query.get("age", "")
        return cls(
            territory=query.get("territory", ""),
            why=query.get("why", ""),
            age=age if age in AGES else "",
            **{name: query.get(name, "") for name in ("service", "municipality", "desk", "after", "before")},
            lang=language,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return any((self.territory, self.why, self.age, self.service, self.municipality, self.desk))

    def address(self, **changes: str) -> str:
        """The same list as part of an address, with some values replaced."""
        known = replace(self, **{name: value for name, value in changes.items() if name in self.__slots__})
        values = {name: getattr(known, name) for name in self.__slots__} | changes
        return urlencode({name: value for name, value in values.items() if value})

    def wanted(self) -> Wanted:
        """As the queue is asked."""
        return Wanted(
            territory=self.territory or None,
            outcome=self.why.removeprefix(OUTCOME) if self.why.startswith(OUTCOME) else None,
            reason=self.why.removeprefix(REASON) if self.why.startswith(REASON) else None,
            older_than_hours=float(self.age) if self.age else None,
            service=_code(self.service),
            municipality=_code(self.municipality),
            desk=_code(self.desk),
            after=uuid_in(self.after),
            before=uuid_in(self.before),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list."""

    request_id: UUID
    href: str
    reference: str
    since: datetime
    when: str
    age: str
    is_old: bool
    what: str
    perhaps: str
    where: str
    why: str
    hops: int
    territory: str
    is_urgent: bool
    taken_by: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """One group of the filter: an outcome, with the reasons for it and how many wait for each."""

    outcome: str
    label: str
    count: int
    options: tuple[tuple[str, str, int], ...]


def rows_of(page: Page, releases: Mapping[str, Release], asked: Asked, texts: Texts, now: datetime) -> list[Row]:
    """The lines in one language, by the clocks of their territories."""
    return [_row(line, releases.get(line.held.territory), asked, texts, now) for line in page.lines]


def reasons_of(tallies: Sequence[Tally], asked: Asked, texts: Texts) -> list[Reasons]:
    """What waits in the area looked at, by outcome and reason."""
    counted: dict[str, dict[str, int]] = {}
    for one in tallies:
        if asked.territory in ("", one.territory):
            reasons = counted.setdefault(one.outcome, {})
            reasons[one.reason] = reasons.get(one.reason, 0) + one.requests
    return [
        Reasons(
            OUTCOME + outcome,
            texts("outcome-" + outcome),
            sum(reasons.values()),
            tuple((REASON + reason, reason_label(reason, {}, texts), count) for reason, count in reasons.items()),
        )
        for outcome, reasons in counted.items()
    ]


def reason_label(reason: str, decision: Mapping[str, Any], texts: Texts) -> str:
    """A few words for a reason, never its code: one that has none here says its own sentence, or that it is another."""
    if "why-" + reason in texts.words:
        return texts("why-" + reason)
    said = next((one.get("text") for one in decision.get("reasons", ()) if one["code"] == reason), None)
    return pick(said, texts.language) or texts("why-other")


def age_of(waited: timedelta, texts: Texts) -> str:
    """How long, roughly: minutes, then hours, then days."""
    minutes = max(0, int(waited.total_seconds() // 60))
    if minutes < 60:
        return texts("ago-minutes", n=minutes)
    return texts("ago-hours", n=minutes // 60) if minutes < 48 * 60 else texts("ago-days", n=minutes // 1440)


def _row(line: Line, release: Release | None, asked: Asked, texts: Texts, now: datetime) -> Row:
    accepted, language = line.accepted, texts.language
    zone = ZoneInfo(release.territory.time_zone) if release else accepted.accepted_at.tzinfo
    waited = now - accepted.accepted_at
    service = release.services.get(line.service or "") if release else None
    return Row(
        request_id=line.held.request_id,
        href=f"/triage/{line.held.request_id}?{asked.address()}",
        reference=accepted.reference,
        since=accepted.accepted_at,
        when=texts.moment(accepted.accepted_at.astimezone(zone)),
        age=age_of(waited, texts),
        is_old=waited >= timedelta(hours=OLD_HOURS),
        what=pick(service.names, language) if service else texts("subject-unsaid"),
        perhaps="" if service else guess_line(accepted, release, texts),
        where=_where(line, release, texts),
        why=reason_label(line.held.reason, line.decision, texts),
        hops=line.hops,
        territory=pick(release.territory.names, language) if release else line.held.territory,
        is_urgent=line.decision.get("urgent") is not None,
        taken_by=line.held.taken_by or "",
    )


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One request that I gave to somebody."""

    href: str
    reference: str
    at: datetime
    when: str
    what: str
    department: str
    state: str


def done_rows(done: Sequence[Done], releases: Mapping[str, Release], asked: Asked, texts: Texts) -> list[DoneRow]:
    """The last first, by the clocks of their territories."""
    return [_done_row(one, releases[one.territory], asked, texts) for one in done if one.territory in releases]


def _done_row(one: Done, release: Release, asked: Asked, texts: Texts) -> DoneRow:
    service, department = release.services.get(one.service), release.departments.get(one.department)
    return DoneRow(
        href=f"/triage/{one.request_id}?{asked.address()}",
        reference=one.reference,
        at=one.assigned_at,
        when=texts.moment(one.assigned_at.astimezone(ZoneInfo(release.territory.time_zone))),
        what=pick(service.names, texts.language) if service else one.service,
        department=pick(department.names, texts.language) if department else one.department,
        state=texts("state-" + one.state),
    )


def guess_line(accepted: RequestAccepted, release: Release | None, texts: Texts) -> str:
    """What a request without a subject may be about, so that one row is told from the next; empty without a guess."""
    guess = next(iter(accepted.reading.guesses if accepted.reading else ()), None)
    known = release.services.get(guess.service) if release and guess else None
    if guess is None or known is None:
        return ""
    return texts("perhaps", subject=pick(known.names, texts.language), percent=round(guess.confidence * 100))


def _where(line: Line, release: Release | None, texts: Texts) -> str:
    """The municipality first, which people look for in a list."""
    place, found = line.accepted.place, line.decision.get("municipality")
    names = found["names"] if found else None
    town = pick(names, texts.language)
    words = place_in_words(release, place, names, texts.language)
    return f"{town} · {words}" if town and town not in words else words or texts("place-unsaid")


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One more filter, with what waits under each of its values."""

    name: str
    label: str
    options: tuple[tuple[str, str, int], ...]


def narrowings_of(page: Page, releases: Mapping[str, Release], texts: Texts) -> list[Narrowing]:
    """By subject, municipality and desk, where there is something to choose between."""
    found: dict[str, dict[str, tuple[str, int]]] = {name: {} for name in NARROWED_BY}
    for one in page.subjects:
        found[one.kind][one.code or UNSAID] = (_named(one, releases, texts), one.requests)
    return [
        Narrowing(
            name,
            texts(NARROWED_BY[name]),
            tuple(sorted(((code, *said) for code, said in values.items()), key=lambda row: plain(row[1]))),
        )
        for name, values in found.items()
        if len(values) > 1
    ]


def _named(one: Subjects, releases: Mapping[str, Release], texts: Texts) -> str:
    if not one.code:
        return texts("subject-unsaid" if one.kind == "service" else "place-unsaid")
    for release in releases.values():
        known: Mapping[str, Any] = {
            "service": release.services,
            "municipality": release.municipalities,
            "desk": release.departments,
        }[one.kind]
        if one.code in known:
            return pick(known[one.code].names, texts.language)
    return one.code


def _code(text: str) -> str | None:
    """None for every code; the empty code is what nothing was said of."""
    return None if not text else "" if text == UNSAID else text


def uuid_in(text: str) -> UUID | None:
    """None for what is no id."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
