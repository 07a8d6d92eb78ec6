"""What did the log look like, signed? A C2SP tlog-checkpoint: origin, size and root of the tree as a signed note."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from libs.ledger.note import NoteInvalid, Signer, Verifier, open_note
from libs.ledger.tree import HASH_BYTES

WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")  # no leading zeroes; fits the 63 bits that PostgreSQL counts in


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    @property
    def root_text(self) -> str:
        return base64.b64encode(self.root).decode()

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{self.root_text}\n"

    def signed_by(self, signer: Signer) -> str:
        """The signed note. A log must never sign two that are inconsistent: whoever calls this has made sure."""
        return signer.sign(self.text())


def open_checkpoint(note: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """The checkpoint in a signed note; `NoteInvalid` unless its own log signed it with one of the known keys."""
    text, signer = open_note(note, verifiers)
    checkpoint = parse_checkpoint(text)
    if signer.name != checkpoint.origin:
        raise NoteInvalid(f"a checkpoint of {checkpoint.origin} is signed by {signer.name}")
    return checkpoint


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text, not verified. Further lines are opaque to us, as the specification wants."""
    origin, size, root_text, *_ = [*text.split("\n"), "", "", ""]
    if not origin or not WHOLE_NUMBER.fullmatch(size):
        raise NoteInvalid("a checkpoint begins with an origin and a size")
    try:
        root = base64.b64decode(root_text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("the root of a checkpoint is base64") from error
    if len(root) != HASH_BYTES:
        raise NoteInvalid(f"the root of a checkpoint has {HASH_BYTES} bytes, not {len(root)}")
    return Checkpoint(origin, int(size), root)
