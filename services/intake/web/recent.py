"""Was the same handed in from the same place a moment ago, under another key?

Who goes back to a sent form and presses the button again has a new key and, to the eye, an untouched form. What was
sent is remembered in this process's memory only, as keyed hashes: behind several processes a repeat may go unnoticed,
and is then a second request.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.events.identity import canonical
from libs.events.models import RequestSubmitted

REMEMBERED_MINUTES = 15  # later the same content is rather the same trouble again
REMEMBERED_MAX = 10_000  # some 2 MB; past it the oldest is forgotten


@dataclass(frozen=True, slots=True)
class Sent:
    """A request that was handed in: under which key, and how it is called."""

    key: str
    reference: str
    token: str
    at: datetime


def is_ones_own(data: RequestSubmitted) -> bool:
    """Whether something in it is one person's alone: words, an address, an exact spot. What two neighbours behind one
    connection may both have chosen from lists is no repeat, and neither may see the other's page."""
    return bool(data.description or data.contact or data.place.address or data.place.lat is not None)


@dataclass(slots=True)
class Recent:
    """What was handed in at this counter lately."""

    _secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _sent: dict[bytes, Sent] = field(default_factory=dict)

    def mark_of(self, address: str, data: RequestSubmitted) -> bytes:
        """Stands for this content from this address; nobody can find either by it."""
        return hmac.digest(self._secret, address.encode() + b"\0" + canonical(data), hashlib.sha256)

    def before(self, mark: bytes, key: str, now: datetime) -> Sent | None:
        """The same under another key, not long ago."""
        sent = self._sent.get(mark)
        if sent is None or sent.key == key or now - sent.at > timedelta(minutes=REMEMBERED_MINUTES):
            return None
        return sent

    def keep(self, mark: bytes, sent: Sent) -> None:
        """Remember the latest of its kind."""
        self._sent.pop(mark, None)
        self._sent[mark] = sent
        if len(self._sent) > REMEMBERED_MAX:
            del self._sent[next(iter(self._sent))]
