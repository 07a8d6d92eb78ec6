"""Where does a request stand, and what moves it on? A table of states and pure functions of it.

accepted -> routed | held -> acknowledged -> started -> resolved. Two things lead back to accepted, where the router is
asked again: a refusal, one hop later, and a person's assignment, which the router may only announce.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator

from libs.events.envelope import Event
from libs.events.fields import HOPS_MAX, Code
from libs.events.given import GivenDescription, GivenSentence
from libs.events.models import RequestHeld, RequestRouted
from services.intake.rules import Refusal

State = Literal["accepted", "routed", "held", "acknowledged", "started", "resolved"]
Reported = Literal["acknowledged", "started", "resolved", "refused"]
Outcome = Literal["solved", "moved", "duplicate", "no_action"]

REACHED_FROM: Mapping[str, frozenset[str]] = {
    "routed": frozenset({"accepted", "held"}),
    "held": frozenset({"accepted"}),
    "acknowledged": frozenset({"routed", "held"}),
    "started": frozenset({"routed", "held", "acknowledged"}),
    "news": frozenset({"started"}),
    "resolved": frozenset({"routed", "held", "acknowledged", "started"}),
    "refused": frozenset({"routed", "acknowledged", "started"}),
    "assigned": frozenset({"held", "routed", "acknowledged", "started"}),
}
"""What may come next. A request that is held is the desk's: it can work on it, but not refuse it. News is a
report that work has begun, once more, with other words or another day."""

EXPECTED_DAYS_MAX = 3_650  # ten years: what is later is a typing error
WITH_AN_OWNER = ("routed", "acknowledged", "started", "resolved")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one request stands, and which event put it there (`cause`)."""

    request_id: UUID
    state: State
    cause: UUID
    hops: int = 0
    refusers: tuple[str, ...] = ()
    department: str | None = None
    outcome: str | None = None
    decision: str | None = None
    """The decision as JSON, as the router gave it."""
    assigned: str | None = None
    """The department that a person chose; no decision of the rules changes it, only a refusal or a person."""
    service: str | None = None
    """As a person corrected it."""
    proposal: str | None = None
    """What the rules would decide now, as JSON, when a person has chosen otherwise."""
    expected: date | None = None
    """By when the department that has begun expects to be done."""
    place: str | None = None
    """As a person at a desk completed it, as JSON."""


class Report(BaseModel):
    """What a department says about a request that it was given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: Reported
    department: Code
    outcome_code: Outcome | None = None
    reason: GivenSentence | None = None
    note: GivenDescription | None = None
    expected: date | None = None
    """The day by which the department expects to be done; only with started."""

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        if self.state == "resolved" and self.outcome_code is None:
            raise ValueError("a resolved request needs outcome_code: solved, moved, duplicate or no_action")
        if self.outcome_code == "no_action" and not (self.note or self.reason):
            raise ValueError("no_action needs note (told to the person, kept sealed) or reason (kept in the clear)")
        if self.expected is not None and self.state != "started":
            raise ValueError("expected goes with started: the day by which the work should be done")
        if self.state == "refused" and not self.reason:
            raise ValueError("a refused request needs reason, so that the next owner knows why")
        return self


def decided(standing: Standing, event: Event) -> Standing:
    """After the router's decision; the same standing when it comes late, again, or from before a refusal.

    When a person has chosen, only the decision that this choice caused moves the request; another one is a proposal.
    """
    data = event.data
    if standing.assigned is not None and event.causation_id != standing.cause:
        return _proposed(standing, event)
    state: State
    if isinstance(data, RequestRouted):
        party, state = data.decision.department, "routed"
    elif isinstance(data, RequestHeld):
        party, state = data.desk, "held"
    else:
        return standing
    if standing.state not in REACHED_FROM[state] or data.hops < standing.hops:
        return standing
    return replace(
        standing,
        state=state,
        cause=event.id,
        department=party.code if party else None,
        decision=data.decision.model_dump_json(exclude_none=True),
    )


def _proposed(standing: Standing, event: Event) -> Standing:
    if not isinstance(event.data, RequestRouted) or event.data.hops < standing.hops:
        return standing
    party = event.data.decision.department
    if party is None or party.code == standing.assigned:
        return standing
    return replace(standing, proposal=event.data.decision.model_dump_json(exclude_none=True))


def reported(standing: Standing, report: Report, event_id: UUID) -> Standing:
    """After a department's report that `is_repeat` and `report_refusal` have let through."""
    if report.state == "refused":
        refusers = with_refuser(standing.refusers, report.department)
        hops = standing.hops + 1
        refused = Standing(standing.request_id, "accepted", event_id, hops, refusers)
        return replace(refused, service=standing.service, place=standing.place)
    expected = report.expected or standing.expected
    return replace(standing, state=report.state, cause=event_id, outcome=report.outcome_code, expected=expected)


def with_refuser(refusers: tuple[str, ...], department: str) -> tuple[str, ...]:
    """Each once, in the order of their first refusal: a person may choose one that has refused, and it may again."""
    return refusers if department in refusers else (*refusers, department)


def assigned(standing: Standing, department: str, service: str, event_id: UUID, place: str | None = None) -> Standing:
    """After a person's choice that `triage.rules` has let through; the router is about to announce it."""
    return Standing(
        standing.request_id,
        "accepted",
        event_id,
        standing.hops,
        standing.refusers,
        assigned=department,
        service=service,
        place=place or standing.place,
    )


def may_report(departments: frozenset[str] | None, report: Report) -> bool:
    """Whether a key may speak for this department; a key that names none may for all."""
    return departments is None or report.department in departments


def may_see(key_source: str, scopes: frozenset[str], request_source: str) -> bool:
    """Whether a key may see a request: its own source's, or any with the scope `operate`."""
    return key_source == request_source or "operate" in scopes


def is_theirs(departments: frozenset[str] | None, held_by: str | None) -> bool:
    """Whether a request is with a department that a key was made for: its system follows a webhook's link."""
    return departments is not None and held_by in departments


def is_repeat(standing: Standing, report: Report, last_note: str | None = None) -> bool:
    """Whether this report has taken effect already. `last_note` is what the department wrote when it last began."""
    if report.state == "refused":
        return report.department in standing.refusers and report.department != standing.department
    if report.state == "started" and (report.note or last_note) != last_note:
        return False
    if report.expected not in (None, standing.expected):
        return False
    said = (standing.state, standing.department, standing.outcome)
    return said == (report.state, report.department, report.outcome_code)


def expected_refusal(report: Report, today: date) -> Refusal | None:
    """Why the day by which the work should be done cannot be that one."""
    earliest = today - timedelta(days=1)  # somewhere it is still yesterday
    if report.expected is None or earliest <= report.expected <= today + timedelta(days=EXPECTED_DAYS_MAX):
        return None
    message = f"expected must be a day from today on, and within {EXPECTED_DAYS_MAX} days; correct the date"
    return Refusal("invalid-field", message, "expected")


def report_refusal(standing: Standing, report: Report) -> Refusal | None:
    """Why this report cannot be taken."""
    is_news = report.state == "started" and (report.note or report.expected)
    if standing.state not in REACHED_FROM[report.state] and not (is_news and standing.state in REACHED_FROM["news"]):
        sources = ", ".join(sorted(REACHED_FROM[report.state]))
        message = f"the request is {standing.state}; {report.state} can follow {sources}"
        return Refusal("transition-not-allowed", message, "state")
    if report.department != standing.department:
        message = f"the request is with {standing.department}; only that department reports on it"
        return Refusal("not-your-request", message, "department")
    if report.state == "refused" and standing.hops >= HOPS_MAX:
        return Refusal("transition-not-allowed", f"refused {HOPS_MAX} times; resolve it, or ask the desk", "state")
    return None
