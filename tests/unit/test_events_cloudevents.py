"""Does every event survive the wire, and is every other record refused in words?"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.events import (
    EVENT_BYTES_MAX,
    Encoded,
    Event,
    InvalidEvent,
    decode,
    encode,
    encode_structured,
    make_event,
    new_request_id,
    reference_for,
    source_of,
)
from libs.events.attributes import NAMES
from libs.events.envelope import Origin
from libs.events.identity import COUNTER_SOURCE, origin_of
from libs.events.models import Place, RequestAccepted, RequestSubmitted

MOMENT = datetime(2026, 11, 23, 10, 15, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=80)
PLACES = st.builds(Place, lat=st.floats(-90, 90), lon=st.floats(-180, 180), address=st.none() | TEXT)
ANSWER = st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT | st.lists(TEXT, max_size=3)
ANSWERS = st.dictionaries(TEXT, ANSWER, max_size=4)
SUBMITTED = [("ce_type", RequestSubmitted.TYPE.encode()), ("ce_time", b"2026-11-23T10:15:00Z")]
Headers = Sequence[tuple[str, bytes | None]]


def accepted(request_id: UUID | None = None, **fields: object) -> RequestAccepted:
    request_id = request_id or new_request_id()
    known: dict[str, object] = {
        "request_id": request_id,
        "reference": reference_for(request_id),
        "territory": "val-de-brume",
        "place": Place(lat=44.8, lon=-0.57),
        "language": "fr",
        "channel": "api",
        "source": "an-app",
        "accepted_at": MOMENT,
    }
    return RequestAccepted.model_validate(known | fields)


def event_of(data: RequestAccepted, **attributes: object) -> Event:
    return make_event(data, source=source_of("intake"), of=data.request_id, time=MOMENT, **attributes)  # type: ignore[arg-type]


def submitted(body: bytes = b'{"place":{"lat":44.8,"lon":-0.57}}', **headers: bytes | None) -> Event:
    known: dict[str, bytes | None] = {
        "specversion": b"1.0",
        "id": b"order 66",
        "type": RequestSubmitted.TYPE.encode(),
        "source": b"https://example.org/app",
        "time": b"2026-11-23T11:15:00+01:00",
    }
    return decode(body, [(f"ce_{name}", value) for name, value in (known | headers).items()])


def refused(encoded: Encoded, changes: dict[str, bytes | None]) -> InvalidEvent:
    headers: list[tuple[str, bytes | None]] = [pair for pair in encoded.headers if pair[0] not in changes]
    headers += [(name, value) for name, value in changes.items() if value != b"(left out)"]
    with pytest.raises(InvalidEvent) as caught:
        decode(encoded.value, headers)
    return caught.value


@given(PLACES, ANSWERS, TEXT, st.none() | st.uuids(), st.integers(0, 100), st.none() | TEXT)
def test_what_is_encoded_is_decoded_in_both_modes(
    place: Place, answers: dict[str, object], source: str, cause: UUID | None, depth: int, replay: str | None
) -> None:
    event = event_of(
        accepted(place=place, answers=answers, source=source),
        causation_id=cause,
        replay_depth=depth,
        replay_id=replay,
        directory_version="t@1",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    for encoded in (encode(event), encode_structured(event)):
        assert decode(encoded.value, encoded.headers) == event
        assert encoded.key == event.subject.encode()


HEADER_NAMES = st.sampled_from([*(f"ce_{name}" for name in NAMES), "content-type", "Content-Type", "x"])
PLAUSIBLE = [b"1.0", b"guichet.RequestSubmitted.v1", b"application/cloudevents+json", b"9999-12-31T23:59:59-23:59"]
HEADER_VALUES = st.none() | st.binary(max_size=30) | st.sampled_from(PLAUSIBLE)
DOCUMENTS = st.recursive(
    st.none() | st.text(st.characters(exclude_categories=["Cs"])) | st.integers(-(2**63), 2**63),
    lambda inner: st.dictionaries(st.sampled_from([*NAMES, "data", "data_base64"]), inner) | st.lists(inner),
)


def slug_of(value: bytes | None, headers: Headers) -> str | None:
    """What decode says to it; anything but InvalidEvent fails the test."""
    try:
        decode(value, headers)
    except InvalidEvent as error:
        return error.slug if error.message.isprintable() else "unprintable"
    return None


@given(st.none() | st.binary(max_size=200), st.lists(st.tuples(HEADER_NAMES, HEADER_VALUES), max_size=12))
@example(b"[" * 100_000, [("content-type", b"application/cloudevents+json")])
@example(b'{"specversion":"1.0","data":' + b"[" * 5000, [("content-type", b"application/cloudevents+json")])
def test_any_bytes_are_an_event_or_an_invalid_event(value: bytes | None, headers: Headers) -> None:
    assert slug_of(value, headers) not in {"", "unprintable"}


@given(DOCUMENTS)
def test_any_structured_document_is_an_invalid_event_or_complete(document: object) -> None:
    value = orjson.dumps(document)
    assert slug_of(value, [("content-type", b"application/cloudevents+json; charset=UTF-8")]) != "unprintable"


@given(st.text(st.characters(exclude_categories=["Cs"])), DOCUMENTS)
def test_a_field_of_any_name_is_refused_in_printable_words(name: str, value: object) -> None:
    body = orjson.dumps({"place": {"address": "a"}, f"x{name}": value})
    slug = slug_of(body, [("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"urn:x"), *SUBMITTED])
    assert slug in {"unknown-field", "nul-character"}


@pytest.mark.parametrize("name", ["specversion", "id", "type", "source", "subject", "time"])
def test_a_missing_attribute_is_named(name: str) -> None:
    error = refused(encode(event_of(accepted())), {f"ce_{name}": b"(left out)"})
    assert (error.slug, error.field) == ("attribute-missing", f"ce_{name}")
    assert "for example" in error.message


@pytest.mark.parametrize(
    ("name", "value", "slug"),
    [
        ("ce_id", None, "attribute-missing"),
        ("ce_source", b"\xff\xfe", "attribute-not-text"),
        ("ce_source", b"", "attribute-invalid"),
        ("ce_source", b"x" * 1001, "attribute-invalid"),
        ("ce_source", b"a\0b", "attribute-invalid"),
        ("ce_specversion", b"0.3", "attribute-invalid"),
        ("ce_id", b"not a uuid", "attribute-invalid"),
        ("ce_id", b"f47ac10b-58cc-4372-a567-0e02b2c3d479", "attribute-invalid"),
        ("ce_id", b"0198c5f3-7a1e-4c3b-9f2d-5b8e6a4c1d20", "attribute-invalid"),
        ("ce_id", b"ffffffff-ffff-8372-a567-0e02b2c3d479", "attribute-invalid"),
        ("ce_time", b"2026-11-23T10:15:00", "attribute-invalid"),
        ("ce_time", b"yesterday", "attribute-invalid"),
        ("ce_time", b"0001-01-01T00:00:00+23:59", "attribute-invalid"),
        ("ce_subject", b"another request", "attribute-invalid"),
        ("ce_causationid", b"1", "attribute-invalid"),
        ("ce_replaydepth", b"-1", "attribute-invalid"),
        ("ce_replaydepth", b"101", "attribute-invalid"),
        ("ce_type", b"guichet.RequestAcepted.v1", "unknown-type"),
        ("content-type", b"text/plain", "wrong-content-type"),
        ("content-type", b"application/cloudevents-batch+json", "wrong-content-type"),
    ],
)
def test_a_wrong_attribute_is_named(name: str, value: bytes | None, slug: str) -> None:
    error = refused(encode(event_of(accepted())), {name: value})
    assert (error.slug, error.field) == (slug, name)
    assert name in error.message


def test_an_attribute_given_twice_is_refused() -> None:
    encoded = encode(event_of(accepted()))
    with pytest.raises(InvalidEvent, match="twice"):
        decode(encoded.value, [*encoded.headers, ("ce_id", b"1")])


def test_headers_of_others_may_hold_anything() -> None:
    event = event_of(accepted())
    encoded = encode(event)
    assert decode(encoded.value, [("x", None), ("y", b"\xff"), *encoded.headers]) == event


def test_who_handed_it_in_travels_beside_the_event_and_is_no_part_of_its_id() -> None:
    data = accepted()
    plain, told = event_of(data), event_of(data, origin=Origin("urn:an:app", "n° 7"))
    assert told.id == plain.id
    assert encode(told).value == encode(plain).value
    for encoded in (encode(told), encode_structured(told)):
        assert decode(encoded.value, encoded.headers).origin == ("urn:an:app", "n° 7")
    assert origin_of("urn:an:app", None) is origin_of(COUNTER_SOURCE, "drawn") is None


def test_unknown_fields_from_a_newer_version_are_ignored() -> None:
    event = event_of(accepted())
    encoded = encode(event)
    newer = orjson.dumps(orjson.loads(encoded.value) | {"mood": "curious"})
    assert decode(newer, [*encoded.headers, ("ce_dataschema", b"v1.9")]) == event


@pytest.mark.parametrize(
    ("body", "slug", "said"),
    [
        (b"", "invalid-json", "JSON"),
        (b"{", "invalid-json", "JSON"),
        (b"\xff", "invalid-json", "JSON"),
        (b"[]", "invalid-field", "JSON object"),
        (b"{}", "invalid-field", "place is missing"),
        (b'{"place":{"lat":44.8}}', "invalid-field", "lat and lon together"),
        (b'{"place":{"accuracy_m":4}}', "invalid-field", "say where"),
        (b'{"place":{"lat":"44.8","lon":0}}', "invalid-field", "without quotes"),
        (b'{"place":{"lat":NaN,"lon":0}}', "invalid-field", "place.lat"),
        (b'{"place":{"lat":91,"lon":0}}', "invalid-field", "place.lat must be 90.0 or less"),
        (b'{"place":{"address":"a"},"langauge":"fr"}', "unknown-field", "did you mean language?"),
        (b'{"place":{"adress":"a"}}', "unknown-field", "did you mean address?"),
        (b'{"place":{"address":"a"},"contact":{"e":"a"}}', "unknown-field", "name, email, phone"),
        (b'{"place":{"address":"a\\u0000"}}', "nul-character", "U+0000"),
        (b'{"place":{"address":"a"},"contact":{"email":"a@b.c,d@e.f"}}', "invalid-field", "name@example.org"),
        (b'{"place":{"address":"a"},"contact":{"email":"a@b.c\\nBcc: d@e.f"}}', "invalid-field", "contact.email"),
        (b'{"place":{"address":"a"},"answers":{"q":{"a":1}}}', "invalid-field", "answers.q must be"),
        (b'{"place":{"address":"a"},"description":"' + b"x" * 4001 + b'"}', "invalid-field", "4000 characters"),
    ],
)
def test_a_wrong_body_is_explained(body: bytes, slug: str, said: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        submitted(body)
    assert caught.value.slug == slug
    assert said in caught.value.message


def test_what_was_sent_is_not_repeated_in_the_refusal() -> None:
    with pytest.raises(InvalidEvent) as caught:
        submitted(b'{"place":{"address":"a"},"contact":{"email":"someone in person"}}')
    assert "someone" not in caught.value.message


def test_text_that_mentions_the_escape_of_nul_is_left_alone() -> None:
    event = submitted(rb'{"place":{"address":"the escape \\u0000"}}')
    assert isinstance(event.data, RequestSubmitted)
    assert event.data.place.address == r"the escape \u0000"


def test_a_record_without_a_value_is_refused() -> None:
    with pytest.raises(InvalidEvent, match="no value"):
        decode(None, [])


def test_an_event_over_the_limit_is_neither_read_nor_written() -> None:
    with pytest.raises(InvalidEvent, match="900000 are allowed") as caught:
        decode(b"x" * (EVENT_BYTES_MAX + 1), [])
    assert caught.value.slug == "too-large"


def test_a_foreign_id_may_be_any_text_and_is_kept() -> None:
    event = submitted(id="commande n° 12".encode())
    assert event.source_id == event.subject == "commande n° 12"
    assert event.id == submitted(id="commande n° 12".encode(), time=b"2026-01-01T00:00:00Z").id
    assert event.time == MOMENT
    for encoded in (encode(event), encode_structured(event)):
        assert decode(encoded.value, encoded.headers) == event


def test_a_structured_event_may_bring_its_data_in_base64() -> None:
    document = {
        "specversion": "1.0",
        "id": "1",
        "type": RequestSubmitted.TYPE,
        "source": "urn:x",
        "time": "2026-11-23T10:15:00Z",
        "data_base64": "eyJwbGFjZSI6eyJhZGRyZXNzIjoiYSJ9fQ==",
    }
    headers = [("Content-Type", b"application/cloudevents+json")]
    assert decode(orjson.dumps(document), headers).data == RequestSubmitted.model_validate({"place": {"address": "a"}})
    for wrong in ("%%%", "é", 5):
        with pytest.raises(InvalidEvent):
            decode(orjson.dumps(document | {"data_base64": wrong}), headers)
