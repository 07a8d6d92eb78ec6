"""When is a checkpoint signed, and when refused?

About once a second while there is news, and only when the rows themselves, hashed again, lead to the head that the
writer continues from. What was signed once can never be taken back, so a disagreement stops the process: signing on
would give a tampered log our name.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime

from libs.delivery import outbox
from libs.delivery.connections import Connection, Connections
from libs.events.audit import CheckpointPublished
from libs.events.identity import id_at, make_event, source_of
from libs.ledger.checkpoint import Checkpoint, open_checkpoint
from libs.ledger.note import NoteInvalid, Signer, Verifier
from libs.ledger.paths import frontier_nodes, frontier_of
from libs.ledger.tree import Frontier, leaf_hash
from libs.ledger.verify import CheckpointRow, TreeHead
from libs.service.metrics import Metrics
from services.audit import store

REHASH_ROWS_MAX = 5_000  # entries read at once, about 3 MB; a first start on a long log goes through it in such pages
REMEDY = "nothing is signed until this is understood: run `guichet audit verify`, which names the first difference"


class LogDisagrees(Exception):
    """The rows of the log are not those its head or its last checkpoint speaks of; nothing is signed any more."""


async def frontier_at(conn: Connection, size: int) -> Frontier | None:
    """The edge of the log when it had `size` leaves, from kept hashes; None when not all of them are there."""
    nodes = frontier_nodes(size)
    found = await store.hashes(conn, nodes)
    return frontier_of(size, found.__getitem__) if len(found) == len(nodes) else None


class CheckpointSigner:
    """Signs the log's head, having hashed every row since the last checkpoint itself."""

    def __init__(
        self,
        database: Connections,
        signer: Signer,
        former_keys: tuple[Verifier, ...],
        clock: Callable[[], datetime],
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._signer = signer
        self._verifiers = (signer.verifier, *former_keys)
        self._clock = clock
        self._metrics = metrics
        self._rehashed: Frontier | None = None  # what we have seen with our own eyes since the last checkpoint

    async def run(self, pause_seconds: float) -> None:
        """Look for news to sign, for ever. Raises `LogDisagrees`, which must end the process."""
        while True:
            if await self.sign_news():
                self._metrics.count("checkpoints_total")
            await asyncio.sleep(pause_seconds)

    async def sign_news(self) -> Checkpoint | None:
        """Sign and publish the present head, unless it is signed already. `LogDisagrees` when the rows do not fit."""
        async with self._database.connection() as conn:
            if self._rehashed is None:
                self._rehashed = await self._from_last_checkpoint(conn)
            head = await store.head(conn)  # after the checkpoint, which another process may have signed just now
            await self._rehash(conn, self._rehashed, head)
        async with self._database.transaction() as conn:
            await store.lock_signing(conn)
            latest = await store.latest_checkpoint(conn)
            if head.size == 0 or (latest is not None and latest.size >= head.size):
                return None
            return await self._sign(conn, head)

    async def _sign(self, conn: Connection, head: TreeHead) -> Checkpoint:
        """The checkpoint and its publication, in one transaction."""
        now = self._clock()
        checkpoint = Checkpoint(self._signer.name, head.size, head.root)
        note = checkpoint.signed_by(self._signer)
        await store.add_checkpoint(conn, head.size, note, now)
        data = CheckpointPublished(origin=checkpoint.origin, size=head.size, root=checkpoint.root_text, note=note)
        event = make_event(data, source=source_of("audit"), of=id_at(now, note.encode()), time=now)
        await outbox.append(conn, "audit", [event])
        return checkpoint

    async def _from_last_checkpoint(self, conn: Connection) -> Frontier:
        """The edge of the log at the last checkpoint, from kept hashes, held against what was signed."""
        latest = await store.latest_checkpoint(conn)
        if latest is None:
            return Frontier()
        signed = self._open(latest)
        frontier = await frontier_at(conn, signed.size)
        if frontier is None:
            raise LogDisagrees(f"of the {signed.size} signed rows some are gone; {REMEDY}")
        if frontier.root() != signed.root:
            raise LogDisagrees(f"the rows do not lead to the last checkpoint, of size {signed.size}; {REMEDY}")
        return frontier

    def _open(self, row: CheckpointRow) -> Checkpoint:
        try:
            return open_checkpoint(row.note, self._verifiers)
        except NoteInvalid as error:
            raise LogDisagrees(
                f"the last checkpoint, of size {row.size}, is not ours ({error}); when the key or origin was changed "
                "on purpose, name the old verifier key in AUDIT_FORMER_VERIFIER_KEYS"
            ) from error

    async def _rehash(self, conn: Connection, rehashed: Frontier, head: TreeHead) -> None:
        """Hash the entries up to the head and compare. Stays where it was when the database goes away on the way."""
        if head.size < rehashed.size:
            raise LogDisagrees(f"the head counts {head.size} leaves, but {rehashed.size} were there before; {REMEDY}")
        while rehashed.size < head.size:
            first, end = rehashed.size, min(head.size, rehashed.size + REHASH_ROWS_MAX)
            rows = await store.entries(conn, first, end)
            if [index for index, _ in rows] != list(range(first, end)):
                raise LogDisagrees(f"between leaf {first} and {end - 1} rows are missing; {REMEDY}")
            rehashed.extend(leaf_hash(entry) for _, entry in rows)
        if rehashed.root() != head.root:
            raise LogDisagrees(f"the rows do not lead to the head of {head.size} leaves; {REMEDY}")
