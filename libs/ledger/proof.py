"""How is one proof handed to somebody who has nothing else? As a C2SP tlog-proof: one text file, checked offline."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.ledger.checkpoint import WHOLE_NUMBER, Checkpoint, open_checkpoint
from libs.ledger.note import NoteInvalid, Verifier
from libs.ledger.paths import is_included
from libs.ledger.tree import leaf_hash

FIRST_LINE = "c2sp.org/tlog-proof@v1"


class ProofInvalid(ValueError):
    """The text is not a proof, or it does not show what it should."""


@dataclass(frozen=True, slots=True)
class Proof:
    index: int
    path: Sequence[bytes]
    note: str  # the signed checkpoint, verbatim

    def text(self) -> str:
        path = "".join(base64.b64encode(digest).decode() + "\n" for digest in self.path)
        return f"{FIRST_LINE}\nindex {self.index}\n{path}\n{self.note}"


def parse_proof(text: str) -> Proof:
    head, _, note = text.partition("\n\n")
    first, *lines = head.split("\n")
    if lines and lines[0].startswith("extra "):  # opaque and not authenticated: nothing of ours is in it
        lines = lines[1:]
    if first != FIRST_LINE or not lines:
        raise ProofInvalid(f"a proof begins with the lines {FIRST_LINE!r} and 'index N'")
    word, _, number = lines[0].partition(" ")
    if word != "index" or not WHOLE_NUMBER.fullmatch(number):
        raise ProofInvalid("the index of a proof is a whole number without leading zeroes")
    try:
        path = [base64.b64decode(line, validate=True) for line in lines[1:]]
    except (binascii.Error, ValueError) as error:
        raise ProofInvalid("the path of a proof is base64, one hash on each line") from error
    return Proof(int(number), path, note)


def check_proof(text: str, entry: bytes, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The signed checkpoint under which `entry` is shown to be in the log; `ProofInvalid` when it is not shown."""
    proof = parse_proof(text)
    try:
        checkpoint = open_checkpoint(proof.note, verifiers)
    except NoteInvalid as error:
        raise ProofInvalid(f"the checkpoint of the proof: {error}") from error
    if not is_included(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root):
        raise ProofInvalid(f"the path does not lead from this entry, as leaf {proof.index}, to the signed root")
    return checkpoint
