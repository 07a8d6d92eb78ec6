"""What lets a department answer from a mail, without a login? A link that nobody else can make.

Its token says which request, which department, what may be done and until when, followed by a MAC. Nothing about it is
kept: the notifier writes it, intake reads it, and both derive its key from the master key. Whoever has the link can
answer for the department; what is personal is opened by a press on its page only, in the department's name, on record.
"""

import base64
import binascii
import hmac
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

ACTIONS = ("acknowledged", "started", "resolved", "refused")
"""What a link may allow; a place in this list is a bit in tokens that were sent, so it only ever grows at its end."""

PURPOSE = b"links/department"
VERSION = 1
HEAD = struct.Struct(">BBI16s")  # version, actions, seconds since 1970 (until 2106), request
MAC_BYTES = 16  # 128 bits, as for citizens' links
TOKEN_CHARACTERS_MAX = 700  # a department's code has at most 100 characters, of four bytes each at worst


@dataclass(frozen=True, slots=True)
class Grant:
    """What a link allows. `until` is kept to the second."""

    request_id: UUID
    department: str
    actions: frozenset[str]
    until: datetime


def link_key(master_key: bytes) -> bytes:
    """Another master key voids all links that were sent."""
    return hmac.digest(master_key, PURPOSE, "sha256")


def token_for(key: bytes, grant: Grant) -> str:
    """Always the same for the same grant."""
    bits = sum(1 << ACTIONS.index(action) for action in grant.actions)
    head = HEAD.pack(VERSION, bits, int(grant.until.timestamp()), grant.request_id.bytes)
    body = head + grant.department.encode()
    return base64.urlsafe_b64encode(body + _mac(key, body)).rstrip(b"=").decode()


def grant_in(key: bytes, token: str) -> Grant | None:
    """What a token allows; None for one that we did not make. Whether its time is over, the caller says."""
    raw = _bytes(token)
    if raw is None or len(raw) <= HEAD.size + MAC_BYTES:
        return None
    body, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, body)):
        return None
    version, bits, until, request_id = HEAD.unpack_from(body)
    if version != VERSION:
        return None
    actions = frozenset(action for place, action in enumerate(ACTIONS) if bits & (1 << place))
    department = body[HEAD.size :].decode()
    return Grant(UUID(bytes=request_id), department, actions, datetime.fromtimestamp(until, UTC))


def _mac(key: bytes, body: bytes) -> bytes:
    return hmac.digest(key, body, "sha256")[:MAC_BYTES]


def _bytes(token: str) -> bytes | None:
    if not token.isascii() or len(token) > TOKEN_CHARACTERS_MAX:
        return None
    try:
        return base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
