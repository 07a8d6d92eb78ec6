"""How does the outcome of an attempt become durable, and known to the others? Ledger and outbox in one transaction."""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

import structlog

from libs.delivery import outbox
from libs.delivery.connections import Connection
from libs.events.envelope import Event, EventData
from libs.events.identity import make_event, source_of, time_of
from libs.events.models import NoticeFailed, NoticeIndeterminate, NoticeSent
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.notifier import outcomes, store
from services.notifier.destinations import store as destinations
from services.notifier.letter import Taken
from services.notifier.outcomes import Answer, Deferred, Delivered, Refused, Settlement, State, UnknownOutcome
from services.notifier.rules import RELAY
from services.notifier.store import Settled

log = structlog.get_logger(__name__)

SOURCE = source_of("notifier")
ANNOUNCED: Mapping[State, type[EventData]] = MappingProxyType(
    {"sent": NoticeSent, "failed": NoticeFailed, "indeterminate": NoticeIndeterminate}
)
REASON_CHARACTERS_MAX = 500  # servers' codes and our own words take less
Result = tuple[Taken, Answer, str | None]


class Recorder:
    """Settles notices."""

    def __init__(
        self, database: Database, unknown_outcome: UnknownOutcome, metrics: Metrics, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._unknown_outcome = unknown_outcome
        self._clock = clock

    async def record(self, answers: Sequence[Result]) -> None:
        """Keep what came of these notices, and what it says of their destinations, in one transaction."""
        if not answers:
            return
        async with self._database.transaction() as conn:
            await self.record_in(conn, answers, relay_serves=await _relay_serves(conn, answers))
            for destination in sorted({notice.destination for notice, _, _ in answers}):
                await _judge(conn, destination, [each for one, each, _ in answers if one.destination == destination])

    async def record_in(self, conn: Connection, answers: Sequence[Result], *, relay_serves: bool = True) -> None:
        """The same within the caller's transaction, without a word about destinations."""
        settled = [
            Settled(notice, self._settlement(notice, answer, relay_serves=relay_serves), name)
            for notice, answer, name in answers
        ]
        ours = await store.settle(conn, settled)
        mine = [one for one in settled if one.notice.notice_id in ours and one.settlement.state in ANNOUNCED]
        await outbox.append(conn, store.SCHEMA, [self._event(one) for one in mine])
        for one in mine:
            self._tell(one)

    def _settlement(self, notice: Taken, answer: Answer, *, relay_serves: bool) -> Settlement:
        chance = random.random()  # noqa: S311  spreads retries, guards nothing
        return outcomes.settle(
            notice.channel, notice.attempts, answer, self._unknown_outcome, chance, relay_serves=relay_serves
        )

    def _tell(self, settled: Settled) -> None:
        """Whoever watches hears of everything that did not simply arrive."""
        notice, settlement = settled.notice, settled.settlement
        self._metrics.count("notices_total", channel=notice.channel, outcome=settlement.state)
        if settlement.state == "sent":
            way = (self._clock() - time_of(notice.request_id)).total_seconds()
            self._metrics.observe("accepted_to_told_seconds", way, kind=notice.kind)
        else:
            log.warning(
                f"notice_{settlement.state}",
                notice_id=str(notice.notice_id),
                request_id=str(notice.request_id),
                kind=notice.kind,
                channel=notice.channel,
                attempts=notice.attempts,
                reason=settlement.reason,
            )

    def _event(self, settled: Settled) -> Event:
        notice, reason = settled.notice, settled.settlement.reason
        data = ANNOUNCED[settled.settlement.state].model_validate(
            {
                "notice_id": notice.notice_id,
                "request_id": notice.request_id,
                "audience": notice.audience,
                "kind": notice.kind,
                "channel": notice.channel,
                "recipient": notice.recipient,
                "language": notice.language,
                "attempts": notice.attempts,
                "message_id": settled.message_id,
                "reason": reason[:REASON_CHARACTERS_MAX] if reason else None,
            }
        )
        return make_event(
            data,
            source=SOURCE,
            of=notice.request_id,
            time=self._clock(),
            causation_id=notice.event_id,
            directory_version=notice.directory_version,
            origin=notice.origin,
        )


async def _relay_serves(conn: Connection, answers: Sequence[Result]) -> bool:
    """Whether others' letters were taken since the relay last refused us; asked only where the answer matters."""
    ours = (one for one, answer, _ in answers if isinstance(answer, Deferred) and answer.may_be_ours)
    refused = next((one for one in ours if one.channel == "email"), None)
    return refused is None or await destinations.is_serving(conn, refused.destination)


async def _judge(conn: Connection, destination: str, answers: Sequence[Answer]) -> None:
    """A destination that is away is left alone for a while; one that took something is as new; one may be gone."""
    away = next((one for one in answers if isinstance(one, Deferred) and one.is_away), None)
    gone = next((one for one in answers if isinstance(one, Refused) and one.is_gone), None)
    if gone is not None:
        await destinations.give_up_on(conn, destination, gone.reason)
    has_taken = any(isinstance(one, Delivered) for one in answers)
    if has_taken and await destinations.resume(conn, destination):
        log.info("destination_is_back", relay=destination == RELAY)
    if away is not None:
        await _leave_alone(conn, destination, away)


async def _leave_alone(conn: Connection, destination: str, away: Deferred) -> None:
    failures = await destinations.failures_of(conn, destination)
    if failures is None:
        return
    seconds = outcomes.pause_seconds(failures, away.retry_after_seconds)
    await destinations.pause(conn, destination, seconds, away.reason)
    # An endpoint's URL may be a secret of its own, so only the relay is told apart.
    log.warning(
        "destination_is_away", relay=destination == RELAY, reason=away.reason, in_a_row=failures + 1, seconds=seconds
    )
