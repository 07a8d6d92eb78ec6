"""Is a dead letter the whole record, and does it say why?"""

import gzip
import os
import zlib
from datetime import UTC, datetime

import pytest

from libs.delivery.batch import read
from libs.delivery.dead_letters import MESSAGE_CHARACTERS_MAX, Verdict, dead_letter
from libs.delivery.errors import Rejected
from libs.delivery.kafka import MAX_REQUEST_BYTES
from libs.delivery.messages import Headers, OutgoingRecord
from tests.deliveries import a_notice, a_record

EARLY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LATE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def buried(headers: Headers = (), message: str = "no such service", attempts: int = 4) -> OutgoingRecord:
    record = a_record(a_notice(), topic="requests.accepted.v1", partition=3, offset=42)
    record.headers = tuple(headers)
    verdict = Verdict(Rejected(message, slug="unknown-service"), attempts, EARLY, LATE)
    return dead_letter(read(record), verdict, service="router", version="1.2")


def test_it_says_where_it_came_from_and_why_it_was_given_up() -> None:
    letter = buried()
    assert letter.topic == "router.dead.v1"
    said = {name: (value or b"").decode() for name, value in letter.headers}
    assert said == {
        "guichet-dead-topic": "requests.accepted.v1",
        "guichet-dead-partition": "3",
        "guichet-dead-offset": "42",
        "guichet-dead-timestamp": "1",
        "guichet-dead-slug": "unknown-service",
        "guichet-dead-message": "no such service",
        "guichet-dead-service": "router",
        "guichet-dead-version": "1.2",
        "guichet-dead-attempts": "4",
        "guichet-dead-first-at": EARLY.isoformat(),
        "guichet-dead-last-at": LATE.isoformat(),
    }


def test_every_original_header_is_kept_as_it_was_also_null_broken_and_repeated_ones() -> None:
    originals = [("a", b"\xff\xfe"), ("b", None), ("a", b""), ("ce_id", b"1")]
    assert list(buried(originals).headers)[:4] == originals


def test_a_letter_that_comes_back_counts_on_and_remembers_its_first_time() -> None:
    again = buried([("guichet-dead-attempts", b"4"), ("guichet-dead-first-at", b"2020-01-01T00:00:00+00:00")])
    said = dict(again.headers)
    assert said["guichet-dead-attempts"] == b"8"
    assert said["guichet-dead-first-at"] == b"2020-01-01T00:00:00+00:00"
    assert len(list(again.headers)) == 11


def test_another_systems_nonsense_under_our_names_breaks_nothing() -> None:
    assert dict(buried([("guichet-dead-attempts", "²".encode())]).headers)["guichet-dead-attempts"] == b"4"


def test_a_reason_as_long_as_the_record_is_cut() -> None:
    reason = dict(buried(message="x" * 100_000).headers)["guichet-dead-message"]
    assert reason is not None
    assert len(reason) == MESSAGE_CHARACTERS_MAX


def test_a_record_of_nothing_at_all_can_be_written_and_says_so() -> None:
    record = a_record(a_notice())
    record.key, record.value, record.headers = None, None, ()
    letter = dead_letter(read(record), Verdict(Rejected("empty"), 1, EARLY, LATE), service="router", version="1")
    assert letter.value == b""  # aiokafka refuses a record without key and value
    assert dict(letter.headers)["guichet-dead-value"] == b"null"


@pytest.mark.parametrize(
    ("key", "value", "headers", "is_cut"),
    [
        (b"k", b"x" * 5_000_000, (), False),
        (b"k", os.urandom(2_500_000), (), True),
        (b"k" * 3_000_000, b"{}", (), True),
        (b"k", b"{}", (("note", b"n" * 3_000_000),), True),
        (b"k", b"{}", tuple((f"n{number}", b"") for number in range(200_000)), True),
    ],
    ids=["value", "value that cannot be packed", "key", "header", "headers"],
)
def test_a_record_that_kafka_took_packed_still_becomes_a_letter_that_kafka_takes(
    key: bytes, value: bytes, headers: Headers, is_cut: bool
) -> None:
    record = a_record(a_notice(), topic="requests.inbound.v1")
    record.key, record.value, record.headers = key, value, headers
    letter = dead_letter(read(record), Verdict(Rejected("too large"), 1, EARLY, LATE), service="intake", version="1")
    said = dict(letter.headers)
    sent = len(letter.key or b"") + len(letter.value or b"") + sum(len(n) + len(v or b"") for n, v in letter.headers)
    assert sent < MAX_REQUEST_BYTES - 20 * len(letter.headers)
    assert said["guichet-dead-packed"] == b"gzip"
    assert said["guichet-dead-topic"] == b"requests.inbound.v1"
    assert ("guichet-dead-cut" in said) is is_cut
    assert value.startswith(zlib.decompressobj(wbits=31).decompress(letter.value or b""))
    if not is_cut:
        assert gzip.decompress(letter.value or b"") == value
