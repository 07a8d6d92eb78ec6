"""Is the same work always the same event?"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.events import (
    canonical,
    event_id,
    id_at,
    is_reference,
    make_event,
    new_request_id,
    reference_for,
    reference_in,
    source_of,
    time_of,
)
from libs.events.identity import foreign_event_id
from libs.events.models import DirectoryPublished
from libs.events.place import Place

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
MOMENTS = st.datetimes(datetime(2001, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.text(max_size=40), st.uuids() | st.none(), st.binary(max_size=40))
def test_an_event_id_is_deterministic_and_keeps_the_time(
    moment: datetime, type_: str, cause: UUID | None, content: bytes
) -> None:
    request = id_at(moment, b"a request")
    made = event_id(request, type_, cause, content)
    assert made == event_id(request, type_, cause, content)
    assert (made.version, made.variant) == (8, "specified in RFC 4122")
    assert time_of(made) == time_of(request) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_another_type_cause_content_or_moment_is_another_event() -> None:
    request = new_request_id()
    made = {
        event_id(request, "a", None, b"1"),
        event_id(request, "b", None, b"1"),
        event_id(request, "a", request, b"1"),
        event_id(request, "a", None, b"2"),
        event_id(id_at(time_of(request) + timedelta(milliseconds=1)), "a", None, b"1"),
    }
    assert len(made) == 5


def test_a_request_id_holds_the_present_moment() -> None:
    assert abs(time_of(new_request_id()) - datetime.now(UTC)) < timedelta(seconds=2)


def test_an_id_without_a_time_gives_no_event_id() -> None:
    with pytest.raises(ValueError, match="holds no time"):
        event_id(UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479"), "a", None, b"")


@given(JSON, st.randoms(use_true_random=False))
def test_canonical_bytes_do_not_depend_on_the_order_of_keys(value: object, shuffle: random.Random) -> None:
    def shuffled(part: object) -> object:
        if isinstance(part, dict):
            items = [(key, shuffled(inner)) for key, inner in part.items()]
            shuffle.shuffle(items)
            return dict(items)
        return [shuffled(inner) for inner in part] if isinstance(part, list) else part

    assert canonical(shuffled(value)) == canonical(value)


def test_canonical_bytes_of_a_model_leave_absent_fields_out() -> None:
    assert canonical(Place(lon=2, lat=1)) == b'{"lat":1.0,"lon":2.0}'


def test_the_same_foreign_event_always_has_the_same_id() -> None:
    assert foreign_event_id("urn:a", "1") == foreign_event_id("urn:a", "1")
    assert foreign_event_id("urn:a", "11") != foreign_event_id("urn:a1", "1")
    assert foreign_event_id("urn:a", "1").version == 8


def test_an_event_made_twice_is_the_same_event() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    data = DirectoryPublished(
        territory="t", version="t@1", effective_from=moment, published_at=moment, parts=1, bytes=2, sha256="0" * 64
    )
    first, second = (make_event(data, source=source_of("operators"), of=id_at(moment), time=moment) for _ in range(2))
    assert first == second
    assert first.subject == "t/t@1"


def test_a_source_that_is_no_uri_is_refused_at_once() -> None:
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    with pytest.raises(ValueError, match="source_of"):
        make_event(DirectoryPublished.model_construct(), source="router", of=id_at(moment), time=moment)


@given(st.uuids())
def test_a_reference_checks_itself(request_id: UUID) -> None:
    reference = reference_for(request_id)
    assert is_reference(reference)
    assert len(reference) == len("G-7K3M-2QX9-4TB2")


@given(st.uuids(), st.integers(2, 15), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_in_a_reference_is_noticed(request_id: UUID, place: int, wrong: str) -> None:
    reference = reference_for(request_id)
    misread = reference[:place] + wrong + reference[place + 1 :]
    assert is_reference(misread) == (misread == reference)


@pytest.mark.parametrize("text", ["", "G-", "G-7K3M", "G-7K3M-2QX9-4TB2-AAAA", "G-UUUU-UUUU-UUUU", "hello"])
def test_other_text_is_no_reference(text: str) -> None:
    assert not is_reference(text)


@pytest.mark.parametrize(
    "say",
    [
        str.lower,
        lambda text: text.replace("0", "O").replace("1", "I"),
        lambda text: text.lower().replace("0", "o").replace("1", "l"),
        lambda text: text.removeprefix("G-"),
        lambda text: " ".join(text),
        lambda text: text.replace("-", ""),
        lambda text: text.replace("-", "\u2011"),
        lambda text: text.replace("-", " \u2013 "),
        lambda text: f"\u200b{text}\u00a0\n",
        lambda text: f"({text}).",
        lambda text: "".join(chr(ord(each) + 0xFEE0) for each in text),  # full-width, as a Japanese keyboard has them
    ],
)
@given(request_id=st.uuids())
def test_a_reference_read_out_over_the_telephone_is_understood(request_id: UUID, say: Callable[[str], str]) -> None:
    assert reference_in(say(reference_for(request_id))) == reference_for(request_id)


@given(st.uuids(), st.integers(0, 10))
def test_a_reference_without_one_of_its_characters_is_none(request_id: UUID, place: int) -> None:
    characters = reference_for(request_id).replace("-", "")[1:]
    assert reference_in(characters[:place] + characters[place + 1 :]) is None
