"""How is it shown that a leaf is in a log, or that one log is the beginning of another?

Inclusion and consistency proofs of RFC 6962 section 2.1, made from the few hashes that are kept: the leaves' own, and
the root of every complete tile. To prove, ask `inclusion_nodes` or `consistency_nodes` which hashes are needed, fetch
them, and hand them in as `read`. Even for a thousand million leaves that is at most 256 hashes for each tile level and
side of the path. The checks follow RFC 9162 sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Callable, Iterator, Sequence

from libs.ledger.tree import TILE_HEIGHT, Frontier, Node, node_hash

Read = Callable[[Node], bytes]  # the hash of a kept node: a leaf's, or a tile root
Range = tuple[int, int]  # from the first leaf up to, not including, the second
PATH_HASHES_MAX = 64  # a log of 2**64 leaves has no longer path; more is not a proof


def inclusion_nodes(index: int, size: int) -> list[Node]:
    """The kept hashes that `prove_inclusion` will read."""
    return [node for part in _inclusion_ranges(index, size) for node in _kept_nodes(part)]


def prove_inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The path from leaf `index` to the root of the first `size` leaves, the leaf's sibling first."""
    return [_hash_of(part, read) for part in _inclusion_ranges(index, size)]


def consistency_nodes(old_size: int, new_size: int) -> list[Node]:
    """The kept hashes that `prove_consistency` will read."""
    return [node for part in _consistency_ranges(old_size, new_size) for node in _kept_nodes(part)]


def prove_consistency(old_size: int, new_size: int, read: Read) -> list[bytes]:
    """What turns the root of the first `old_size` leaves into the root of the first `new_size`."""
    return [_hash_of(part, read) for part in _consistency_ranges(old_size, new_size)]


def frontier_nodes(size: int) -> list[Node]:
    """The kept hashes that `frontier_of` will read."""
    return list(_kept_nodes((0, size)))


def frontier_of(size: int, read: Read) -> Frontier:
    """The frontier of the first `size` leaves, from which a log can be continued without reading it all."""
    return Frontier(size, (_hash_of_complete(node, read) for node in _complete_subtrees((0, size))))


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether `path` shows that the leaf with this hash is number `index` of the log with this size and root."""
    if not 0 <= index < size or len(path) > PATH_HASHES_MAX:
        return False
    at, last, digest = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            digest = node_hash(sibling, digest)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def is_consistent(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` shows that the log with the old size and root is the beginning of the new one."""
    if not 0 < old_size <= new_size or len(path) > PATH_HASHES_MAX:
        return False
    if old_size == new_size:
        return not path and old_root == new_root
    hashes = [old_root, *path] if old_size & (old_size - 1) == 0 else list(path)
    if not hashes:
        return False
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not at & 1 and at != 0:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, sibling)
        at, last = at >> 1, last >> 1
    return last == 0 and old == old_root and new == new_root


def _inclusion_ranges(index: int, size: int) -> list[Range]:
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not among the first {size}")
    first, end, ranges = 0, size, []
    while end - first > 1:
        middle = first + _left_part(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def _consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    if not 0 < old_size <= new_size:
        raise ValueError(f"a log of {old_size} leaves cannot be shown to be the beginning of one of {new_size}")
    first, end, ranges = 0, new_size, []
    while old_size != end:
        middle = first + _left_part(end - first)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    if first:  # the verifier has the old root, so its own subtree is only sent when the root is not that subtree
        ranges.append((first, end))
    return ranges[::-1]


def _left_part(leaves: int) -> int:
    """The largest power of two smaller than `leaves`."""
    return 1 << ((leaves - 1).bit_length() - 1)


def _complete_subtrees(part: Range) -> list[Node]:
    """A range of a proof begins where a subtree begins, so it is made of complete ones, largest first."""
    first, end = part
    nodes = []
    while first < end:
        height = (end - first).bit_length() - 1
        nodes.append(Node(height, first >> height))
        first += 1 << height
    return nodes


def _kept_below(node: Node) -> Iterator[Node]:
    """`node` as the kept nodes just below it: itself when its height is kept, else up to 128 others."""
    above = node.height % TILE_HEIGHT
    first = node.number << above
    return (Node(node.height - above, number) for number in range(first, first + (1 << above)))


def _kept_nodes(part: Range) -> Iterator[Node]:
    return (kept for node in _complete_subtrees(part) for kept in _kept_below(node))


def _hash_of_complete(node: Node, read: Read) -> bytes:
    level = [read(kept) for kept in _kept_below(node)]
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _hash_of(part: Range, read: Read) -> bytes:
    """The root of a range: its complete subtrees, joined from the right edge."""
    subtrees = [_hash_of_complete(node, read) for node in _complete_subtrees(part)]
    digest = subtrees.pop()
    while subtrees:
        digest = node_hash(subtrees.pop(), digest)
    return digest
