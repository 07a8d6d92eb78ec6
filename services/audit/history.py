"""What happened to a request, and how can anybody check that it is in the log?"""

from dataclasses import dataclass
from uuid import UUID

import structlog

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected
from libs.ledger.checkpoint import Checkpoint, parse_checkpoint
from libs.ledger.leaf import Leaf, LeafInvalid, parse_leaf
from libs.ledger.paths import inclusion_nodes, is_included, prove_inclusion
from libs.ledger.proof import Proof
from libs.ledger.tree import leaf_hash
from services.audit import store

log = structlog.get_logger(__name__)

# A request has about ten events; one with more is read in pages. Each proof reads up to a few hundred hashes.
HISTORY_EVENTS_MAX = 100


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint, and the note it was published as."""

    checkpoint: Checkpoint
    note: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One leaf; `path` leads to the checkpoint's root, and is None while no checkpoint covers the leaf."""

    leaf: Leaf
    entry: bytes
    path: list[bytes] | None


@dataclass(frozen=True, slots=True)
class History:
    signed: Signed | None
    events: list[Shown]
    has_more: bool


async def counts(database: Connections) -> dict[str, int]:
    """How many leaves there are, and how many of them the latest checkpoint covers."""
    async with database.connection() as conn:
        return await store.counts(conn)


async def latest_signed(database: Connections) -> Signed | None:
    async with database.connection() as conn:
        return await _latest_signed(conn)


async def history(database: Connections, request_id: UUID, after: int = -1) -> History:
    """The events of a request behind index `after`, oldest first, each with its proof; none for an unknown request."""
    async with database.connection() as conn:
        signed = await _latest_signed(conn)
        leaves = await store.leaves_of_request(conn, request_id, after, HISTORY_EVENTS_MAX + 1)
        page = leaves[:HISTORY_EVENTS_MAX]
        paths = await _paths(conn, [leaf.index for leaf in page], signed)
    events = [_shown(leaf.index, leaf.entry, paths.get(leaf.index), signed) for leaf in page]
    return History(signed, events, has_more=len(leaves) > len(page))


async def proof_of(database: Connections, index: int) -> Proof:
    """One leaf's proof to hand out. `Rejected` when there is no such leaf, or none that is signed yet."""
    async with database.connection() as conn:
        signed = await _latest_signed(conn)
        entry = await store.entry_at(conn, index)
        if entry is None or signed is None or index >= signed.checkpoint.size:
            raise Rejected(f"no checkpoint covers a leaf {index} yet", slug="not-found")
        path = (await _paths(conn, [index], signed))[index]
    _shown(index, entry, path, signed)
    return Proof(index, path, signed.note)


async def _latest_signed(conn: Connection) -> Signed | None:
    row = await store.latest_checkpoint(conn)
    if row is None:
        return None
    return Signed(parse_checkpoint(row.note.rpartition("\n\n")[0] + "\n"), row.note)


async def _paths(conn: Connection, indexes: list[int], signed: Signed | None) -> dict[int, list[bytes]]:
    """The paths of those that are signed, with all their hashes fetched at once."""
    size = signed.checkpoint.size if signed else 0
    covered = [index for index in indexes if index < size]
    found = await store.hashes(conn, (node for index in covered for node in inclusion_nodes(index, size)))
    try:
        return {index: prove_inclusion(index, size, found.__getitem__) for index in covered}
    except KeyError as error:
        raise altered("hashes that proofs of this request need are gone") from error


def _shown(index: int, entry: bytes, path: list[bytes] | None, signed: Signed | None) -> Shown:
    """Never hand out a leaf whose proof does not hold: whoever asks should be told, and not find out."""
    try:
        leaf = parse_leaf(entry)
    except LeafInvalid as error:
        raise altered(f"leaf {index} is no leaf any more") from error
    if path is None or signed is None:
        return Shown(leaf, entry, None)
    head = signed.checkpoint
    if leaf.index != index or not is_included(leaf_hash(entry), index, head.size, path, head.root):
        raise altered(f"leaf {index} does not lead to the checkpoint of size {head.size}")
    return Shown(leaf, entry, path)


def altered(what: str) -> Rejected:
    """The rows are not what was signed: said as it is, with what an operator does."""
    log.error("log_altered", what=what)
    remedy = "whoever runs this log finds out where with `guichet audit verify`"
    return Rejected(f"the log was changed after it was signed: {what}; {remedy}", slug="log-altered")
