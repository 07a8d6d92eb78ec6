"""Is the log still what was signed? And if not, where is the first difference?

Everything is recomputed from the rows, one after the other, in memory that does not grow with the log: each row against
its own entry, the tree against every checkpoint ever signed, the kept tile roots, and the head the writer goes on from.
A row that was changed together with its hash is narrowed down to the leaves between two checkpoints, or to one tile.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from libs.ledger.checkpoint import Checkpoint, open_checkpoint
from libs.ledger.leaf import Leaf, LeafInvalid, commitment, parse_leaf, request_id_in
from libs.ledger.note import NoteInvalid, Verifier
from libs.ledger.tree import Frontier, Stored, leaf_hash


@dataclass(frozen=True, slots=True)
class LeafRow:
    """One row of the log. With `salt` and `payload` (the record's value) its commitment is recomputed too."""

    index: int
    entry: bytes
    leaf_hash: bytes
    event_id: UUID
    request_id: UUID | None
    salt: bytes | None = None
    payload: bytes | None = None


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed note, and the size that it is kept under. `is_published`: it comes from outside of the rows."""

    size: int
    note: str
    is_published: bool = False

    @property
    def name(self) -> str:
        return f"published checkpoint of size {self.size}" if self.is_published else f"checkpoint of size {self.size}"


@dataclass(frozen=True, slots=True)
class TreeHead:
    """The size and root that the writer will continue from."""

    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Difference:
    """Where the log first departs from what it should be. `index` is a leaf's, the first of them for a range."""

    index: int
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`leaves` and `root` are of what was read up to the first difference; `checkpoint` is the last that held."""

    ok: bool
    leaves: int
    root: str
    checkpoint: Checkpoint | None
    first_difference: Difference | None

    @property
    def pending(self) -> int:
        """Leaves that no checkpoint covers yet."""
        return self.leaves - (self.checkpoint.size if self.checkpoint else 0)

    def as_dict(self) -> dict[str, object]:
        signed = self.checkpoint
        return {
            "ok": self.ok,
            "leaves": self.leaves,
            "pending": self.pending,
            "root": self.root,
            "checkpoint": signed and {"origin": signed.origin, "size": signed.size, "root": signed.root_text},
            "first_difference": asdict(self.first_difference) if self.first_difference else None,
        }


class Verification:
    """A log read row by row. `add` every row in order until it returns a difference, then ask for the `verdict`."""

    def __init__(
        self,
        verifiers: Sequence[Verifier],
        checkpoints: Iterable[CheckpointRow],
        *,
        tile_roots: Iterable[Stored] | None = None,
        head: TreeHead | None = None,
    ) -> None:
        """`checkpoints` by size; `tile_roots` in the order in which they were completed: by end of range, then height.

        Without `head`, leaves that no checkpoint covers are a difference; with it they may be waiting to be signed,
        but must be exactly those that the head counts.
        """
        self._verifiers = verifiers
        self._checkpoints = iter(checkpoints)
        self._next_checkpoint = next(self._checkpoints, None)
        self._tile_roots = None if tile_roots is None else iter(tile_roots)
        self._head = head
        self._frontier = Frontier()
        self._signed: Checkpoint | None = None
        self._difference: Difference | None = self._against_checkpoints()

    def add(self, row: LeafRow) -> Difference | None:
        """Take the next row. After a difference, further rows change nothing."""
        if self._difference is None:
            self._difference = _in_row(row, self._frontier.size)
        if self._difference is None:
            completed = self._frontier.append(row.leaf_hash)
            self._difference = self._against_tile_roots(completed) or self._against_checkpoints()
        return self._difference

    def verdict(self) -> Verdict:
        difference = self._difference or self._at_the_end()
        root = base64.b64encode(self._frontier.root()).decode()
        return Verdict(difference is None, self._frontier.size, root, self._signed, difference)

    def _against_checkpoints(self) -> Difference | None:
        """Every checkpoint signed at the present size; one that is out of order is out of place too."""
        while (row := self._next_checkpoint) is not None and row.size <= self._frontier.size:
            difference = self._against_checkpoint(row)
            if difference:
                return difference
            self._next_checkpoint = next(self._checkpoints, None)
        return None

    def _against_checkpoint(self, row: CheckpointRow) -> Difference | None:
        size = self._frontier.size
        what = row.name
        try:
            signed = open_checkpoint(row.note, self._verifiers)
        except NoteInvalid as error:
            return Difference(max(row.size - 1, 0), what, "a note signed by the log's key", str(error))
        if signed.size != row.size or row.size != size:
            found = f"a note of size {signed.size}, kept as size {row.size}"
            return Difference(max(row.size - 1, 0), what, f"a checkpoint of size {size}", found)
        root = self._frontier.root()
        if signed.root != root:
            first = self._signed.size if self._signed else 0
            where = f"root of {what}: one of the leaves {first} to {size - 1} is not the signed one"
            return Difference(first, where, signed.root_text, base64.b64encode(root).decode())
        self._signed = signed
        return None

    def _against_tile_roots(self, completed: Iterable[Stored]) -> Difference | None:
        if self._tile_roots is None:
            return None
        for node, digest in completed:
            kept = next(self._tile_roots, None)
            if kept is None or kept.node != node or kept.hash != digest:
                first, end = node.number << node.height, (node.number + 1) << node.height
                found = "no such row" if kept is None or kept.node != node else kept.hash.hex()
                return Difference(first, f"tile root of leaves {first} to {end - 1}", digest.hex(), found)
        return None

    def _at_the_end(self) -> Difference | None:
        size = self._frontier.size
        covered = self._signed.size if self._signed else 0
        if self._next_checkpoint is not None:
            return self._cut_off(self._next_checkpoint)
        if self._tile_roots is not None and (extra := next(self._tile_roots, None)) is not None:
            first = extra.node.number << extra.node.height
            return Difference(first, "tile root", f"none beyond {size} leaves", f"one of height {extra.node.height}")
        if size and self._signed is None:
            return Difference(0, "checkpoint", "a signed checkpoint", "none")
        if self._head is not None:
            return self._against_head(self._head)
        if size > covered:
            return Difference(covered, "row", "a checkpoint that covers it", "none does")
        return None

    def _cut_off(self, row: CheckpointRow) -> Difference:
        """The rows end before a checkpoint does: the newest are gone, or all of it is older than it was."""
        size, root = self._frontier.size, base64.b64encode(self._frontier.root()).decode()
        try:
            signed_root = open_checkpoint(row.note, self._verifiers).root_text
        except NoteInvalid as error:
            signed_root = f"none that is known ({error})"
        expected = f"{row.size} leaves, root {signed_root}, as the {row.name} says"
        return Difference(size, "row", expected, f"{size} leaves, root {root}")

    def _against_head(self, head: TreeHead) -> Difference | None:
        size, root = self._frontier.size, self._frontier.root()
        if head.size != size:
            return Difference(min(size, head.size), "row", f"{head.size} leaves, as the tree counts", f"{size} leaves")
        if head.root != root:
            return Difference(self._signed.size if self._signed else 0, "root of the tree", head.root.hex(), root.hex())
        return None


def verify(
    rows: Iterable[LeafRow],
    checkpoints: Iterable[CheckpointRow],
    verifiers: Sequence[Verifier],
    *,
    tile_roots: Iterable[Stored] | None = None,
    head: TreeHead | None = None,
) -> Verdict:
    """The verdict on a whole log; see `Verification`. Reading stops at the first difference."""
    verification = Verification(verifiers, checkpoints, tile_roots=tile_roots, head=head)
    for row in rows:
        if verification.add(row):
            break
    return verification.verdict()


def _in_row(row: LeafRow, index: int) -> Difference | None:
    """The first thing in a row that does not fit the row itself or its place."""
    if row.index != index:
        return Difference(index, "row", f"a row with index {index}", f"a row with index {row.index}")
    digest = leaf_hash(row.entry)
    if digest != row.leaf_hash:
        return Difference(index, "hash of the entry", row.leaf_hash.hex(), digest.hex())
    try:
        leaf = parse_leaf(row.entry)
    except LeafInvalid as error:
        return Difference(index, "entry", "a leaf", str(error))
    return next((Difference(index, *pair) for pair in _pairs(row, leaf) if pair[1] != pair[2]), None)


def _pairs(row: LeafRow, leaf: Leaf) -> Iterator[tuple[str, str, str]]:
    """What must be equal between a row and its leaf: what it is, as the leaf says, as the row says."""
    yield "index in the entry", str(row.index), str(leaf.index)
    yield "event_id", leaf.event_id, str(row.event_id)
    yield "request_id", str(request_id_in(leaf.subject)), str(row.request_id)
    if row.salt is not None and row.payload is not None:
        yield "commitment", leaf.commitment.hex(), commitment(row.salt, row.payload).hex()
