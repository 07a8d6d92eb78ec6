"""Do roots and proofs agree with the published vectors, and with the definition written out literally?"""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.ledger.paths import (
    consistency_nodes,
    frontier_nodes,
    frontier_of,
    inclusion_nodes,
    is_consistent,
    is_included,
    prove_consistency,
    prove_inclusion,
)
from libs.ledger.tree import EMPTY_ROOT, Frontier, Node, leaf_hash, node_hash

# The eight leaves, roots and proofs of the Certificate Transparency reference implementation (RFC 6962).
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in INPUTS]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAF_1 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
LEAF_4 = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
LEAVES_2_3 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
LEAVES_4_5 = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
LEAVES_4_7 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
LEAVES_6_7 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
INCLUSION = {
    (0, 1): [],
    (0, 8): [LEAF_1, LEAVES_2_3, LEAVES_4_7],
    (5, 8): [LEAF_4, LEAVES_6_7, ROOTS[3]],
    (2, 3): [ROOTS[1]],
    (1, 5): [ROOTS[0], LEAVES_2_3, LEAF_4],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [LEAF_1, LEAVES_2_3, LEAVES_4_7],
    (6, 8): [LEAVES_4_5, LEAVES_6_7, ROOTS[3]],
    (2, 5): [LEAVES_2_3, LEAF_4],
}
MANY = [sha256(number.to_bytes(4, "big")).digest() for number in range(1_400)]


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, as it is written there."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(naive_root(leaves[:middle]), naive_root(leaves[middle:]))


class Kept:
    """What a log keeps: leaf hashes, and the tile roots that appending completed. Nothing else can be read."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.frontier = Frontier()
        self.hashes = {Node(0, index): digest for index, digest in enumerate(leaves)}
        self.hashes.update(self.frontier.extend(leaves))
        self.reads: list[Node] = []

    def __call__(self, node: Node) -> bytes:
        self.reads.append(node)
        return self.hashes[node]


ALL = Kept(MANY)


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference_implementation(size: int) -> None:
    frontier = Frontier()
    frontier.extend(LEAVES[:size])
    assert frontier.root().hex() == ROOTS[size - 1]


def test_the_empty_log_has_the_root_of_nothing() -> None:
    assert Frontier().root() == EMPTY_ROOT == sha256(b"").digest()


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference_implementation(index: int, size: int) -> None:
    path = prove_inclusion(index, size, Kept(LEAVES))
    assert [digest.hex() for digest in path] == INCLUSION[index, size]
    assert is_included(LEAVES[index], index, size, path, bytes.fromhex(ROOTS[size - 1]))


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference_implementation(old: int, new: int) -> None:
    path = prove_consistency(old, new, Kept(LEAVES))
    assert [digest.hex() for digest in path] == CONSISTENCY[old, new]
    assert is_consistent(old, new, bytes.fromhex(ROOTS[old - 1]), bytes.fromhex(ROOTS[new - 1]), path)


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, len(MANY)), st.integers(0, len(MANY)))
def test_a_root_is_the_same_however_the_leaves_arrived(size: int, cut: int) -> None:
    frontier = Frontier()
    frontier.extend(MANY[: min(cut, size)])
    frontier = Frontier.from_bytes(frontier.size, frontier.to_bytes())
    frontier.extend(MANY[min(cut, size) : size])
    assert frontier.size == size
    assert frontier.root() == naive_root(MANY[:size])


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, len(MANY)), st.data())
def test_every_leaf_is_shown_to_be_included_from_kept_hashes(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    root = naive_root(MANY[:size])
    path = prove_inclusion(index, size, ALL)
    assert is_included(MANY[index], index, size, path, root)
    assert not is_included(MANY[index - 1], index, size, path, root) or size == 1
    assert not is_included(MANY[index], index - 1 if index else size - 1, size, path, root) or size == 1
    assert not is_included(MANY[index], index, size, [*path, root], root)


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, len(MANY)), st.data())
def test_every_log_is_shown_to_begin_with_every_earlier_one(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    old_root, new_root = naive_root(MANY[:old]), naive_root(MANY[:new])
    path = prove_consistency(old, new, ALL)
    assert is_consistent(old, new, old_root, new_root, path)
    assert not is_consistent(old, new, EMPTY_ROOT, new_root, path)
    assert not is_consistent(old, new, old_root, EMPTY_ROOT, path)
    assert not is_consistent(old, new, old_root, new_root, [*path, old_root])


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(1, len(MANY)), st.data())
def test_one_changed_bit_in_a_proof_is_noticed(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path = prove_inclusion(index, size, ALL)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        path[at] = bytes([path[at][0] ^ 1]) + path[at][1:]
        assert not is_included(MANY[index], index, size, path, naive_root(MANY[:size]))


@settings(deadline=None)  # a busy machine is no failure
@given(st.integers(0, len(MANY)))
def test_a_frontier_can_be_rebuilt_from_kept_hashes(size: int) -> None:
    rebuilt = frontier_of(size, ALL)
    assert (rebuilt.size, rebuilt.root()) == (size, naive_root(MANY[:size]))


def test_what_a_proof_reads_is_known_beforehand_and_little() -> None:
    for reads, prove in (
        (inclusion_nodes(700, 1_399), lambda kept: prove_inclusion(700, 1_399, kept)),
        (consistency_nodes(700, 1_399), lambda kept: prove_consistency(700, 1_399, kept)),
        (frontier_nodes(1_399), lambda kept: frontier_of(1_399, kept)),
    ):
        ALL.reads.clear()
        prove(ALL)
        assert ALL.reads == reads
    for size in (10**6 + 7, 10**9 + 7):
        levels = len(range(0, size.bit_length(), 8))
        assert max(len(inclusion_nodes(index, size)) for index in (0, size // 3, size - 1)) <= 512 * levels


def test_appending_tells_each_completed_tile_once_and_in_order() -> None:
    told = Frontier().extend(bytes([0]) * 32 for _ in range(256 * 257))
    assert [stored.node for stored in told[:2]] == [Node(8, 0), Node(8, 1)]
    assert [stored.node for stored in told[-3:]] == [Node(8, 255), Node(16, 0), Node(8, 256)]
    assert len(told) == 258


def test_a_frontier_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="3 leaves has 2 subtrees"):
        Frontier.from_bytes(3, bytes(32))


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_outside_the_log_has_no_proof(index: int, size: int) -> None:
    assert not is_included(bytes(32), index, size, [], EMPTY_ROOT)
    with pytest.raises(ValueError, match="not among"):
        prove_inclusion(index, size, ALL)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_nothing_and_a_longer_log_are_no_beginning(old: int, new: int) -> None:
    assert not is_consistent(old, new, EMPTY_ROOT, EMPTY_ROOT, [])
    with pytest.raises(ValueError, match="beginning"):
        prove_consistency(old, new, ALL)
