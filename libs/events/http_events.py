"""How is a CloudEvent read from an HTTP request? CloudEvents 1.0, HTTP protocol binding; batches are not taken."""

from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from libs.events import attributes as ce
from libs.events.attributes import CONTENT_TYPE, JSON_TYPE, STRUCTURED_TYPE, Attributes
from libs.events.cloudevents import assemble, decode_structured, refuse_media
from libs.events.envelope import Event

HttpHeaders = Sequence[tuple[bytes, bytes]]
"""Names in lower case, as ASGI has them."""

PREFIX = "ce-"
_NAME_OF: Mapping[bytes, str] = {f"{PREFIX}{name}".encode(): name for name in ce.NAMES}
_TELLING = frozenset(f"{PREFIX}{name}".encode() for name in ("specversion", "id", "source", "type"))
_ENVELOPE = ce.ENVELOPE_PREFIX.encode()


def is_event(headers: HttpHeaders) -> bool:
    """Whether the request says that it carries an event: by an attribute that every event has, or by its media type."""
    for name, value in headers:
        if name in _TELLING or (name == b"content-type" and value.lstrip().lower().startswith(_ENVELOPE)):
            return True
    return False


def decode_http(headers: HttpHeaders, body: bytes) -> Event:
    """The event in a request, binary or structured. Raises InvalidEvent, naming the header and the remedy."""
    found, content_type = Attributes({}, {}), JSON_TYPE
    for header, raw in headers:
        if header == b"content-type":
            content_type = raw.decode("latin-1")
        elif name := _NAME_OF.get(header):
            ce.add(found, name, _text(raw))
    media = ce.media_of(content_type)
    if media == STRUCTURED_TYPE:
        return decode_structured(body)
    if media.startswith(ce.ENVELOPE_PREFIX) or not ce.is_json(media):
        refuse_media(CONTENT_TYPE)
    try:
        return assemble(found, body)
    except ce.AttributeWrong as fault:
        raise fault.spelt(PREFIX) from None


def _text(raw: bytes) -> str:
    """Percent-encoded, and in quotation marks or not (3.1.3.2). Some SDKs send UTF-8 as it is."""
    text = raw.decode(errors="replace")
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
    return unquote(text)
