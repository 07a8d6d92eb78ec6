"""Can only the right key, request and field open a sealed text, and is an erased key told apart from a wrong one?"""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.privacy.errors import Erased, Unreadable
from libs.privacy.seal import new_key, seal, unseal, unwrap, wrap

REQUEST = UUID("019a0000-0000-7000-8000-000000000001")
OTHER = UUID("019a0000-0000-7000-8000-000000000002")
KEY = bytes(range(32))


@settings(deadline=None)  # a busy machine is no failure
@given(st.binary(max_size=5_000), st.text(max_size=30))
def test_what_is_sealed_is_read_back(plaintext: bytes, field: str) -> None:
    assert unseal(KEY, REQUEST, field, seal(KEY, REQUEST, field, plaintext)) == plaintext


def test_a_sealed_text_has_three_parts_and_hides_the_words() -> None:
    sealed = seal(KEY, REQUEST, "contact", b"anyone@ville.example")
    version, nonce, ciphertext = sealed.split(".")
    assert (version, len(nonce)) == ("v1", 16)
    assert "anyone" not in sealed
    assert "=" not in nonce + ciphertext


def test_the_same_text_is_never_sealed_the_same_way_twice() -> None:
    assert seal(KEY, REQUEST, "contact", b"x") != seal(KEY, REQUEST, "contact", b"x")


def test_a_request_without_a_key_is_erased() -> None:
    with pytest.raises(Erased, match="erased"):
        unseal(None, REQUEST, "contact", seal(KEY, REQUEST, "contact", b"x"))


@pytest.mark.parametrize(
    ("key", "request_id", "field"),
    [(new_key(), REQUEST, "contact"), (KEY, OTHER, "contact"), (KEY, REQUEST, "description")],
    ids=["another key", "another request", "another field"],
)
def test_a_text_sealed_for_something_else_is_unreadable(key: bytes, request_id: UUID, field: str) -> None:
    with pytest.raises(Unreadable, match="sealed for something else"):
        unseal(key, request_id, field, seal(KEY, REQUEST, "contact", b"x"))


@pytest.mark.parametrize("position", range(3, 62))
def test_changing_any_character_is_noticed(position: int) -> None:
    sealed = seal(KEY, REQUEST, "contact", bytes(range(18)))
    changed = "A" if sealed[position] != "A" else "B"
    with pytest.raises(Unreadable):
        unseal(KEY, REQUEST, "contact", sealed[:position] + changed + sealed[position + 1 :])


@pytest.mark.parametrize(
    "sealed", ["", "v1", "v1..", "v2.AAAA.AAAA", "v1.é.AAAA", "v1.AAAAAAAAAAAAAAAA.AAAA", "v1.A.A"]
)
def test_what_was_never_sealed_is_unreadable(sealed: str) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, REQUEST, "contact", sealed)


@settings(deadline=None)  # a busy machine is no failure
@given(st.text())
def test_any_text_at_all_is_at_worst_unreadable(sealed: str) -> None:
    with pytest.raises(Unreadable):
        unseal(KEY, REQUEST, "contact", sealed)


def test_a_wrapped_key_opens_for_its_own_request_only() -> None:
    master, key = new_key(), new_key()
    wrapped = wrap(master, REQUEST, key)
    assert unwrap(master, REQUEST, wrapped) == key
    with pytest.raises(Unreadable, match="GUICHET_MASTER_KEY_FILE"):
        unwrap(new_key(), REQUEST, wrapped)
    with pytest.raises(Unreadable):
        unwrap(master, OTHER, wrapped)
    with pytest.raises(Unreadable, match="damaged"):
        unwrap(master, REQUEST, wrapped[:-1])


def test_a_wrapped_key_cannot_be_opened_as_a_field() -> None:
    wrapped = wrap(KEY, REQUEST, new_key())
    assert unwrap(KEY, REQUEST, wrapped)
    with pytest.raises(Unreadable):
        unwrap(KEY, OTHER, wrapped)
