"""What does an HTTP request hand in: bare JSON or a CloudEvent, and under which number?"""

from starlette.datastructures import Headers

from libs.events.attributes import as_trace
from libs.events.cloudevents import decode_structured, parse_data
from libs.events.envelope import Event, InvalidEvent
from libs.events.http_events import decode_http, is_event
from libs.events.models import RequestSubmitted
from services.intake.keys import ApiKey
from services.intake.rules import Refusal, number_among, number_of, refusal_of, source_of
from services.intake.submission import Submission, rejected


def submission_in(headers: Headers, body: bytes, key: ApiKey | None) -> Submission:
    """The same for both: a CloudEvent's id is the sender's number, so that its retry is no second request.

    Raises `Rejected` with the field and the remedy.
    """
    try:
        data, event = _read(headers, body)
    except InvalidEvent as error:
        raise rejected(refusal_of(error)) from None
    source = source_of(key.source if key else None)
    idempotency_key = headers.get("idempotency-key")
    event_id = event.source_id if event else None
    number = number_of(data.source_id, idempotency_key or event_id, has_key=key is not None)
    if isinstance(number, Refusal):
        raise rejected(number)
    if event is not None and number is not None and not (data.source_id or idempotency_key):
        number = number_among(source, event.source, number)
    trace = as_trace(headers.get("traceparent")) or (event.traceparent if event else None)
    return Submission(data, "api", source, number, traceparent=trace)


def _read(headers: Headers, body: bytes) -> tuple[RequestSubmitted, Event | None]:
    if is_event(headers.raw):
        event = decode_http(headers.raw, body)
        return _submitted(event), event
    try:
        return parse_data(RequestSubmitted, body), None
    except InvalidEvent:
        if b'"specversion"' not in body:
            raise
    event = decode_structured(body)  # plain producers name no media type of CloudEvents
    return _submitted(event), event


def _submitted(event: Event) -> RequestSubmitted:
    if isinstance(event.data, RequestSubmitted):
        return event.data
    message = f"type {event.type} is none that others send; send {RequestSubmitted.TYPE}"
    raise InvalidEvent("unknown-type", message, "type")
