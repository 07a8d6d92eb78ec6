"""Under which number is a CloudEvent handed in over HTTP, so that its sender's retry is no second request?"""

from typing import Any

import orjson
import pytest
from starlette.datastructures import Headers

from libs.delivery.errors import Rejected
from libs.events.identity import COUNTER_SOURCE
from libs.events.models import RequestAccepted, RequestSubmitted
from services.intake.handed_in import submission_in
from services.intake.keys import ApiKey
from services.intake.submission import Submission

KEY = ApiKey(name="town app", source="urn:town:app", scopes=frozenset({"submit"}), sha256="0" * 64)
DATA = {"service": "pothole", "place": {"address": "5 chemin des Essais"}}
EVENT = {"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/sensors/1", "ce-type": RequestSubmitted.TYPE}
LONG_ID = "0d9bf2a3-5c0f-4a37-9d4c-9b8fbd2cf6a1"


def handed_in(headers: dict[str, str], key: ApiKey | None = KEY, body: object = None) -> Submission:
    return submission_in(Headers(headers), orjson.dumps(DATA if body is None else body), key)


def refused(headers: dict[str, str], key: ApiKey | None = KEY, body: object = None) -> Rejected:
    with pytest.raises(Rejected) as caught:
        handed_in(headers, key, body)
    return caught.value


def test_a_retried_event_has_the_number_of_the_first() -> None:
    assert handed_in(EVENT) == handed_in(EVENT)
    assert (handed_in(EVENT).source, handed_in(EVENT).source_id) == ("urn:town:app", "/sensors/1 e-1")
    assert handed_in({**EVENT, "ce-source": "/sensors/2"}).source_id == "/sensors/2 e-1"


def test_the_key_s_own_source_gives_the_number_that_the_same_event_has_on_kafka() -> None:
    assert handed_in({**EVENT, "ce-source": "urn:town:app"}).source_id == "e-1"


def test_a_document_has_the_same_number_as_headers_whatever_json_it_is_called() -> None:
    document = {name.removeprefix("ce-"): value for name, value in EVENT.items()} | {"data": DATA}
    for media in ("application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8", "application/json"):
        assert handed_in({"content-type": media}, body=document) == handed_in(EVENT)
    assert handed_in({}, body=document) == handed_in(EVENT)


def test_what_the_sender_says_outright_goes_before_the_event_s_id() -> None:
    assert handed_in({**EVENT, "idempotency-key": "mine"}).source_id == "mine"
    assert handed_in(EVENT, body=DATA | {"source_id": "2026-1"}).source_id == "2026-1"


def test_without_a_key_an_event_s_id_must_be_one_that_nobody_else_draws() -> None:
    given = handed_in({**EVENT, "ce-id": LONG_ID}, key=None)
    assert (given.source, given.source_id) == (COUNTER_SOURCE, f"/sensors/1 {LONG_ID}")
    assert refused({**EVENT, "ce-source": "https://a-long-name.example/app"}, key=None).field == "Idempotency-Key"


@pytest.mark.parametrize(
    ("headers", "slug", "field"),
    [
        ({"content-type": "application/cloudevents-batch+json"}, "wrong-content-type", "content-type"),
        ({**EVENT, "content-type": "application/xml"}, "wrong-content-type", "content-type"),
        ({**EVENT, "ce-specversion": "0.3"}, "attribute-invalid", "ce-specversion"),
        ({**EVENT, "ce-type": "org.example.Made"}, "unknown-type", "ce-type"),
        ({"ce-id": "1"}, "attribute-missing", "ce-specversion"),
    ],
)
def test_a_wrong_event_is_refused_by_the_name_of_its_header(headers: dict[str, str], slug: str, field: str) -> None:
    error = refused(headers)
    assert (error.slug, error.field) == (slug, field)


def test_an_event_of_ours_cannot_be_handed_in() -> None:
    example: dict[str, Any] = {
        "request_id": "019abe0e-5400-7000-8000-000000000001",
        "reference": "G-0000-0000-0000",
        "territory": "small",
        "place": {"address": "a"},
        "language": "fr",
        "channel": "api",
        "source": "x",
        "accepted_at": "2026-11-23T10:15:00Z",
    }
    attributes = {"ce-id": "019abe0e-5400-8000-8000-000000000001", "ce-subject": example["request_id"]}
    headers = {**EVENT, **attributes, "ce-type": RequestAccepted.TYPE, "ce-time": "2026-11-23T10:15:00Z"}
    assert refused(headers, body=example).slug == "unknown-type"


def test_a_text_that_mentions_specversion_is_no_event() -> None:
    body = DATA | {"description": 'they wrote "specversion" and "data" on the wall', "answers": {"specversion": "1"}}
    assert handed_in({}, body=body).source_id is None


def test_a_trace_of_odd_form_does_not_travel_on() -> None:
    assert handed_in({"traceparent": "x" * 5_000}).traceparent is None
    known = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    assert handed_in({"traceparent": known}).traceparent == known
