"""Who notices that a request without a decision is nowhere any more? Each intake process, by following a marker.

A marker is the list of all that are undecided at one moment. It passes each stage when everything that was there
before has passed it: the outbox is published, the router has read the questions, intake has read the answers. Who is on
the list and undecided after that, with no dead letter, is lost: true at rest and under any load, with no clock asked.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog

from libs.delivery import outbox_store
from libs.delivery.connections import Connections
from libs.delivery.errors import Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.positions import Offsets, Positions, looking_at
from libs.events.topics import REQUESTS_ROUTED, dead_topic
from services.intake.status import totals
from services.intake.store import SCHEMA, state_counts
from services.intake.undecided import rules, store
from services.intake.undecided.rules import Asked, Found, Key, Snapshot

log = structlog.get_logger(__name__)

LOOK_SECONDS = 10.0  # opens two connections to Kafka while anything is undecided
ASK_SECONDS_MAX = 2.0  # how long whoever asks waits for a marker; at rest it passes at once
FRESH_SECONDS = 1.0  # who asks more often is told the same
POLL_SECONDS = 0.1
KAFKA_SECONDS_MAX = 2.5  # under the three that /status gives each figure
REQUESTS_MAX = (
    20_000  # on one list, the longest undecided: some megabytes; further ones count as on their way till then
)
CLOCKS_DIFFER = timedelta(minutes=5)  # of whoever wrote a dead letter and ours


@dataclass(slots=True)
class Marker:
    """How far a list has come; None: not there yet."""

    taken: Snapshot
    is_published: bool = False
    questions: Offsets | None = None
    answers: Offsets | None = None


class BalanceWatch:
    """Remembers what its last marker has found."""

    def __init__(self, database: Connections, kafka: KafkaSettings) -> None:
        self._database = database
        self._kafka = replace(kafka, admin_seconds_max=KAFKA_SECONDS_MAX)
        self._pending: Marker | None = None
        self._examined_at: datetime | None = None
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self.found = Found()

    @property
    def alarms(self) -> Sequence[dict[str, Any]]:
        """As of the last marker."""
        return rules.alarms(self.found.lost.values())

    async def run(self) -> None:
        """Look for ever. What needs hours to pass, because a service is behind, is followed for hours."""
        while True:
            try:
                marker = self._pending or await self._marked()
                self._pending = None if await self._is_through(marker, 0.0) else marker
            except Unavailable as error:
                log.warning("balance_not_looked_at", slug=error.slug)
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> bool:
        """Follow a new marker for a moment; False when it has not come through, and what was known before stands."""
        async with self._asking:
            if time.monotonic() - self._asked_at < FRESH_SECONDS:
                return True
            is_through = False
            with suppress(Unavailable):
                is_through = await self._is_through(await self._marked(), ASK_SECONDS_MAX)
            self._asked_at = time.monotonic() if is_through else self._asked_at
            return is_through

    async def conservation(self) -> Mapping[str, Any]:
        """For /status: every request that was ever accepted, in one snapshot."""
        await self.look()
        async with self._database.transaction() as conn:
            await store.see_one_moment(conn)
            counts = totals(await state_counts(conn))
            still = await store.still(conn, {request_id for request_id, *_ in (*self.found.dead, *self.found.lost)})
        return {"conservation": rules.sums(counts, still, self.found)}

    async def gauges(self) -> Mapping[str, float]:
        """For /metrics."""
        async with self._database.connection() as conn:
            oldest = await store.oldest_seconds(conn)
        return {"balance_requests": len(self.found.lost), "undecided_age_seconds": oldest}

    async def _marked(self) -> Marker:
        async with self._database.connection() as conn:
            return Marker(await store.mark(conn, REQUESTS_MAX))

    async def _is_through(self, marker: Marker, seconds: float) -> bool:
        """Whether it comes through within so long; then what it has found is known."""
        if not marker.taken.asked:
            self._tell(Found())
            return True
        until = time.monotonic() + seconds
        async with looking_at(self._kafka) as kafka:
            while not await self._has_passed(marker, kafka):
                if time.monotonic() > until:
                    return False
                await asyncio.sleep(POLL_SECONDS)
            self._tell(await self._left_behind(marker, kafka))
        return True

    async def _has_passed(self, marker: Marker, kafka: Positions) -> bool:
        """Move it on by as many stages as there are behind it. Each end is read after the stage before was passed."""
        if not marker.is_published:
            async with self._database.connection() as conn:
                marker.is_published = await outbox_store.has_published(conn, SCHEMA, marker.taken.snapshot)
            if not marker.is_published:
                return False
        if marker.questions is None:
            marker.questions = await kafka.ends(rules.QUESTION_TOPICS)
        if marker.answers is None:
            if not await kafka.have_been_read("router", marker.questions):
                return False
            marker.answers = await kafka.ends([REQUESTS_ROUTED])
        return await kafka.have_been_read("intake", marker.answers)

    async def _left_behind(self, marker: Marker, kafka: Positions) -> Found:
        asked = marker.taken.asked
        async with self._database.connection() as conn:
            still = await store.still(conn, {request_id for request_id, *_ in asked})
        left = {key: one for key, one in still.items() if key in asked}
        dead = (self.found.dead & left.keys()) | await self._dead_among(left, kafka)
        return Found(frozenset(dead), {key: one for key, one in left.items() if key not in dead})

    async def _dead_among(self, left: Mapping[Key, Asked], kafka: Positions) -> set[Key]:
        """Read the dead letters since the oldest in question; for those examined before, since then."""
        unsure = {key: one for key, one in left.items() if key not in self.found.dead}
        moments = [one.since for key, one in unsure.items() if key not in self.found.lost]
        if self._examined_at is not None and len(moments) < len(unsure):
            moments.append(self._examined_at)
        if not moments:
            return set()
        since = min(moments)
        asked = {(str(request_id), str(cause)): (request_id, cause, at) for request_id, cause, at in unsure}
        dead: set[Key] = set()
        latest = since
        for topic in (dead_topic("router"), dead_topic("intake")):
            async for record in kafka.written_since(topic, since - CLOCKS_DIFFER):
                latest = max(latest, datetime.fromtimestamp(record.timestamp / 1000, since.tzinfo))
                key = asked.get(rules.cause_in(record.headers) or ("", ""))
                if key is not None and (key[2] is None or record.timestamp >= key[2].timestamp() * 1000):
                    dead.add(key)
        self._examined_at = latest
        return dead

    def _tell(self, found: Found) -> None:
        """Whoever is newly lost is logged once."""
        new = [one.request_id for key, one in found.lost.items() if key not in self.found.lost]
        if new:
            _say_lost(new, len(found.lost))
        elif self.found.lost and not found.lost:
            log.info("requests_lost_no_more")
        self.found = found


def _say_lost(new: Sequence[UUID], all_of_them: int) -> None:
    log.error(
        "requests_lost",
        requests=len(new),
        in_all=all_of_them,
        request_ids=[str(one) for one in new[: rules.NAMED_MAX]],
        meaning="they have no decision, no dead letter, and are nowhere on their way",
        remedy="guichet republish --undecided",
    )
