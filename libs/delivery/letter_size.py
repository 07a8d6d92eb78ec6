"""What is kept of a record that is larger than a dead letter may be? Kafka takes larger ones from others, packed."""

import gzip

from libs.delivery.kafka import MAX_REQUEST_BYTES
from libs.delivery.messages import Headers, OutgoingRecord

PREFIX = "guichet-dead-"
LETTER_BYTES_MAX = MAX_REQUEST_BYTES - 64 * 1024  # leaves room for what Kafka itself adds to a record and its headers
PACKED_BYTES_MAX = (
    64 * 1024 * 1024
)  # of a value that is packed; what is behind them is cut, or packing would take seconds
BRIEF_BYTES_MAX = 1_000  # of a key or header that is cut
HEADERS_MAX = 100  # of the sender's that are kept when they are cut; a CloudEvent has about ten
PER_HEADER_BYTES = 20  # lengths, in variable-sized numbers


def fitted(letter: OutgoingRecord) -> OutgoingRecord:
    """The letter itself when it fits; else with its value packed by gzip, and only if need be with parts cut off.

    `guichet-dead-packed` and `guichet-dead-cut` say so. The whole record stays at its own place, which the letter
    names, for as long as its topic keeps it.
    """
    if _size(letter.key, letter.value, letter.headers) <= LETTER_BYTES_MAX:
        return letter
    value = gzip.compress((letter.value or b"")[:PACKED_BYTES_MAX], mtime=0)
    headers = [*letter.headers, (PREFIX + "packed", b"gzip")]
    if len(letter.value or b"") <= PACKED_BYTES_MAX and _size(letter.key, value, headers) <= LETTER_BYTES_MAX:
        return OutgoingRecord(letter.topic, letter.key, value, headers, letter.timestamp_ms)
    whole = f"key {len(letter.key or b'')}, value {len(letter.value or b'')} bytes, {len(letter.headers)} headers"
    headers = [*_brief(headers), (PREFIX + "cut", whole.encode())]
    key = None if letter.key is None else letter.key[:BRIEF_BYTES_MAX]
    room = LETTER_BYTES_MAX - _size(key, b"", headers)
    return OutgoingRecord(letter.topic, key, value[:room], headers, letter.timestamp_ms)


def _brief(headers: Headers) -> Headers:
    theirs = [header for header in headers if not header[0].startswith(PREFIX)][:HEADERS_MAX]
    cut = [(name[:BRIEF_BYTES_MAX], None if value is None else value[:BRIEF_BYTES_MAX]) for name, value in theirs]
    return [*cut, *(header for header in headers if header[0].startswith(PREFIX))]


def _size(key: bytes | None, value: bytes | None, headers: Headers) -> int:
    named = sum(len(name.encode("utf-8", "replace")) + len(said or b"") + PER_HEADER_BYTES for name, said in headers)
    return len(key or b"") + len(value or b"") + named
