"""Is every way of tampering with the log found, and is the first leaf it touches named?"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest

from libs.ledger.checkpoint import Checkpoint
from libs.ledger.leaf import Leaf, commitment
from libs.ledger.note import Signer
from libs.ledger.tree import Frontier, Stored, leaf_hash
from libs.ledger.verify import CheckpointRow, Difference, LeafRow, TreeHead, Verdict, verify

LOG = Signer("ville.example/log", bytes(range(32)))
STRANGER = Signer("ville.example/log", bytes(32))
SALT = bytes(32)
SIGNED_SIZES = (100, 300, 600)
LEAVES = 640


def payload(index: int) -> bytes:
    return f"payload {index}".encode()


def leaf(index: int) -> Leaf:
    return Leaf(
        index=index,
        event_id=str(UUID(int=index)),
        type="guichet.RequestRouted.v1",
        source="urn:guichet:router",
        subject=str(UUID(int=index // 3)),
        time="2026-11-23T10:15:00Z",
        topic="a topic",
        partition=0,
        offset=index,
        commitment=commitment(SALT, payload(index)),
    )


def row(index: int, said: Leaf | None = None) -> LeafRow:
    entry = (said or leaf(index)).entry()
    return LeafRow(index, entry, leaf_hash(entry), UUID(int=index), UUID(int=index // 3), SALT, payload(index))


class Log:
    """A log as it is kept, for a test to tamper with."""

    def __init__(self) -> None:
        self.rows = [row(index) for index in range(LEAVES)]
        self.checkpoints: list[CheckpointRow] = []
        self.tile_roots: list[Stored] = []
        frontier = Frontier()
        for each in self.rows:
            self.tile_roots += frontier.append(each.leaf_hash)
            if frontier.size in SIGNED_SIZES:
                self.checkpoints.append(signed(frontier.size, frontier.root()))
        self.head: TreeHead | None = TreeHead(LEAVES, frontier.root())

    def verdict(self) -> Verdict:
        return verify(self.rows, self.checkpoints, [LOG.verifier], tile_roots=self.tile_roots, head=self.head)

    def difference(self) -> Difference:
        verdict = self.verdict()
        assert not verdict.ok
        assert verdict.first_difference is not None
        return verdict.first_difference


def signed(size: int, root: bytes, signer: Signer = LOG) -> CheckpointRow:
    return CheckpointRow(size, Checkpoint(LOG.name, size, root).signed_by(signer))


@pytest.fixture
def log() -> Log:
    return Log()


def test_an_untouched_log_is_found_in_order(log: Log) -> None:
    verdict = log.verdict()
    assert (verdict.ok, verdict.leaves, verdict.pending, verdict.first_difference) == (True, LEAVES, 40, None)
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.size == 600


def test_the_verdict_has_the_fields_that_scripts_rely_on(log: Log) -> None:
    log.rows[5] = replace(log.rows[5], event_id=UUID(int=9))
    answer = log.verdict().as_dict()
    assert {"ok", "leaves", "root", "checkpoint", "first_difference"} <= set(answer)
    assert answer["first_difference"] == {
        "index": 5,
        "what": "event_id",
        "expected": str(UUID(int=5)),
        "found": str(UUID(int=9)),
    }


def test_an_empty_log_is_in_order() -> None:
    assert verify([], [], [LOG.verifier], head=TreeHead(0, Frontier().root())).ok


def test_an_edited_entry_is_named(log: Log) -> None:
    log.rows[417] = replace(log.rows[417], entry=replace(leaf(417), time="2026-11-24T10:15:00Z").entry())
    difference = log.difference()
    assert (difference.index, difference.what) == (417, "hash of the entry")
    assert difference.expected == log.rows[417].leaf_hash.hex()


def test_an_entry_edited_together_with_its_hash_is_narrowed_down_to_a_checkpoint(log: Log) -> None:
    log.rows[150] = row(150, replace(leaf(150), time="2026-11-24T10:15:00Z"))
    log.tile_roots = log.tile_roots[:0]
    verdict = verify(log.rows, log.checkpoints, [LOG.verifier], head=log.head)
    assert verdict.first_difference is not None
    assert verdict.first_difference.index == 100
    assert "leaves 100 to 299" in verdict.first_difference.what
    assert verdict.checkpoint is not None
    assert verdict.checkpoint.size == 100


def test_an_entry_edited_together_with_its_hash_is_narrowed_down_to_a_tile(log: Log) -> None:
    log.rows[450] = row(450, replace(leaf(450), time="2026-11-24T10:15:00Z"))
    difference = log.difference()
    assert (difference.index, difference.what) == (256, "tile root of leaves 256 to 511")


def test_an_edited_leaf_that_is_not_signed_yet_is_found_too(log: Log) -> None:
    log.rows[620] = row(620, replace(leaf(620), time="2026-11-24T10:15:00Z"))
    assert (log.difference().index, log.difference().what) == (600, "root of the tree")


@pytest.mark.parametrize("index", [0, 417, 599, 639])
def test_a_deleted_row_is_named(log: Log, index: int) -> None:
    del log.rows[index]
    assert (log.difference().index, log.difference().what) == (index, "row")


def test_a_deleted_row_whose_followers_moved_up_is_named(log: Log) -> None:
    del log.rows[417]
    log.rows[417:] = [replace(each, index=each.index - 1) for each in log.rows[417:]]
    assert (log.difference().index, log.difference().what) == (417, "index in the entry")


def test_exchanged_rows_are_named(log: Log) -> None:
    log.rows[20], log.rows[30] = replace(log.rows[30], index=20), replace(log.rows[20], index=30)
    assert (log.difference().index, log.difference().found) == (20, "30")


def test_rows_in_another_order_are_named(log: Log) -> None:
    log.rows[20], log.rows[30] = log.rows[30], log.rows[20]
    assert (log.difference().index, log.difference().found) == (20, "a row with index 30")


def test_a_row_the_tree_does_not_count_is_named(log: Log) -> None:
    log.rows.append(row(LEAVES))
    assert (log.difference().index, log.difference().what) == (LEAVES, "row")


def test_without_a_head_every_row_must_be_covered_by_a_checkpoint(log: Log) -> None:
    log.head = None
    assert (log.difference().index, log.difference().found) == (600, "none does")
    log.rows, log.tile_roots = log.rows[:600], log.tile_roots
    assert log.verdict().ok


def test_a_request_id_that_hides_a_leaf_from_its_history_is_named(log: Log) -> None:
    log.rows[417] = replace(log.rows[417], request_id=None)
    assert (log.difference().index, log.difference().what) == (417, "request_id")


@pytest.mark.parametrize("changed", [{"payload": b"another"}, {"salt": bytes([1]) * 32}])
def test_a_payload_or_salt_that_does_not_fit_the_commitment_is_named(log: Log, changed: dict[str, bytes]) -> None:
    log.rows[417] = replace(log.rows[417], **changed)  # type: ignore[arg-type]
    assert (log.difference().index, log.difference().what) == (417, "commitment")


def test_an_erased_salt_is_no_difference(log: Log) -> None:
    log.rows = [replace(each, salt=None) for each in log.rows]
    assert log.verdict().ok


def test_an_entry_that_is_no_leaf_is_named(log: Log) -> None:
    log.rows[3] = replace(log.rows[3], entry=b"{}", leaf_hash=leaf_hash(b"{}"))
    assert (log.difference().index, log.difference().what) == (3, "entry")


Tamper = Callable[[Log], CheckpointRow]


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (lambda log: signed(300, bytes(32)), "root of checkpoint of size 300: one of the leaves 100 to 299"),
        (lambda log: signed(300, bytes(32), STRANGER), "checkpoint of size 300"),
        (lambda log: replace(log.checkpoints[0], size=300), "checkpoint of size 300"),
        (lambda log: CheckpointRow(300, log.checkpoints[1].note.replace("300", "299")), "checkpoint of size 300"),
        (lambda log: CheckpointRow(300, "no note"), "checkpoint of size 300"),
    ],
    ids=["inconsistent", "stranger's key", "another size", "changed text", "no note"],
)
def test_an_older_checkpoint_that_does_not_fit_is_named(log: Log, tamper: Tamper, words: str) -> None:
    log.checkpoints[1] = tamper(log)
    assert words in log.difference().what


def test_a_checkpoint_kept_outside_is_checked_like_our_own(log: Log) -> None:
    log.checkpoints.insert(1, signed(200, bytes(32)))
    assert log.difference().index == 100


def test_leaves_that_nobody_ever_signed_are_not_trusted(log: Log) -> None:
    log.checkpoints = []
    assert log.difference().what == "checkpoint"


def test_rows_cut_off_below_a_checkpoint_are_missed(log: Log) -> None:
    log.rows, log.head = log.rows[:550], TreeHead(550, bytes(32))
    difference = log.difference()
    assert (difference.index, difference.found.partition(",")[0]) == (550, "550 leaves")
    assert difference.expected.startswith("600 leaves, root ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda roots: roots[:-1], "tile root of leaves 256 to 511"),
        (lambda roots: [roots[0], replace_hash(roots[1])], "tile root of leaves 256 to 511"),
        (lambda roots: [*roots, roots[0]], "tile root"),
    ],
    ids=["deleted", "changed", "one too many"],
)
def test_tile_roots_are_held_against_the_rows(
    log: Log, change: Callable[[list[Stored]], list[Stored]], words: str
) -> None:
    log.tile_roots = change(log.tile_roots)
    assert log.difference().what == words


def replace_hash(stored: Stored) -> Stored:
    return stored._replace(hash=bytes(32))


def test_a_head_with_another_root_stops_the_trust(log: Log) -> None:
    log.head = TreeHead(LEAVES, bytes(32))
    assert log.difference().what == "root of the tree"
