"""How do planned notices leave, each once, however often we crash on the way?

For each group: mark it as being sent and commit, send, then keep the results and announce them in one transaction. What
is found marked without a result, after the one who marked it has died, is of unknown outcome, and is said to be.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

import structlog

from libs.delivery.backoff import Backoff
from libs.delivery.errors import Unavailable
from libs.privacy.errors import Erased, Unreadable
from libs.privacy.seal import unseal
from libs.privacy.vault import Vault
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.notifier import store
from services.notifier.destinations.blame import Suspicion
from services.notifier.lease import Lease
from services.notifier.letter import Away, Channel, Letter, Taken, Undeliverable
from services.notifier.outcomes import Answer, Deferred, Refused, Superseded, Unknown, Untried
from services.notifier.record import Recorder, Result
from services.notifier.rules import SUPERSEDED
from services.notifier.supersede.store import told_since

log = structlog.get_logger(__name__)

POLL_SECONDS = 0.5  # how late a retry may be; new notices wake the loop themselves
STOP_SECONDS_MAX = 3.5  # for what is on the wire: the process gives each step of its stopping five seconds
KEEP_SECONDS_MAX = 1.0  # for the results of what even that did not finish


class Group:
    """Notices that travel together over one connection, and what is known of each: at first, that it was not tried."""

    def __init__(self, notices: Sequence[Taken]) -> None:
        self.notices = notices
        self._answers: dict[UUID, Answer] = dict.fromkeys((notice.notice_id for notice in notices), Untried())
        self._message_ids: dict[UUID, str] = {}

    @property
    def destination(self) -> str:
        return self.notices[0].destination

    def answered(self, notice: Taken, answer: Answer) -> None:
        self._answers[notice.notice_id] = answer

    def begins(self, notice: Taken, letter: Letter) -> None:
        """From here on the outside may know of it; whatever interrupts us, nobody can say that it was not sent."""
        self._answers[notice.notice_id] = Unknown("cut off while sending")
        self._message_ids[notice.notice_id] = letter.message_id

    def results(self) -> list[Result]:
        return [(one, self._answers[one.notice_id], self._message_ids.get(one.notice_id)) for one in self.notices]


class Delivery:
    """Sends over one channel. Several may run, in this process and in others."""

    def __init__(
        self, database: Database, vault: Vault, channel: Channel, lease: Lease, recorder: Recorder, metrics: Metrics
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._vault = vault
        self._channel = channel
        self._lease = lease
        self._recorder = recorder
        self._suspicion = Suspicion()
        self._groups: dict[asyncio.Task[None], Group] = {}
        self._due = asyncio.Event()
        self._is_stopping = False
        self._may_have_mislaid = False

    def wake(self) -> None:
        """Something may be due."""
        self._due.set()

    async def run(self) -> None:
        """Take and send until cancelled; what is on the wire then is finished, what has not begun goes back."""
        backoff = Backoff(base_seconds=0.2, max_seconds=5.0)
        try:
            while True:
                self._due.clear()
                try:
                    has_taken = await self._has_taken()
                except Unavailable as away:
                    log.warning("delivery_waits", channel=self._channel.name, slug=away.slug)
                    await asyncio.sleep(backoff.next_seconds())
                    continue
                backoff.reset()
                if not has_taken:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._due.wait(), POLL_SECONDS)
        finally:
            await self._finish()

    async def _finish(self) -> None:
        """Begin nothing more and wait for what was begun; what the deadline cuts off is of unknown outcome."""
        self._is_stopping = True
        if self._groups:
            _, late = await asyncio.wait(self._groups, timeout=STOP_SECONDS_MAX)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=KEEP_SECONDS_MAX)
        if self._may_have_mislaid:  # we were stopped in the middle of taking
            with contextlib.suppress(Unavailable):
                await self._find_mislaid()
        await self._channel.close()

    async def _has_taken(self) -> bool:
        """Take one group and begin to send it. Waits for a free lane; takes nothing while the lease is not held."""
        if len(self._groups) >= self._channel.limits.lanes_max:
            await asyncio.wait(self._groups, return_when=asyncio.FIRST_COMPLETED)
        for task in [task for task in self._groups if task.done()]:
            del self._groups[task]
            await task  # a bug in it ends the process, as it would here
        if not self._lease.is_held:
            return False
        notices = await self._taken()
        if notices:
            group = Group(notices)
            task = asyncio.create_task(self._deliver(group))
            self._groups[task] = group
            task.add_done_callback(lambda _: self.wake())
        return bool(notices)

    async def _taken(self) -> list[Taken]:
        if self._may_have_mislaid:
            await self._find_mislaid()
        limits = self._channel.limits
        lanes = Counter(group.destination for task, group in self._groups.items() if not task.done())
        busy = [destination for destination, used in lanes.items() if used >= limits.lanes_per_destination_max]
        self._may_have_mislaid = True  # until the database's answer is here
        async with self._database.connection() as conn:
            notices = await store.take_due(conn, self._channel.name, busy, limits.group_notices_max, self._lease.sender)
        self._may_have_mislaid = False
        return notices

    async def _find_mislaid(self) -> None:
        """What an earlier take marked although its answer was lost: nobody has begun to send it, so it goes back."""
        known = [notice.notice_id for group in self._groups.values() for notice in group.notices]
        async with self._database.transaction() as conn:
            lost = await store.mislaid(conn, self._lease.sender, self._channel.name, known)
            await self._recorder.record_in(conn, [(notice, Untried(), None) for notice in lost])

    async def _deliver(self, group: Group) -> None:
        """Send a group, then keep the results, however long the database is away meanwhile."""
        try:
            await self._send(group, await self._written(group))
        except Unavailable as away:
            log.warning("group_not_sent", channel=self._channel.name, slug=away.slug)
        finally:
            await self._keep(group)

    async def _written(self, group: Group) -> list[tuple[Taken, Letter]]:
        """The letters of a group; notices that cannot be written are answered here."""
        keys = await self._keys(group)
        told = await self._told_since(group)
        letters: list[tuple[Taken, Letter]] = []
        for notice in group.notices:
            if notice.kind == SUPERSEDED and notice.request_id in told:
                group.answered(notice, Superseded())
                continue
            if notice.gone_reason is not None:
                group.answered(notice, Refused(f"endpoint gone: {notice.gone_reason}"))
                continue
            try:
                key = keys.get(notice.request_id)
                opened = {field: unseal(key, notice.request_id, field, text) for field, text in notice.sealed.items()}
                letters.append((notice, self._channel.write(notice, opened)))
            except Erased:
                group.answered(notice, Refused("erased"))
            except Unreadable:
                group.answered(notice, Refused("unreadable"))
            except Undeliverable as error:
                group.answered(notice, Refused(str(error)))
        return letters

    async def _keys(self, group: Group) -> Mapping[UUID, bytes]:
        sealed = {notice.request_id for notice in group.notices if notice.sealed}
        if not sealed:
            return {}
        try:
            async with self._database.connection() as conn:
                return await self._vault.keys(conn, sealed)
        except Unreadable as error:
            raise Unavailable(str(error), slug="master-key-wrong") from error  # no fault of these notices

    async def _told_since(self, group: Group) -> set[UUID]:
        """Two events about one request may be planned at the same moment, neither seeing the other's letter."""
        early = {notice.request_id for notice in group.notices if notice.kind == SUPERSEDED}
        if not early:
            return set()
        async with self._database.connection() as conn:
            return await told_since(conn, early)

    async def _send(self, group: Group, letters: Sequence[tuple[Taken, Letter]]) -> None:
        if not letters:
            return
        try:
            async with self._channel.line(group.destination) as line:
                for notice, letter in letters:
                    if self._is_stopping or not self._lease.is_held:
                        return
                    group.begins(notice, letter)
                    began = time.monotonic()
                    answer = self._suspicion.weigh(notice.recipient, await line.send(letter))
                    self._metrics.observe("delivery_seconds", time.monotonic() - began, channel=self._channel.name)
                    group.answered(notice, answer)
                    if line.is_worn or (isinstance(answer, Deferred) and answer.is_away):
                        return  # the rest keeps its turn and its attempts
        except Away as away:
            group.answered(letters[0][0], Deferred(away.reason, away.retry_after_seconds, is_away=True))
        except Undeliverable as error:
            for notice, _ in letters:
                group.answered(notice, Refused(str(error)))

    async def _keep(self, group: Group) -> None:
        backoff = Backoff(base_seconds=0.1, max_seconds=2.0)
        while True:
            try:
                await self._recorder.record(group.results())
            except Unavailable as away:
                log.warning("results_wait", channel=self._channel.name, slug=away.slug)
                await asyncio.sleep(backoff.next_seconds())
            else:
                return
