"""Who may choose, among whom, and which choice is taken? Pure functions of a request, a release and a moment."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

from libs.directory.asked import where_of
from libs.directory.decide import Question, decide
from libs.directory.model import FRONT_DESK, Department, Names
from libs.directory.place import locate
from libs.directory.release import Release
from libs.events.envelope import Event
from libs.events.fields import Code
from libs.events.given import GivenText, about, within
from libs.events.models import Guess, RequestAccepted, RequestHeld
from libs.events.place import Place, PlaceGiven
from services.intake.rules import Refusal
from services.intake.standing import REACHED_FROM, Standing

COMMENT_CHARACTERS_MAX = 1_000  # a remark to a colleague; what the citizen wrote travels with the request anyway
Comment = Annotated[
    GivenText, AfterValidator(within(COMMENT_CHARACTERS_MAX)), about(COMMENT_CHARACTERS_MAX, "for the department")
]
CHOICES_MAX = 12  # more are not compared at a glance; every other department is in the list beside them

# Why a request is held, the most telling first: a record often has several of these reasons.
TELLING = (
    "hop-limit",
    "assignment-refused",
    "all-refused",
    "service-missing",
    "classifier-abstained",
    "service-unknown",
    "rules-tied",
    "no-rule",
    "contradiction",
    "code-differs",
    "words-differ",
    "circle-differs",
    "near-border",
    "near-layer",
    "circle-across",
    "code-divided",
    "postal-shared",
    "postal-differs",
    "name-ambiguous",
    "name-unknown",
    "name-short",
    "postal-unknown",
    "postal-cedex",
    "code-elsewhere",
    "code-expired",
    "circle-outside",
    "point-outside",
    "point-vague",
    "point-without-boundaries",
    "address-unread",
    "place-missing",
)

Source = Literal["rules", "possible", "front-desk", "candidate"]


@dataclass(frozen=True, slots=True)
class Held:
    """One line of the queue: why a request waits for a person, since when, and whether somebody has it in hand."""

    request_id: UUID
    territory: str
    desk: str
    outcome: str
    reason: str
    held_at: datetime
    service: str | None = None
    municipality: str | None = None
    taken_by: str | None = None
    taken_at: datetime | None = None


class Assignment(BaseModel):
    """What a person at a desk decides about one request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    department: Code
    service: Code | None = None
    comment: Comment | None = None
    place: PlaceGiven | None = None
    """What the person found out about where it is: a municipality, or a point."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A department that comes into question. `source`: the rules name it today; it is one of several possible owners
    (`why` is the place that this depends on); it answers for the municipality; or a rule about it lost (`why` is the
    remark, in the territory's first language only)."""

    department: str
    names: Names
    authority: str
    authority_names: Names
    source: Source
    why: Names
    has_refused: bool


@dataclass(frozen=True, slots=True)
class Guessed:
    """A subject that the text may be about, how likely that is, and whom the rules would name for it today."""

    service: str
    names: Names
    confidence: float
    department: str | None
    department_names: Names


def may_triage(territories: frozenset[str] | None, territory: str) -> bool:
    """Whether a key may choose in this territory; one that names none may in all."""
    return territories is None or territory in territories


def why_held(reasons: Sequence[str], outcome: str) -> str:
    """The one reason that stands in the queue."""
    return next((code for code in TELLING if code in reasons), reasons[-1] if reasons else outcome)


def held_row(event: Event) -> Held:
    """The line of the queue for a request that was just held."""
    data = event.data
    assert isinstance(data, RequestHeld)
    reason = why_held([reason.code for reason in data.decision.reasons], data.decision.outcome)
    decision = data.decision
    place = decision.municipality.code if decision.municipality else None
    line = (data.request_id, data.territory, data.desk.code, decision.outcome, reason, event.time)
    return Held(*line, data.service or decision.service, place)


def is_made(standing: Standing, assignment: Assignment) -> bool:
    """Whether this very choice has been made already, so that pressing twice is pressing once."""
    is_same = assignment.service in (None, standing.service)
    has_it = standing.department in (None, standing.assigned)
    return standing.assigned == assignment.department and is_same and has_it and standing.state != "resolved"


def assignment_refusal(
    standing: Standing, service: str | None, assignment: Assignment, release: Release, now: datetime
) -> Refusal | None:
    """Why this choice cannot be taken. `service` is what it will be about."""
    if standing.state not in REACHED_FROM["assigned"]:
        sources = ", ".join(sorted(REACHED_FROM["assigned"]))
        return Refusal("transition-not-allowed", f"the request is {standing.state}; only {sources} can be assigned")
    department = release.departments.get(assignment.department)
    if department is None or not is_at_work(release, department, now):
        message = f"department {assignment.department!r} is not at work in {release.territory.code}; choose another"
        return Refusal("unknown-department", message, "department")
    if standing.state != "held" and standing.department == assignment.department:
        message = f"the request is with {assignment.department} already"
        return Refusal("transition-not-allowed", message, "department")
    code = assignment.place.municipality_code if assignment.place else None
    if code is not None and code not in release.municipalities:
        message = f"municipality {code!r} is not one of {release.territory.code}; choose another"
        return Refusal("unknown-municipality", message, "place.municipality_code")
    if service is None:
        return Refusal("service-needed", "say which service it is about; nobody has yet", "service")
    if service not in release.services:
        message = f"service {service!r} is not offered in {release.territory.code}; choose another"
        return Refusal("unknown-service", message, "service")
    return None


def completed(release: Release, place: Place, given: PlaceGiven, now: datetime) -> Place:
    """The place with what a person found out: that counts, and what contradicts it goes, but for the address."""
    named = Place.model_validate({**given.model_dump(), "address": given.address or place.address})
    if given.municipality_code is None or given.lat is not None:
        return named
    with_point = named.model_copy(update={"lat": place.lat, "lon": place.lon, "accuracy_m": place.accuracy_m})
    fits = place.lat is not None and locate(release, where_of(with_point), now).outcome == "found"
    return with_point if fits else named


def is_at_work(release: Release, department: Department, now: datetime) -> bool:
    """Whether the department and its authority exist on this day."""
    day = release.calendar.local(now).toordinal()
    authority = release.authorities.get(department.authority)
    return day in department.days and authority is not None and day in authority.days


def choices_for(
    release: Release,
    accepted: RequestAccepted,
    service: str | None,
    refusers: Sequence[str],
    recorded: Mapping[str, Any],
    now: datetime,
) -> list[Choice]:
    """Who comes into question, the likeliest first, each once; who has refused comes last, the desks do not come.

    Asked of today's rules, because whoever is chosen must be at work today; then what was recorded when it was held.
    """
    question = Question(
        service=service, place=where_of(accepted.place), at=now, answers=accepted.answers, refusers=refusers
    )
    today = decide(release, question).as_dict()
    desks = {release.territory.desk, release.territory.arbitration}
    found: dict[str, Choice] = {}
    for code, authority, source, why in _named(release, today, recorded, is_same=service == recorded.get("service")):
        department = release.departments.get(code or "")
        is_offered = department is not None and code not in desks and is_at_work(release, department, now)
        if department is None or code in found or not is_offered:
            continue
        owner = release.authorities.get(authority or "") or release.authorities[department.authority]
        names, owner_names = department.names, owner.names
        found[code] = Choice(code, names, owner.code, owner_names, source, why, code in refusers)
    return sorted(found.values(), key=lambda choice: choice.has_refused)[:CHOICES_MAX]


def guesses_for(
    release: Release, accepted: RequestAccepted, refusers: Sequence[str], now: datetime
) -> tuple[Guessed, ...]:
    """What was read when the request came, the likeliest first, as far as it is offered today."""
    guesses = accepted.reading.guesses if accepted.reading else ()
    known = [guess for guess in guesses if guess.service in release.services]
    return tuple(_guessed(release, accepted, guess, refusers, now) for guess in known)


def _guessed(
    release: Release, accepted: RequestAccepted, guess: Guess, refusers: Sequence[str], now: datetime
) -> Guessed:
    question = Question(
        service=guess.service, place=where_of(accepted.place), at=now, answers=accepted.answers, refusers=refusers
    )
    named = decide(release, question).as_dict()["department"]
    department = release.departments.get(named["code"]) if named else None
    is_offered = department is not None and is_at_work(release, department, now)
    names = release.services[guess.service].names
    if department is None or not is_offered:
        return Guessed(guess.service, names, guess.confidence, None, {})
    return Guessed(guess.service, names, guess.confidence, department.code, department.names)


_Named = tuple[str, str | None, Source, Names]


def _named(
    release: Release, today: Mapping[str, Any], recorded: Mapping[str, Any], *, is_same: bool
) -> Iterator[_Named]:
    records = [today, recorded] if is_same else [today]  # what was recorded was about another service
    if today["department"]:
        yield today["department"]["code"], today["authority"]["code"], "rules", {}
    for record in records:
        yield from _possible(release, record.get("reasons", ()))
    for municipality in _municipalities(today, recorded):
        yield from _front_desks(release, municipality)
    for record in records:
        for one in record.get("candidates", ()):
            if one.get("department"):
                yield (
                    one["department"],
                    one.get("authority"),
                    "candidate",
                    {release.territory.languages[0]: one["reason"]},
                )


def _possible(release: Release, reasons: Iterable[Mapping[str, Any]]) -> Iterator[_Named]:
    for reason in reasons:
        details = reason.get("details") or {}
        if reason["code"] == "possible-owner" and details.get("department"):
            place = release.municipalities.get(details.get("municipality") or "")
            yield details["department"], details.get("authority"), "possible", place.names if place else {}


def _municipalities(*records: Mapping[str, Any]) -> Iterator[str]:
    """Every municipality that a decision speaks of, by official code."""
    for record in records:
        if record.get("municipality"):
            yield record["municipality"]["code"]
        for reason in record.get("reasons", ()):
            named = (reason.get("details") or {}).get("municipality")
            if isinstance(named, str):
                yield named


def _front_desks(release: Release, municipality: str) -> Iterator[_Named]:
    authority = release.municipalities.get(municipality)
    for department in release.departments.values():
        if authority is not None and department.authority == authority.code and department.role == FRONT_DESK:
            yield department.code, authority.code, "front-desk", {}
