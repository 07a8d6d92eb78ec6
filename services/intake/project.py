"""How does what the other services say become the state that a status page shows?

A batch is one transaction: claim the events, lock their requests, move them, write their history. An event that comes
again or too late changes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from libs.delivery.connections import Connection, Connections
from libs.delivery.inbox import claim, claim_answers
from libs.events.envelope import Event
from libs.events.models import NoticeFailed, NoticeIndeterminate, NoticeSent, RequestHeld, RequestRouted
from libs.service.metrics import Metrics
from services.intake import sentences, store
from services.intake.drift import store as drift_store
from services.intake.drift.rules import is_first, places_of
from services.intake.standing import Standing, decided
from services.intake.triage import store as triage_store
from services.intake.triage.rules import held_row
from services.intake.triage.work import store as work_store

log = structlog.get_logger(__name__)

NOTICE_OUTCOMES = {NoticeSent: "sent", NoticeFailed: "failed", NoticeIndeterminate: "indeterminate"}


class Projection:
    """Applies events to the requests they are about."""

    def __init__(self, database: Connections, metrics: Metrics, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._metrics = metrics
        self._clock = clock

    async def apply_decisions(self, events: Sequence[Event]) -> None:
        """Requests become routed or held, in the order of the events."""
        firsts: list[Event] = []
        async with self._database.transaction() as conn:
            new, again = await claim_answers(conn, store.SCHEMA, events)
            before = await store.lock_standings(conn, _request_ids(new))
            after: dict[UUID, tuple[Standing, datetime]] = {}
            entries: list[store.Entry] = []
            for event in new:
                request_id = UUID(event.subject)
                if request_id not in before:
                    log.warning("unknown_request", request_id=event.subject, type=event.type)
                    continue
                current = after[request_id][0] if request_id in after else before[request_id]
                moved = current if event.id in again and current.assigned is None else decided(current, event)
                if moved is not current:
                    firsts += [event] if is_first(current) else []
                    after[request_id] = (moved, event.time)
                    if moved.cause == event.id:  # else it is only a proposal, of which the citizen hears nothing
                        entries.append(_decision_entry(event, moved.state))
            if after:
                await store.keep_decided(conn, list(after.values()))
                await _queue(conn, new, before, {key: moved for key, (moved, _) in after.items()})
                await store.append_history(conn, entries)
                await work_store.keep_references(conn, [_reference(event) for event in firsts])
                await drift_store.add(conn, places_of(firsts))
                await store.add_to_counts(conn, _moves((before[key].state, after[key][0].state) for key in after))

        for event in firsts:  # a first decision has the time of the acceptance that it answers
            self._metrics.observe("accepted_to_decided_seconds", (self._clock() - event.time).total_seconds())

    async def apply_notices(self, events: Sequence[Event]) -> None:
        """Outcomes of notices become lines of the history; they move no request."""
        async with self._database.transaction() as conn:
            new = await self._claimed(conn, events)
            if new:
                await store.append_history(conn, [_notice_entry(event) for event in new])

    async def _claimed(self, conn: Connection, events: Sequence[Event]) -> list[Event]:
        """Those that are new, each once, in their order."""
        new = await claim(conn, store.SCHEMA, [event.id for event in events])
        return list({event.id: event for event in events if event.id in new}.values())


async def _queue(
    conn: Connection, events: Sequence[Event], before: Mapping[UUID, Standing], after: Mapping[UUID, Standing]
) -> None:
    """The desks' queue follows: who is held now is in it, who is held no more is not."""
    left = [key for key, moved in after.items() if before[key].state == "held" and moved.state != "held"]
    causes = {moved.cause for moved in after.values() if moved.state == "held"}
    await triage_store.drop_held(conn, left)
    await triage_store.keep_held(conn, [held_row(event) for event in events if event.id in causes])


def _request_ids(events: Sequence[Event]) -> list[UUID]:
    return [UUID(event.subject) for event in events]


def _decision_entry(event: Event, kind: str) -> store.Entry:
    assert isinstance(event.data, RequestRouted | RequestHeld)
    return store.Entry(event.data.request_id, event.id, event.time, kind, event.data.decision.sentence)


def _reference(event: Event) -> tuple[str, UUID]:
    assert isinstance(event.data, RequestRouted | RequestHeld)
    return event.data.reference, event.data.request_id


def _notice_entry(event: Event) -> store.Entry:
    notice = event.data
    assert isinstance(notice, NoticeSent | NoticeFailed | NoticeIndeterminate)
    outcome = NOTICE_OUTCOMES[type(notice)]
    sentence = sentences.after_notice(notice.audience, notice.kind, outcome)
    return store.Entry(notice.request_id, event.id, event.time, f"notice_{outcome}", sentence)


def _moves(steps: Iterable[tuple[str, str]]) -> dict[str, int]:
    """What each state loses and gains."""
    counts: Counter[str] = Counter()
    for old, new in steps:
        counts[old] -= 1
        counts[new] += 1
    return {state: change for state, change in counts.items() if change}
