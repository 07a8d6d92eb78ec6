"""Can only the holder of a link open a status page, and is the same content known again?"""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from libs.events.identity import new_request_id
from services.intake.compose import fingerprint
from services.intake.tokens import TOKEN_CHARACTERS, Secrets, opens, request_id_in, token_for, token_hash
from tests.unit.intake_submissions import submission, submitted

SECRETS = Secrets.of(bytes(32))


def test_a_token_is_always_the_same_and_names_its_request() -> None:
    request_id = new_request_id()
    token = token_for(SECRETS, request_id)
    assert token == token_for(SECRETS, request_id)
    assert len(token) == TOKEN_CHARACTERS
    assert request_id_in(token) == request_id
    assert opens(token, token_hash(token))


def test_a_token_of_another_installation_opens_nothing() -> None:
    request_id = new_request_id()
    foreign = token_for(Secrets.of(bytes([1]) * 32), request_id)
    assert not opens(foreign, token_hash(token_for(SECRETS, request_id)))


@given(st.text(max_size=60))
def test_whatever_is_no_token_names_no_request_or_opens_none(text: str) -> None:
    request_id = new_request_id()
    assert request_id_in(text) != request_id
    assert not opens(text, token_hash(token_for(SECRETS, request_id)))


def test_the_fingerprint_is_of_the_content_and_not_of_its_number() -> None:
    one = fingerprint(submission("1"), SECRETS)
    numbered = replace(submission("2"), data=submitted(source_id="2"))
    assert one == fingerprint(numbered, SECRETS)
    assert one != fingerprint(submission("1", description="other"), SECRETS)
    assert one != fingerprint(submission("1"), Secrets.of(bytes([1]) * 32))
