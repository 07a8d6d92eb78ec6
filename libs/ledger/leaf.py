"""What does the log say about one event? Who said it, when, about which request, and a commitment to the words.

A leaf holds no personal data and no payload: ids are pseudonyms, and the commitment is an HMAC under a random salt that
is kept apart from the log. Once the salt is destroyed the commitment cannot be linked to any text; the leaf, the tree
and every proof stay as they were.
"""

import hmac
from uuid import UUID

import orjson

from libs.value import value

COMMITMENT_BYTES = 32
SALT_BYTES = 32
ENTRY_BYTES_MAX = 65_535  # the length of an entry has 16 bits in the bundles of C2SP tlog-tiles
VERSION = 1
UUID_CHARACTERS = 36


class LeafInvalid(ValueError):
    """The bytes are not a leaf as this version writes it."""


@value
class Leaf:
    """One event as the log keeps it. `index` is inside, so that a row moved to another place gives itself away."""

    index: int
    event_id: str
    type: str
    source: str
    subject: str
    time: str  # RFC 3339, UTC, as the event says
    topic: str
    partition: int
    offset: int  # with topic and partition: the record whose value the commitment is about
    commitment: bytes
    causation_id: str | None = None
    directory_version: str | None = None
    replay_id: str | None = None

    def entry(self) -> bytes:
        """The bytes that are hashed: compact JSON, keys sorted, absent fields left out; the same for ever."""
        fields = {
            "causation_id": self.causation_id,
            "commitment": self.commitment.hex(),
            "directory_version": self.directory_version,
            "event_id": self.event_id,
            "index": self.index,
            "offset": self.offset,
            "partition": self.partition,
            "replay_id": self.replay_id,
            "source": self.source,
            "subject": self.subject,
            "time": self.time,
            "topic": self.topic,
            "type": self.type,
            "v": VERSION,
        }
        present = {name: value for name, value in fields.items() if value is not None}
        entry = orjson.dumps(present, option=orjson.OPT_SORT_KEYS)
        if len(entry) > ENTRY_BYTES_MAX:
            raise LeafInvalid(
                f"the leaf of event {self.event_id} has {len(entry)} bytes; {ENTRY_BYTES_MAX} are allowed"
            )
        return entry


def parse_leaf(entry: bytes) -> Leaf:
    """The leaf in an entry; `LeafInvalid` for any bytes that `Leaf.entry` would not have written."""
    try:
        fields = orjson.loads(entry)
        version = fields.pop("v")
        leaf = Leaf(**{**fields, "commitment": bytes.fromhex(fields["commitment"])})
        is_ours = version == VERSION and leaf.entry() == entry
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise LeafInvalid("the entry is not a leaf in canonical JSON") from error
    if not is_ours:
        raise LeafInvalid("the entry is not in the canonical form of this version")
    return leaf


def commitment(salt: bytes, payload: bytes) -> bytes:
    """What binds a leaf to the record's value without showing it."""
    return hmac.digest(salt, payload, "sha256")


def request_id_in(subject: str) -> UUID | None:
    """The request an event is about, or None when it is about something else (a release of the directory)."""
    if len(subject) != UUID_CHARACTERS:
        return None
    try:
        return UUID(subject)
    except ValueError:
        return None
