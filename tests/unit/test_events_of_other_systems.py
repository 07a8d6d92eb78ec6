"""Is another system's event read whatever its SDK writes, and judged by nothing that CloudEvents leaves to its sender?

`cloudevents_of_sdks.json` holds what real SDKs wrote, each with its version.
"""

import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from libs.events import Event, InvalidEvent, decode, encode, encode_structured
from libs.events.attributes import as_time
from libs.events.envelope import NO_TIME
from libs.events.http_events import decode_http, is_event
from libs.events.models import RequestSubmitted

WRITTEN = orjson.loads((Path(__file__).parent / "cloudevents_of_sdks.json").read_bytes())
DATA = {"service": "pothole", "place": {"address": "4 chemin des Essais"}}
ATTRIBUTES = {"specversion": "1.0", "id": "n-1", "type": RequestSubmitted.TYPE, "source": "https://else.example/app"}
STRUCTURED = "application/cloudevents+json"


def binary(
    content_type: str | None = "application/json", body: bytes = orjson.dumps(DATA), **more: str | None
) -> Event:
    headers = [(f"ce_{name}", value and value.encode()) for name, value in {**ATTRIBUTES, **more}.items()]
    media = [("content-type", content_type.encode())] if content_type is not None else []
    return decode(body, [*headers, *media])


def structured(content_type: str | None = STRUCTURED, **more: object) -> Event:
    document = {name: value for name, value in {**ATTRIBUTES, "data": DATA, **more}.items() if value != "(left out)"}
    return decode(orjson.dumps(document), [("content-type", content_type.encode())] if content_type else [])


def over_http(headers: dict[str, str], body: bytes = orjson.dumps(DATA)) -> Event:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert is_event(raw)
    return decode_http(raw, body)


def read(row: dict[str, Any]) -> Event:
    if row["door"] == "http":
        return over_http(dict(row["headers"]), row["value"].encode())
    return decode(row["value"].encode(), [(name, value and value.encode()) for name, value in row["headers"]])


@pytest.mark.parametrize("row", WRITTEN, ids=lambda row: f"{row['written_by']} {row['door']} {row['as']}")
def test_what_real_sdks_write_is_read(row: dict[str, Any]) -> None:
    event = read(row)
    assert isinstance(event.data, RequestSubmitted)
    assert event.data.place.address
    assert event.source.startswith(("https://", "/"))
    assert event.source_id
    assert (event.causation_id, event.directory_version, event.replay_depth) == (None, None, 0)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-28T07:00:00Z", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2026-11-28t07:00:00z", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2026-11-28 07:00:00Z", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2026-11-28T07:00:00.5Z", datetime(2026, 11, 28, 7, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-11-28T07:00:00.123456789Z", datetime(2026, 11, 28, 7, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-11-28T12:45:00+05:45", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2026-11-27t19:30:00.000-11:30", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2026-11-28T07:00:00-00:00", datetime(2026, 11, 28, 7, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
        ("2016-12-31T15:59:60.25-08:00", datetime(2017, 1, 1, 0, 0, 0, 250_000, tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_every_time_of_rfc_3339_is_read(said: str, meant: datetime) -> None:
    assert as_time(said) == binary(time=said).time == structured(time=said).time == meant


@pytest.mark.parametrize(
    "said",
    [
        "yesterday",
        "2026-11-28",
        "2026-11-28T07:00:00",
        "2026-11-28T07:00Z",
        "2026-11-28T24:00:00Z",
        "2026-11-28T07:00:60Z",
        "2026-02-30T07:00:00Z",
        "2026-W48-6T07:00:00Z",
        "20261128T070000Z",
        "2026-11-28T07:00:00,5Z",
        "2026-11-28T07:00:00+0100",
        "2026-11-28T07:00:00.Z",
        "٢٠٢٦-11-28T07:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:60Z",
        " 2026-11-28T07:00:00Z",
    ],
)
def test_what_is_no_time_is_refused(said: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        binary(time=said)
    assert (caught.value.slug, caught.value.field) == ("attribute-invalid", "ce_time")


def test_an_event_without_time_is_read_and_written_without_one() -> None:
    for event in (
        binary(),
        structured(),
        structured(time=None),
        over_http({f"ce-{k}": v for k, v in ATTRIBUTES.items()}),
    ):
        assert event.time == NO_TIME
        for encoded in (encode(event), encode_structured(event)):
            assert decode(encoded.value, encoded.headers) == event
            assert b"1970" not in encoded.value + b"".join(value for _, value in encoded.headers)


@pytest.mark.parametrize(
    "media",
    [
        None,
        "application/json",
        "Application/JSON",
        "application/json; charset=UTF-8",
        "APPLICATION/Json ;charset=utf-8;odata=none",
        "text/json",
        "application/vnd.town+json",
        "application/problem+JSON;q=1",
    ],
)
def test_every_media_type_of_json_is_json_in_both_modes_and_at_both_doors(media: str | None) -> None:
    expected = RequestSubmitted.model_validate(DATA)
    assert binary(media).data == structured(datacontenttype=media).data == expected
    content_type = {"content-type": media} if media else {}
    assert over_http({**{f"ce-{k}": v for k, v in ATTRIBUTES.items()}, **content_type}).data == expected


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "json", "application/jsonp", "a/+jsonx", "text/html;json"]
)
def test_what_is_not_json_is_refused_by_its_own_name(media: str) -> None:
    with pytest.raises(InvalidEvent, match="content-type is not understood") as caught:
        binary(media)
    assert caught.value.slug == "wrong-content-type"
    with pytest.raises(InvalidEvent, match="datacontenttype is not understood"):
        structured(datacontenttype=media)


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "application/json",
        "text/json; charset=utf-8",
        STRUCTURED,
        "Application/CloudEvents+JSON",
        "application/cloudevents+json; charset=UTF-8",
    ],
)
def test_a_structured_document_is_read_whatever_json_it_is_called(content_type: str | None) -> None:
    assert structured(content_type).data == RequestSubmitted.model_validate(DATA)


@pytest.mark.parametrize("media", ["application/cloudevents-batch+json", "application/cloudevents+avro", "text/plain"])
def test_documents_of_another_kind_are_refused(media: str) -> None:
    with pytest.raises(InvalidEvent, match="one event at a time"):
        structured(media)


OWN_AFFAIRS: dict[str, str] = {
    "causationid": "order 12",
    "replaydepth": "deep",
    "replayid": "x" * 2_000,
    "directoryversion": "\0",
    "traceparent": "none",
    "subject": "s" * 2_000,
    "origin": "elsewhere",
    "datacontentencoding": "gzip",
    "dataschema": "not a uri",
    "partitionkey": "7",
}


@pytest.mark.parametrize("name", OWN_AFFAIRS)
def test_a_sender_s_own_attribute_is_not_judged(name: str) -> None:
    for event in (
        binary(**{name: OWN_AFFAIRS[name]}),
        structured(**{name: OWN_AFFAIRS[name]}),
        structured(**{name: {"of": ["its", "own"]}}),
        over_http({f"ce-{key}": value for key, value in {**ATTRIBUTES, name: OWN_AFFAIRS[name]}.items()}),
        decode(encode(binary()).value, [*encode(binary()).headers, (f"ce_{name}", b"\xff"), (f"ce_{name}", b"2")]),
    ):
        assert event.data == RequestSubmitted.model_validate(DATA)
        assert (event.causation_id, event.directory_version, event.traceparent) == (None, None, None)
        assert (event.replay_id, event.replay_depth, event.origin) == (None, 0, None)


@pytest.mark.parametrize(
    "trace", ["", "00-" + "0" * 32 + "-b7ad6b7169203331-01", "ff-" + "a" * 32 + "-" + "b" * 16 + "-01"]
)
def test_a_trace_that_is_none_is_begun_anew(trace: str) -> None:
    known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert structured(traceparent=trace).traceparent is None
    assert structured(traceparent=known).traceparent == binary(traceparent=known).traceparent == known


@pytest.mark.parametrize(
    "name", ["datacontenttype", "time", "subject", "dataschema", "traceparent", "causationid", "data_base64"]
)
def test_null_is_not_set(name: str) -> None:
    assert structured(**{name: None}) == structured()
    assert binary(**{name: None}) == binary()


def test_data_comes_as_an_object_as_text_or_in_base64_but_once() -> None:
    packed = base64.b64encode(orjson.dumps(DATA)).decode()
    expected = RequestSubmitted.model_validate(DATA)
    assert structured(data="(left out)", data_base64=packed).data == expected
    assert structured(data=None, data_base64=packed).data == expected
    assert structured(data=orjson.dumps(DATA).decode()).data == expected
    with pytest.raises(InvalidEvent, match="exclude each other"):
        structured(data_base64=packed)


@pytest.mark.parametrize("content_type", [None, "application/json", STRUCTURED])
@pytest.mark.parametrize("name", [*ATTRIBUTES, "data"])
def test_the_refusal_of_a_document_speaks_of_its_members(name: str, content_type: str | None) -> None:
    for lacking in ("(left out)", None):
        with pytest.raises(InvalidEvent) as caught:
            structured(content_type, **{name: lacking})
        assert caught.value.field == name
        assert caught.value.message.startswith(f"{name} is missing")
        assert "ce_" not in caught.value.message


def test_a_record_that_is_no_event_at_all_is_told_so_without_headers_of_ours() -> None:
    for value in (b"{", b"[]", orjson.dumps(DATA)):
        with pytest.raises(InvalidEvent) as caught:
            decode(value, [("contentType", b"x")])
        assert "ce_" not in caught.value.message


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("n-1", "n-1"),
        ("caf%C3%A9%20%22one%22", 'café "one"'),
        ("Euro \u20ac \U0001f600", "Euro \u20ac \U0001f600"),
        ('"in \\"quotes\\""', 'in "quotes"'),
        ("100%", "100%"),
    ],
)
def test_a_header_of_http_is_decoded_as_the_binding_says(sent: str, meant: str) -> None:
    assert over_http({**{f"ce-{k}": v for k, v in ATTRIBUTES.items()}, "ce-id": sent}).source_id == meant


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_refusal_over_http_names_the_header_as_it_is_there(name: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        over_http({f"ce-{key}": value for key, value in ATTRIBUTES.items() if key != name})
    assert caught.value.field == f"ce-{name}"


def test_a_plain_call_is_no_event() -> None:
    assert not is_event([(b"host", b"x"), (b"content-type", b"application/json"), (b"ce-traceparent", b"1")])
