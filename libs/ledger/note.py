"""Who says so? Text signed with Ed25519, as C2SP signed-note writes it, so that existing tools can check it."""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = b"\x01"  # the signature type in a key's id and in its text
PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 4
NOTE_BYTES_MAX = 65_536  # the specification wants room for 16 signatures of up to 5 kB at most; ours are 68 bytes each
KEY_NAME = re.compile(r"[^\s+\x00-\x1f]+")


class NoteInvalid(ValueError):
    """The text is not a signed note, or no key we trust signed it."""


@dataclass(frozen=True)
class Verifier:
    """A name and its public key; written `name+key id+key`, which is what a verifier is given to trust."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not KEY_NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r}: a key's name is not empty and has neither spaces nor plus signs")

    @classmethod
    def from_text(cls, text: str) -> "Verifier":
        """From `name+8 hexadecimal digits+base64`; `ValueError` when the three do not belong together."""
        name, _, rest = text.strip().partition("+")
        key_id, _, key_text = rest.partition("+")
        try:
            key = base64.b64decode(key_text, validate=True)
        except binascii.Error as error:
            raise ValueError(f"{text!r}: the key is not base64") from error
        if key[:1] != ED25519 or len(key) != 1 + PUBLIC_KEY_BYTES:
            raise ValueError(f"{text!r}: not an Ed25519 key")
        verifier = cls(name, key[1:])
        if verifier.key_id.hex() != key_id:
            raise ValueError(f"{text!r}: the key id should be {verifier.key_id.hex()}; the text is damaged")
        return verifier

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"

    @cached_property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_ID_BYTES]

    def is_signature(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class Signer:
    """A name and the 32-byte seed of its Ed25519 key."""

    name: str
    seed: bytes

    @cached_property
    def verifier(self) -> Verifier:
        return Verifier(self.name, Ed25519PrivateKey.from_private_bytes(self.seed).public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: `text`, an empty line, our signature. The same text always gives the same note."""
        if not text.endswith("\n"):
            raise ValueError("the text of a note ends with a newline")
        signature = Ed25519PrivateKey.from_private_bytes(self.seed).sign(text.encode())
        blob = base64.b64encode(self.verifier.key_id + signature).decode()
        return f"{text}\n— {self.name} {blob}\n"


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, Verifier]:
    """The text of `note` and the first of `verifiers` whose signature it carries.

    Signatures of unknown keys are ignored, as the specification wants; a wrong signature of a known key is not.
    """
    if len(note.encode()) > NOTE_BYTES_MAX:
        raise NoteInvalid(f"the note is longer than {NOTE_BYTES_MAX} bytes")
    body, separator, signatures = note.rpartition("\n\n")
    text = body + "\n"
    if not separator or not signatures.endswith("\n"):
        raise NoteInvalid("the note has no signatures after an empty line")
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signers = []
    for line in signatures[:-1].split("\n"):
        name, blob = _signature_line(line)
        verifier = known.get((name, blob[:KEY_ID_BYTES]))
        if verifier is None:
            continue
        if len(blob) != KEY_ID_BYTES + SIGNATURE_BYTES or not verifier.is_signature(text, blob[KEY_ID_BYTES:]):
            raise NoteInvalid(f"the signature of {name} does not fit the text")
        signers.append(verifier)
    if not signers:
        raise NoteInvalid("no known key signed the note")
    return text, signers[0]


def _signature_line(line: str) -> tuple[str, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, blob_text = rest.partition(" ")
    try:
        blob = base64.b64decode(blob_text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NoteInvalid("a signature line is not base64") from error
    if dash != "—" or not KEY_NAME.fullmatch(name) or len(blob) <= KEY_ID_BYTES:
        raise NoteInvalid("a signature line is not of the form: dash, name, base64")
    return name, blob
