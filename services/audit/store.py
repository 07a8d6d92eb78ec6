"""What does audit remember, and in which statements? All of audit's SQL; many rows travel in one statement."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.delivery.connections import Connection
from libs.ledger.tree import Frontier, Node, Stored
from libs.ledger.verify import CheckpointRow, TreeHead
from services.audit.rules import Appended, Recorded

# Any number that nothing else in this database locks; it spells "audit" in ASCII.
SIGNING_LOCK = 0x6175646974

LOCK_TREE = "SELECT size, frontier FROM audit.tree WHERE id = 1 FOR UPDATE"
SAVE_TREE = "UPDATE audit.tree SET size = $1, root = $2, frontier = $3 WHERE id = 1"
HEAD = "SELECT size, root FROM audit.tree WHERE id = 1"
RECORDED = """
    SELECT event_id, entry, salt FROM audit.leaves LEFT JOIN audit.salts USING (leaf_index)
    WHERE event_id = ANY($1::uuid[])
"""
ADD_LEAVES = """
    WITH added AS (
        SELECT * FROM unnest($1::bigint[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[], $6::bytea[])
               AS a (leaf_index, event_id, request_id, leaf_hash, entry, salt)
    ), salted AS (
        INSERT INTO audit.salts (leaf_index, salt) SELECT leaf_index, salt FROM added
    )
    INSERT INTO audit.leaves (leaf_index, event_id, request_id, leaf_hash, entry)
    SELECT leaf_index, event_id, request_id, leaf_hash, entry FROM added
"""
ADD_TILE_ROOTS = """
    INSERT INTO audit.tile_roots (height, number, hash)
    SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])
"""
ADD_OTHERS = """
    INSERT INTO audit.other_contents (leaf_index, event_id) SELECT * FROM unnest($1::bigint[], $2::uuid[])
"""
KEEP_OFFSETS = """
    INSERT INTO audit.offsets (topic, partition, next_offset)
    SELECT * FROM unnest($1::text[], $2::integer[], $3::bigint[])
    ON CONFLICT (topic, partition) DO UPDATE SET next_offset = excluded.next_offset
"""
ENTRIES = """
    SELECT leaf_index, entry FROM audit.leaves WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
"""
RECORDED_BETWEEN = """
    SELECT leaf_index, entry, leaf_hash FROM audit.leaves
    WHERE leaf_index >= $1 AND leaf_index < $2 ORDER BY leaf_index
"""
LEAF_HASHES = "SELECT leaf_index, leaf_hash FROM audit.leaves WHERE leaf_index = ANY($1::bigint[])"
TILE_ROOTS = """
    SELECT height, number, hash FROM audit.tile_roots
    JOIN unnest($1::smallint[], $2::bigint[]) AS wanted (height, number) USING (height, number)
"""
LATEST_CHECKPOINT = "SELECT size, note FROM audit.checkpoints ORDER BY size DESC LIMIT 1"
LAST_SIGNED_AT = "SELECT signed_at FROM audit.checkpoints ORDER BY size DESC LIMIT 1"
ADD_CHECKPOINT = "INSERT INTO audit.checkpoints (size, note, signed_at) VALUES ($1, $2, $3)"
LEAVES_OF_REQUEST = """
    SELECT leaf_index, entry, leaf_hash FROM audit.leaves
    WHERE request_id = $1 AND leaf_index > $2 ORDER BY leaf_index LIMIT $3
"""
ENTRY_AT = "SELECT entry FROM audit.leaves WHERE leaf_index = $1"
COUNTS = """
    SELECT size AS leaves, coalesce((SELECT max(size) FROM audit.checkpoints), 0) AS signed,
           (SELECT count(*) FROM audit.other_contents) AS other_contents
    FROM audit.tree WHERE id = 1
"""


@dataclass(frozen=True, slots=True)
class RecordedLeaf:
    index: int
    entry: bytes
    hash: bytes


async def lock_tree(conn: Connection) -> Frontier:
    """The right edge of the log. Other writers wait from here until our transaction ends."""
    row = await conn.fetchrow(LOCK_TREE)
    return Frontier.from_bytes(row["size"], row["frontier"])


async def recorded_among(conn: Connection, leaf_ids: Sequence[UUID]) -> dict[UUID, Recorded]:
    rows = await conn.fetch(RECORDED, leaf_ids)
    return {UUID(bytes=row["event_id"].bytes): Recorded(row["entry"], row["salt"]) for row in rows}


async def append(conn: Connection, added: Appended, frontier: Frontier) -> None:
    """Keep the new leaves and the head they lead to; the caller holds the tree's lock."""
    columns = (added.indexes, added.event_ids, added.request_ids, added.hashes, added.entries, added.salts)
    await conn.execute(ADD_LEAVES, *columns)
    if added.tile_roots:
        nodes = [stored.node for stored in added.tile_roots]
        await conn.execute(
            ADD_TILE_ROOTS,
            [node.height for node in nodes],
            [node.number for node in nodes],
            [stored.hash for stored in added.tile_roots],
        )
    if added.others:
        await conn.execute(ADD_OTHERS, [index for index, _ in added.others], [id_ for _, id_ in added.others])
    await conn.execute(SAVE_TREE, frontier.size, frontier.root(), frontier.to_bytes())


async def keep_offsets(conn: Connection, offsets: Mapping[tuple[str, int], int]) -> None:
    """A topic that was made anew counts from the beginning again, so an offset may also go back."""
    places = list(offsets)
    await conn.execute(
        KEEP_OFFSETS,
        [topic for topic, _ in places],
        [partition for _, partition in places],
        [offsets[place] for place in places],
    )


async def head(conn: Connection) -> TreeHead:
    row = await conn.fetchrow(HEAD)
    return TreeHead(row["size"], row["root"])


async def entries(conn: Connection, first: int, end: int) -> list[tuple[int, bytes]]:
    """The entries from index `first` up to, not including, `end`; a gap in the rows is a gap in the answer."""
    return [(row["leaf_index"], row["entry"]) for row in await conn.fetch(ENTRIES, first, end)]


async def recorded_between(conn: Connection, first: int, end: int) -> list[RecordedLeaf]:
    """The rows from index `first` up to, not including, `end`, with the hashes they are kept under."""
    rows = await conn.fetch(RECORDED_BETWEEN, first, end)
    return [RecordedLeaf(row["leaf_index"], row["entry"], row["leaf_hash"]) for row in rows]


async def last_signed_at(conn: Connection) -> datetime | None:
    moment: datetime | None = await conn.fetchval(LAST_SIGNED_AT)
    return moment


async def hashes(conn: Connection, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """The kept hashes of these nodes; one that is not kept is not in the answer."""
    wanted = set(nodes)
    found: dict[Node, bytes] = {}
    leaves = [node.number for node in wanted if node.height == 0]
    if leaves:
        rows = await conn.fetch(LEAF_HASHES, leaves)
        found.update((Node(0, row["leaf_index"]), row["leaf_hash"]) for row in rows)
    roots = [node for node in wanted if node.height > 0]
    if roots:
        rows = await conn.fetch(TILE_ROOTS, [node.height for node in roots], [node.number for node in roots])
        found.update(Stored(Node(row["height"], row["number"]), row["hash"]) for row in rows)
    return found


async def lock_signing(conn: Connection) -> None:
    """One process signs at a time; appending goes on meanwhile."""
    await conn.execute("SELECT pg_advisory_xact_lock($1)", SIGNING_LOCK)


async def latest_checkpoint(conn: Connection) -> CheckpointRow | None:
    row = await conn.fetchrow(LATEST_CHECKPOINT)
    return CheckpointRow(row["size"], row["note"]) if row else None


async def add_checkpoint(conn: Connection, size: int, note: str, signed_at: datetime) -> None:
    await conn.execute(ADD_CHECKPOINT, size, note, signed_at)


async def leaves_of_request(conn: Connection, request_id: UUID, after: int, limit: int) -> list[RecordedLeaf]:
    """The leaves about a request with an index above `after`, oldest first."""
    rows = await conn.fetch(LEAVES_OF_REQUEST, request_id, after, limit)
    return [RecordedLeaf(row["leaf_index"], row["entry"], row["leaf_hash"]) for row in rows]


async def entry_at(conn: Connection, index: int) -> bytes | None:
    entry: bytes | None = await conn.fetchval(ENTRY_AT, index)
    return entry


async def counts(conn: Connection) -> dict[str, int]:
    row = await conn.fetchrow(COUNTS)
    return dict(row)
