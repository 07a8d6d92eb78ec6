"""Is a leaf the same bytes for ever, and does it bind a payload without showing it?"""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.ledger.leaf import ENTRY_BYTES_MAX, Leaf, LeafInvalid, commitment, parse_leaf, request_id_in

LEAF = Leaf(
    index=7,
    event_id="019a0000-0000-8000-8000-000000000002",
    type="guichet.RequestRouted.v1",
    source="urn:guichet:router",
    subject="019a0000-0000-7000-8000-000000000001",
    time="2026-11-23T10:15:00.250000Z",
    topic="a topic",
    partition=3,
    offset=1_042,
    commitment=bytes(range(32)),
    causation_id="019a0000-0000-8000-8000-000000000003",
)
GOLDEN = (
    b'{"causation_id":"019a0000-0000-8000-8000-000000000003",'
    b'"commitment":"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",'
    b'"event_id":"019a0000-0000-8000-8000-000000000002","index":7,"offset":1042,"partition":3,'
    b'"source":"urn:guichet:router","subject":"019a0000-0000-7000-8000-000000000001",'
    b'"time":"2026-11-23T10:15:00.250000Z","topic":"a topic","type":"guichet.RequestRouted.v1","v":1}'
)


def test_the_bytes_of_a_leaf_never_change() -> None:
    assert LEAF.entry() == GOLDEN


@settings(deadline=None)  # a busy machine is no failure
@given(
    st.text(max_size=50).filter(lambda text: not any(0xD800 <= ord(c) < 0xE000 for c in text)), st.integers(0, 2**53)
)
def test_a_leaf_is_read_back_from_its_bytes(text: str, number: int) -> None:
    leaf = replace(LEAF, source=text, offset=number, replay_id=text)
    assert parse_leaf(leaf.entry()) == leaf


@pytest.mark.parametrize(
    "entry",
    [b"", b"[]", b"null", b"{}", GOLDEN + b" ", GOLDEN.replace(b'"v":1', b'"v":2'), GOLDEN.replace(b"type", b"kind")],
)
def test_other_bytes_are_no_leaf(entry: bytes) -> None:
    with pytest.raises(LeafInvalid):
        parse_leaf(entry)


def test_a_leaf_that_does_not_fit_a_bundle_is_refused() -> None:
    with pytest.raises(LeafInvalid, match="allowed"):
        replace(LEAF, source="x" * ENTRY_BYTES_MAX).entry()


def test_a_commitment_depends_on_salt_and_payload_and_hides_both() -> None:
    first = commitment(bytes(32), b"Mme Personne")
    assert first == commitment(bytes(32), b"Mme Personne")
    assert len({first, commitment(bytes([1]) * 32, b"Mme Personne"), commitment(bytes(32), b"M. Personne")}) == 3
    assert b"Personne" not in first


def test_the_commitment_is_hmac_sha256() -> None:
    """Test case 2 of RFC 4231."""
    digest = commitment(b"Jefe", b"what do ya want for nothing?")
    assert digest.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_only_a_request_is_a_request() -> None:
    assert request_id_in(LEAF.subject) == UUID(LEAF.subject)
    assert request_id_in("val-de-brume/val-de-brume@0123456789abcdef") is None
    assert request_id_in("x" * 36) is None
