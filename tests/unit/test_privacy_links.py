"""Can a department's link be made by us alone, and does it say exactly what we wrote into it?"""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events.identity import new_request_id
from libs.privacy.links import ACTIONS, TOKEN_CHARACTERS_MAX, Grant, grant_in, link_key, token_for

KEY = link_key(b"m" * 32)
GRANT = Grant(
    UUID("019ab0c2-7000-7000-8000-000000000001"),
    "vdb-voirie",
    frozenset(ACTIONS),
    datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
)


@given(
    department=st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=100),
    actions=st.frozensets(st.sampled_from(ACTIONS)),
    seconds=st.integers(0, 2**32 - 1),
)
def test_a_token_says_what_was_written_into_it(department: str, actions: frozenset[str], seconds: int) -> None:
    granted = Grant(new_request_id(), department, actions, datetime.fromtimestamp(seconds, UTC))
    token = token_for(KEY, granted)
    assert len(token) <= TOKEN_CHARACTERS_MAX
    assert grant_in(KEY, token) == granted
    assert token == token_for(KEY, granted)


@given(place=st.integers(0, len(token_for(KEY, GRANT)) - 1), other=st.sampled_from("AQgw_-x9"))
def test_a_token_with_one_character_changed_opens_nothing(place: int, other: str) -> None:
    token = token_for(KEY, GRANT)
    changed = token[:place] + other + token[place + 1 :]
    # The last character's spare bits mean nothing: base64 may read two spellings as the same bytes.
    assert changed == token or grant_in(KEY, changed) in (None, GRANT)
    assert place == len(token) - 1 or changed == token or grant_in(KEY, changed) is None


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * (TOKEN_CHARACTERS_MAX + 1), "é" * 60, "a b" * 20, "=" * 60])
def test_what_is_no_token_opens_nothing(token: str) -> None:
    assert grant_in(KEY, token) is None


def test_another_master_key_voids_all_links() -> None:
    assert grant_in(link_key(b"n" * 32), token_for(KEY, GRANT)) is None
