"""How does a department's report move a request, and how do the others learn of it?

Under the request's row lock: read where it stands, judge the report, keep the new standing, announce it, in one
transaction. The same report again changes nothing and gets the same answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from libs.delivery import outbox
from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected
from libs.events.envelope import Event, EventData
from libs.events.identity import make_event, origin_of, source_of
from libs.events.models import (
    RequestAccepted,
    RequestAcknowledged,
    RequestRefused,
    RequestResolved,
    RequestStarted,
)
from libs.privacy.errors import Erased
from libs.privacy.seal import seal
from libs.privacy.vault import Vault
from services.intake import sentences, store
from services.intake.known import request_in
from services.intake.personal import key_of, text_in
from services.intake.standing import (
    Report,
    Standing,
    State,
    expected_refusal,
    is_repeat,
    report_refusal,
    reported,
    with_refuser,
)
from services.intake.submission import rejected
from services.intake.triage import store as triage_store
from services.intake.undecided import store as undecided_store

EVENT_OF: dict[str, type[EventData]] = {
    "acknowledged": RequestAcknowledged,
    "started": RequestStarted,
    "resolved": RequestResolved,
    "refused": RequestRefused,
}
COPIED = ("request_id", "reference", "territory", "language", "contact", "contact_channels")


@dataclass(frozen=True, slots=True)
class Progressed:
    """Where the request stands now. After a refusal that is `accepted`: the next owner is being found."""

    request_id: UUID
    reference: str
    territory: str
    state: State


class Progress:
    """Takes departments' reports."""

    def __init__(self, database: Connections, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def report(self, request_id: UUID, report: Report, by: str) -> Progressed:
        """Raises `Rejected`: `not-found`, `transition-not-allowed`, `not-your-request` or `erased`."""
        now = self._clock()
        async with self._database.transaction() as conn:
            kept = await store.lock_request(conn, request_id)
            if kept is None:
                raise Rejected("there is no request with this id; check it", slug="not-found")
            accepted = request_in(kept)
            if is_repeat(kept.standing, report, await self._last_note(conn, request_id, report)):
                return Progressed(request_id, accepted.reference, accepted.territory, kept.standing.state)
            refusal = expected_refusal(report, now.date()) or report_refusal(kept.standing, report)
            if refusal is not None:
                raise rejected(refusal)
            note = await sealed_note(self._vault, conn, request_id, report.note)
            event = _event(kept, accepted, report, by, note, now)
            standing = reported(kept.standing, report, event.id)
            await store.keep_moved(conn, standing, now)
            if kept.standing.state == "held":
                await triage_store.drop_held(conn, [request_id])
            if report.state == "refused":
                await undecided_store.keep_question(conn, request_id, event)
                await triage_store.keep_refusal(conn, request_id, event.id, report.department, report.reason, now)
            await outbox.append(conn, store.SCHEMA, [event])
            words = note or await self._sealed_reason(conn, request_id, report)
            sentence = _sentence(kept.standing, report)
            await store.append_history(conn, [store.Entry(request_id, event.id, now, report.state, sentence, words)])
            if kept.standing.state != standing.state:
                await store.add_to_counts(conn, {kept.standing.state: -1, standing.state: 1})
        return Progressed(request_id, accepted.reference, accepted.territory, standing.state)

    async def _last_note(self, conn: Connection, request_id: UUID, report: Report) -> str | None:
        """What was written when the work began, or was last reported on: the same words again are no news."""
        sealed = await store.last_note(conn, request_id, report.state) if report.note else None
        if sealed is None:
            return None
        try:
            return text_in(await key_of(self._vault, conn, request_id), request_id, "note", sealed)
        except Erased:
            return None

    async def _sealed_reason(self, conn: Connection, request_id: UUID, report: Report) -> str | None:
        """A reason is in the clear on its event; beside the history it is words to the person like any other."""
        key = await key_of(self._vault, conn, request_id) if report.reason else None
        return seal(key, request_id, "note", report.reason.encode()) if key and report.reason else None


async def sealed_note(vault: Vault, conn: Connection, request_id: UUID, note: str | None) -> str | None:
    """The note under the request's key. Raises `Rejected` (erased) when there is none any more."""
    if note is None:
        return None
    key = (await vault.keys(conn, [request_id])).get(request_id)
    if key is None:
        raise Rejected("the request was erased; send this without a note", slug="erased", field="note")
    return seal(key, request_id, "note", note.encode())


def service_of(kept: store.Kept, accepted: RequestAccepted) -> str | None:
    """What it is about: as a person corrected it, else as it was handed in, else as its text was understood."""
    return kept.standing.service or accepted.service or orjson.loads(kept.standing.decision or "{}").get("service")


def _sentence(before: Standing, report: Report) -> sentences.Texts:
    is_news = report.state == before.state == "started"
    return sentences.after_report("news" if is_news else report.state, report.outcome_code, report.expected)


def _event(
    kept: store.Kept, accepted: RequestAccepted, report: Report, by: str, note: str | None, now: datetime
) -> Event:
    """Caused by whatever put the request where it stands, so that the same report of a later round is another event."""
    service, standing = service_of(kept, accepted), kept.standing
    fields: dict[str, object] = {name: getattr(accepted, name) for name in COPIED}
    fields |= {"service": service, "department": report.department, "by": by, "note": note, "at": now}
    if report.state == "started":
        fields |= {"expected": report.expected}
    if report.state == "resolved":
        fields |= {"outcome_code": report.outcome_code, "reason": report.reason}
    if report.state == "refused":
        fields |= {
            "reason": report.reason,
            "refusers": list(with_refuser(standing.refusers, report.department)),
            "hops": standing.hops + 1,
            "accepted": accepted.model_copy(update={"service": service}),
            "was_assigned": True if standing.assigned else None,
        }
    return make_event(
        EVENT_OF[report.state].model_validate(fields),
        source=source_of("intake"),
        of=accepted.request_id,
        time=now,
        causation_id=kept.standing.cause,
        directory_version=kept.directory_version,
        origin=origin_of(accepted.source, accepted.source_id),
    )
