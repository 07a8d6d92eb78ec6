"""How does a person at a desk stay logged in for a while, although nothing is kept about it here?

A signed cookie says which key was shown, when, and when the person was last here. It never holds the key, only the hash
that the key file has; a key that is revoked or loses its scope ends the session at the next click.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass, replace
from datetime import datetime

COOKIE = "guichet_desk"
PATH = "/triage"  # the only pages that the cookie is sent to
DAY_SECONDS = 12 * 3_600  # however busy, a person logs in once a shift
RENEW_SECONDS = 60  # a cookie younger than this is not sent again
VERSION = 1
BODY = struct.Struct(">BII32s")  # version, logged in, last seen (seconds since 1970, until 2106), SHA-256 of the key
MAC_BYTES = 16


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in, by the hash of the key, and since when."""

    key_sha256: str
    began: int
    seen: int

    def at(self, now: datetime) -> "Session":
        """The same person, seen now."""
        return replace(self, seen=int(now.timestamp()))


def begun(key_sha256: str, now: datetime) -> Session:
    """The session of somebody who has just shown this key."""
    moment = int(now.timestamp())
    return Session(key_sha256, moment, moment)


def cookie_of(secret: bytes, session: Session) -> str:
    """The cookie's value."""
    body = BODY.pack(VERSION, session.began, session.seen, bytes.fromhex(session.key_sha256))
    return base64.urlsafe_b64encode(body + _mac(secret, b"cookie", body)).rstrip(b"=").decode()


def session_in(secret: bytes, cookie: str, now: datetime, idle_seconds: int) -> Session | None:
    """Whose cookie this is; None when it is not ours, or when its time is over."""
    try:
        raw = base64.b64decode(cookie + "=" * (-len(cookie) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    body, mac = raw[: BODY.size], raw[BODY.size :]
    if len(body) != BODY.size or not hmac.compare_digest(mac, _mac(secret, b"cookie", body)):
        return None
    version, began, seen, digest = BODY.unpack(body)
    moment = now.timestamp()
    is_over = moment >= seen + idle_seconds or moment >= began + DAY_SECONDS
    return None if version != VERSION or is_over else Session(digest.hex(), began, seen)


def form_token(secret: bytes, session: Session) -> str:
    """What each form of this login carries, so that no other site can send one in the person's name."""
    return _mac(secret, b"form", struct.pack(">I", session.began) + bytes.fromhex(session.key_sha256)).hex()


def is_form_of(secret: bytes, session: Session, token: str) -> bool:
    """Whether the form was made for this login."""
    return hmac.compare_digest(form_token(secret, session).encode(), token.encode())


def _mac(secret: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, purpose + b"\0" + content, "sha256")[:MAC_BYTES]
