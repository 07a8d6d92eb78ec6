"""What opens the status page, and how is the same submission known again? Computed from secrets, never drawn.

A token is the request's id followed by a MAC of it: whoever holds the link finds the request by its primary key, nobody
can make one for a request, and the answer to a repeated submission is the same token although only its hash is kept.
"""

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

ID_BYTES = 16
MAC_BYTES = 16  # 128 bits: guessing one link at a million tries a second takes longer than the sun lasts
TOKEN_CHARACTERS = 43  # 32 bytes in base64url without padding


@dataclass(frozen=True, slots=True)
class Secrets:
    """Intake's own secrets, each for one purpose."""

    token: bytes
    fingerprint: bytes
    session: bytes

    @classmethod
    def of(cls, master_key: bytes) -> "Secrets":
        """Derived from the master key, so that there is one key file to guard; another master key voids all links."""
        purposes = (b"intake/token", b"intake/fingerprint", b"intake/session")
        return cls(*(hmac.digest(master_key, purpose, "sha256") for purpose in purposes))


def token_for(secrets: Secrets, request_id: UUID) -> str:
    """The status page's secret for this request; always the same."""
    mac = hmac.digest(secrets.token, request_id.bytes, "sha256")[:MAC_BYTES]
    return base64.urlsafe_b64encode(request_id.bytes + mac).rstrip(b"=").decode()


def request_id_in(token: str) -> UUID | None:
    """Which request a token claims to open; whether it does, `opens` says."""
    if len(token) != TOKEN_CHARACTERS or not token.isascii():
        return None
    try:
        return UUID(bytes=base64.b64decode(token + "=", altchars=b"-_", validate=True)[:ID_BYTES])
    except binascii.Error:
        return None


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


def opens(token: str, token_sha256: bytes) -> bool:
    """Whether this is the token whose hash was kept; in constant time."""
    return hmac.compare_digest(token_hash(token), token_sha256)


def fingerprint_of(secrets: Secrets, content: bytes) -> bytes:
    """Tells the same content from another. A MAC, because a plain hash of a few personal fields could be reversed."""
    return hmac.digest(secrets.fingerprint, content, "sha256")
