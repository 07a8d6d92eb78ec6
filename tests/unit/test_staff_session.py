"""Does a cookie prove who logged in at the desk, for a while only, and can no other site send a form in their name?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.web.staff.session import (
    DAY_SECONDS,
    begun,
    cookie_of,
    form_token,
    is_form_of,
    session_in,
)

SECRET = b"s" * 32
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
IDLE = 3_600
ANNA = begun("a1" * 32, NOW)


def later(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_a_cookie_says_who_logged_in_and_holds_no_key() -> None:
    cookie = cookie_of(SECRET, ANNA)
    assert session_in(SECRET, cookie, later(10), IDLE) == ANNA
    assert "gk_" not in cookie


def test_who_does_nothing_is_logged_out_and_who_is_busy_is_not() -> None:
    assert session_in(SECRET, cookie_of(SECRET, ANNA), later(IDLE - 1), IDLE) is not None
    assert session_in(SECRET, cookie_of(SECRET, ANNA), later(IDLE), IDLE) is None
    renewed = cookie_of(SECRET, ANNA.at(later(IDLE - 1)))
    assert session_in(SECRET, renewed, later(IDLE + 10), IDLE) is not None


def test_nobody_stays_longer_than_a_shift() -> None:
    busy = cookie_of(SECRET, ANNA.at(later(DAY_SECONDS - 10)))
    assert session_in(SECRET, busy, later(DAY_SECONDS - 1), IDLE) is not None
    assert session_in(SECRET, busy, later(DAY_SECONDS), IDLE) is None


@given(place=st.integers(0, len(cookie_of(SECRET, ANNA)) - 2), other=st.sampled_from("AQgw_-x9"))
def test_a_cookie_with_one_character_changed_is_nobodys(place: int, other: str) -> None:
    cookie = cookie_of(SECRET, ANNA)
    changed = cookie[:place] + other + cookie[place + 1 :]
    assert changed == cookie or session_in(SECRET, changed, NOW, IDLE) is None


@pytest.mark.parametrize("cookie", ["", "x", "A" * 76, "é", "a b", "=" * 8, "A" * 10_000])
def test_what_is_no_cookie_of_ours_is_nobodys(cookie: str) -> None:
    assert session_in(SECRET, cookie, NOW, IDLE) is None
    assert session_in(b"t" * 32, cookie_of(SECRET, ANNA), NOW, IDLE) is None


def test_a_form_belongs_to_one_login() -> None:
    token = form_token(SECRET, ANNA)
    assert is_form_of(SECRET, ANNA.at(later(600)), token)  # the same login, some clicks later
    others = (begun("b2" * 32, NOW), begun(ANNA.key_sha256, later(5)))
    assert not any(is_form_of(SECRET, other, token) for other in others)
    assert not any(is_form_of(SECRET, ANNA, wrong) for wrong in ("", "é", token[:-1], token + "0"))
    assert token not in cookie_of(SECRET, ANNA)
