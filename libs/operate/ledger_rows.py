"""How are the rows of the audit log read for an inspection? Only read, in one snapshot, in pages.

The verification pulls rows from ordinary iterators, in a thread of its own; each page is fetched by the event loop. So
memory does not grow with the log, and the services need not be running.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

from libs.ledger.checkpoint import open_checkpoint
from libs.ledger.note import NoteInvalid, Verifier
from libs.ledger.tree import Node, Stored
from libs.ledger.verify import CheckpointRow, LeafRow, TreeHead, Verdict, verify
from libs.operate.database import connect
from libs.operate.output import Away

PAGE_ROWS = 5_000  # some 3 MB of leaves

HEAD = "SELECT size, root FROM audit.tree WHERE id = 1"
LEAVES = "SELECT leaf_index, entry, leaf_hash, event_id, request_id FROM audit.leaves ORDER BY leaf_index"
CHECKPOINTS = "SELECT size, note FROM audit.checkpoints ORDER BY size"
# In the order in which they were completed.
TILE_ROOTS = "SELECT height, number, hash FROM audit.tile_roots ORDER BY (number + 1) << height, height"

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Pages:
    """Rows of one statement for a thread, fetched by the loop that owns the connection."""

    loop: asyncio.AbstractEventLoop
    cursor: Any

    def rows(self, made_of: Callable[[Any], Row]) -> Iterator[Row]:
        """Must be called from another thread than the loop's."""
        while page := asyncio.run_coroutine_threadsafe(self.cursor.fetch(PAGE_ROWS), self.loop).result():
            yield from map(made_of, page)


@asynccontextmanager
async def snapshot(dsn: str) -> AsyncIterator[Any]:
    """A connection that sees one moment and can change nothing."""
    conn = await connect(dsn)
    try:
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            yield conn
    except asyncpg.UndefinedTableError as error:
        raise Away(f"this database has no audit log ({error}); run python -m libs.service.migrate") from error
    finally:
        await conn.close()


async def inspect(
    dsn: str,
    verifiers: list[Verifier],
    verified: Callable[[int, int], None],
    published: Sequence[CheckpointRow] = (),
) -> Verdict:
    """The verdict on the whole log. Reports leaves verified so far, and how many there are.

    `published`: checkpoints from outside of the database, which the rows must lead to as to those that are kept in it.
    """
    async with snapshot(dsn) as conn:
        head = await conn.fetchrow(HEAD)
        loop = asyncio.get_running_loop()
        leaves, checkpoints, tile_roots = [
            Pages(loop, await conn.cursor(statement)) for statement in (LEAVES, CHECKPOINTS, TILE_ROOTS)
        ]

        def counted() -> Iterator[LeafRow]:
            for number, row in enumerate(leaves.rows(_leaf)):
                if number % PAGE_ROWS == 0:
                    verified(number, head["size"])
                yield row

        return await asyncio.to_thread(
            verify,
            counted(),
            with_published(checkpoints.rows(_checkpoint), published, verifiers),
            verifiers,
            tile_roots=tile_roots.rows(_tile_root),
            head=TreeHead(head["size"], head["root"]),
        )


def with_published(
    kept: Iterable[CheckpointRow], published: Iterable[CheckpointRow], verifiers: Sequence[Verifier]
) -> Iterator[CheckpointRow]:
    """All of them by size: of the published ones those that are not kept alike, and that the log's key has signed."""
    at_size = -1
    notes: set[str] = set()
    for row in heapq.merge(kept, sorted(published, key=_size_of), key=_size_of):
        if row.size != at_size:
            at_size, notes = row.size, set()
        if row.note in notes or (row.is_published and not _is_signed(row, verifiers)):
            continue
        notes.add(row.note)
        yield row


def _size_of(row: CheckpointRow) -> int:
    return row.size


def _is_signed(row: CheckpointRow, verifiers: Sequence[Verifier]) -> bool:
    """What strangers write onto the topic is no contradiction."""
    try:
        return open_checkpoint(row.note, verifiers).size == row.size
    except NoteInvalid:
        return False


def _leaf(row: Any) -> LeafRow:
    return LeafRow(row["leaf_index"], row["entry"], row["leaf_hash"], row["event_id"], row["request_id"])


def _checkpoint(row: Any) -> CheckpointRow:
    return CheckpointRow(row["size"], row["note"])


def _tile_root(row: Any) -> Stored:
    return Stored(Node(row["height"], row["number"]), row["hash"])
