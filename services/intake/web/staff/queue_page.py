"""What does the list of waiting requests show, and how is it narrowed?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from libs.directory.release import Release
from libs.events.models import Place
from services.intake.triage.queue import Line, Page, Wanted
from services.intake.triage.store import Tally
from services.intake.web.texts import Texts, pick

AGES = ("4", "24", "72", "168")  # hours; what a desk sorts its day by
OLD_HOURS = 24  # a citizen who has waited a day for a mere owner has waited long
OUTCOME, REASON = "outcome.", "reason."  # what the value of the filter `why` begins with


@dataclass(frozen=True, slots=True)
class Asked:
    """The list that a person looks at; it is kept in every address, so that going back finds the same list."""

    territory: str = ""
    why: str = ""
    age: str = ""
    after: str = ""
    lang: str = ""

    @classmethod
    def of(cls, query: QueryParams, language: str) -> "Asked":
        """From an address."""
        age = query.get("age", "")
        return cls(
            territory=query.get("territory", ""),
            why=query.get("why", ""),
            age=age if age in AGES else "",
            after=query.get("after", ""),
            lang=language,
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.territory or self.why or self.age)

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
            after=_uuid(self.after),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One request in the list."""

    href: str
    reference: str
    since: datetime
    when: str
    age: str
    is_old: bool
    what: str
    where: str
    why: str
    hops: int
    territory: str
    is_urgent: bool


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
    """A few words for a reason; one that has none here says its own sentence, else its code."""
    if "why-" + reason in texts.words:
        return texts("why-" + reason)
    said = next((one.get("text") for one in decision.get("reasons", ()) if one["code"] == reason), None)
    return pick(said, texts.language) or reason


def age_of(waited: timedelta, texts: Texts) -> str:
    """How long, roughly: minutes, then hours, then days."""
    minutes = max(0, int(waited.total_seconds() // 60))
    if minutes < 60:
        return texts("ago-minutes", n=minutes)
    return texts("ago-hours", n=minutes // 60) if minutes < 48 * 60 else texts("ago-days", n=minutes // 1440)


def place_line(place: Place, municipality: str, texts: Texts) -> str:
    """A place in one line, the municipality first where it is known."""
    town = " ".join(part for part in (place.postal_code, place.municipality_name) if part)
    point = f"{place.lat:.5f}, {place.lon:.5f}" if place.lat is not None and place.lon is not None else ""
    parts = [municipality or town, place.address or "", "" if municipality and place.address else point]
    return " · ".join(part for part in parts if part) or place.municipality_code or texts("place-unsaid")


def municipality_in(decision: Mapping[str, Any], language: str) -> str:
    """The municipality that the decision found, by name."""
    party = decision.get("municipality")
    return pick(party["names"], language) if party else ""


def _row(line: Line, release: Release | None, asked: Asked, texts: Texts, now: datetime) -> Row:
    accepted, language = line.accepted, texts.language
    zone = ZoneInfo(release.territory.time_zone) if release else accepted.accepted_at.tzinfo
    waited = now - accepted.accepted_at
    service = release.services.get(line.service or "") if release else None
    return Row(
        href=f"/triage/{line.held.request_id}?{asked.address()}",
        reference=accepted.reference,
        since=accepted.accepted_at,
        when=texts.moment(accepted.accepted_at.astimezone(zone)),
        age=age_of(waited, texts),
        is_old=waited >= timedelta(hours=OLD_HOURS),
        what=pick(service.names, language) if service else texts("subject-unsaid"),
        where=place_line(accepted.place, municipality_in(line.decision, language), texts),
        why=reason_label(line.held.reason, line.decision, texts),
        hops=line.hops,
        territory=pick(release.territory.names, language) if release else line.held.territory,
        is_urgent=line.decision.get("urgent") is not None,
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
