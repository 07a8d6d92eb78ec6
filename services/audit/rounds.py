"""Is the log still what was signed, while nobody asks? Its rows are hashed again, a few at a time, round after round.

A row that was changed together with its hash fits itself, and the writer goes on from the tree's edge; only hashing
what lies behind the edge again shows it. Signing goes on: a checkpoint speaks of the leaves as they were appended.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import structlog

from libs.delivery.connections import Connection, Connections
from libs.ledger.checkpoint import Checkpoint, open_checkpoint
from libs.ledger.note import NoteInvalid, Verifier
from libs.ledger.tree import Frontier, Stored, leaf_hash
from services.audit import store

log = structlog.get_logger(__name__)

TURN_LEAVES = 1_000  # about 10 ms of a core and 1 MB; a log of a million leaves is gone through in half an hour
TURN_SECONDS = 2.0  # between two turns: half a percent of a core
REST_SECONDS = 60.0  # between two rounds of a short log


class Altered(Exception):
    """The log is not what was signed; `index` is the first leaf of which that is known."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(what)
        self.index = index


class Rounds:
    """Goes through the signed log again and again. Several processes may: each does it for itself, and only reads."""

    def __init__(self, database: Connections, verifiers: Sequence[Verifier], clock: Callable[[], datetime]) -> None:
        self._database = database
        self._verifiers = verifiers
        self._clock = clock
        self._target: Checkpoint | None = None
        self._frontier = Frontier()
        self._found: Altered | None = None
        self._verified = 0

    async def run(self) -> None:
        """For ever; raises `Unavailable` while the database is away, and goes on in the same round after it."""
        while True:  # noqa: ASYNC110  nothing tells when a row is changed
            await asyncio.sleep(TURN_SECONDS if await self.turn() else REST_SECONDS)

    async def turn(self) -> bool:
        """Hash the next leaves of the round. False at its end, and while nothing is signed."""
        try:
            async with self._database.connection() as conn:
                return await self._go_on(conn)
        except Altered as found:
            log.error("log_altered", leaf=found.index, what=str(found), remedy="run `guichet audit verify`")
            self._found, self._verified = found, found.index
            self._target, self._frontier = None, Frontier()
            return False

    async def _go_on(self, conn: Connection) -> bool:
        if self._target is None:
            self._target, self._frontier = await self._newest(conn), Frontier()
        if self._target is None:
            return False
        frontier, size = self._frontier, self._target.size
        first, end = frontier.size, min(size, frontier.size + TURN_LEAVES)
        completed = _hashed_again(frontier, await store.recorded_between(conn, first, end), first, end)
        _compare(completed, await store.hashes(conn, [each.node for each in completed]))
        self._verified = max(self._verified, frontier.size) if self._found is None else self._verified
        return frontier.size < size or self._end_round(self._target)

    async def _newest(self, conn: Connection) -> Checkpoint | None:
        row = await store.latest_checkpoint(conn)
        try:
            return None if row is None else open_checkpoint(row.note, self._verifiers)
        except NoteInvalid as error:
            raise Altered(0, f"the last checkpoint is not signed by this log: {error}") from error

    def _end_round(self, target: Checkpoint) -> bool:
        if self._frontier.root() != target.root:
            raise Altered(0, f"the rows do not lead to the checkpoint of size {target.size}")
        self._target, self._found, self._verified = None, None, target.size
        return False

    def alarms(self) -> list[dict[str, Any]]:
        """The alteration that the last turns found, until a whole round finds none."""
        return [{"kind": "log-altered", "leaf": self._found.index, "what": str(self._found)}] if self._found else []

    async def checks(self) -> Mapping[str, bool]:
        return {"log": self._found is None}

    async def gauges(self) -> Mapping[str, float]:
        """How far the log was found right, and how old its last checkpoint is."""
        async with self._database.connection() as conn:
            signed_at = await store.last_signed_at(conn)
        age = 0.0 if signed_at is None else max(0.0, (self._clock() - signed_at).total_seconds())
        return {"verified_leaves": float(self._verified), "checkpoint_age_seconds": age}


def _hashed_again(frontier: Frontier, rows: Sequence[store.RecordedLeaf], first: int, end: int) -> list[Stored]:
    """Append what the entries hash to; returns the roots of the tiles that this completed."""
    if [row.index for row in rows] != list(range(first, end)):
        there = {row.index for row in rows}
        raise Altered(next(n for n in range(first, end) if n not in there), "a row is missing")
    completed: list[Stored] = []
    for row in rows:
        digest = leaf_hash(row.entry)
        if digest != row.hash:
            raise Altered(row.index, "the entry does not fit its hash")
        completed += frontier.append(digest)
    return completed


def _compare(completed: Sequence[Stored], kept: Mapping[Any, bytes]) -> None:
    for node, digest in completed:
        if kept.get(node) != digest:
            first, end = node.number << node.height, (node.number + 1) << node.height
            raise Altered(first, f"one of the leaves {first} to {end - 1} is not the one that was appended")
