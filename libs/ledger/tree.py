"""What is the root of a log, and how does it change when leaves are appended?

The Merkle tree of RFC 6962 section 2.1 (RFC 9162 hashes the same way). Nothing here holds more than the *frontier*: the
roots of the complete subtrees that a log of some size is made of, one for each bit of the size.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import NamedTuple

HASH_BYTES = 32
TILE_HEIGHT = 8  # C2SP tlog-tiles: 256 hashes wide, so only every eighth level of the tree is kept anywhere
EMPTY_ROOT = sha256(b"").digest()


class Node(NamedTuple):
    """The complete subtree over the leaves from `number << height` up to, not including, `(number + 1) << height`."""

    height: int
    number: int


class Stored(NamedTuple):
    """A node of a height that is kept (a multiple of `TILE_HEIGHT`, above the leaves) and its hash."""

    node: Node
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a log: enough to append to it and to know its root, 32 bytes for each bit of its size."""

    __slots__ = ("_subtrees", "size")

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        self.size = size
        self._subtrees = list(subtrees)  # largest first, as the bits of `size` are read
        if len(self._subtrees) != size.bit_count():
            raise ValueError(f"a log of {size} leaves has {size.bit_count()} subtrees, not {len(self._subtrees)}")

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> "Frontier":
        return cls(size, (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))

    def to_bytes(self) -> bytes:
        return b"".join(self._subtrees)

    def append(self, leaf: bytes) -> list[Stored]:
        """Append one leaf's hash; return the tile roots this completes, lowest first (mostly none)."""
        completed: list[Stored] = []
        subtrees, index, height = self._subtrees, self.size, 0
        digest = leaf
        while index & 1:
            digest = sha256(b"\x01" + subtrees.pop() + digest).digest()
            index >>= 1
            height += 1
            if height % TILE_HEIGHT == 0:
                completed.append(Stored(Node(height, index), digest))
        subtrees.append(digest)
        self.size += 1
        return completed

    def extend(self, leaves: Iterable[bytes]) -> list[Stored]:
        return [stored for leaf in leaves for stored in self.append(leaf)]

    def root(self) -> bytes:
        if not self._subtrees:
            return EMPTY_ROOT
        digest = self._subtrees[-1]
        for left in reversed(self._subtrees[:-1]):
            digest = node_hash(left, digest)
        return digest
