"""How does a person learn which field of a document is wrong, and what to do about it?"""

import difflib
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from libs.events.envelope import InvalidEvent

FIELD_CHARACTERS_MAX = 120  # a field's name may be the sender's own text; it is not repeated without end

_REMEDIES: Mapping[str, str] = {
    "missing": "is missing; add it",
    "string_type": "must be text in quotes",
    "float_type": "must be a number without quotes",
    "int_type": "must be a whole number without quotes",
    "uuid_version": "must be a UUID of version {expected_version}",
    "string_too_long": "has more than {max_length} characters; shorten it",
    "too_many_bytes": "takes more than {max_bytes} bytes of UTF-8; shorten it",
    "string_too_short": "is too short; it needs at least {min_length} character",
    "too_long": "has more than {max_length} entries; leave some out",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "dict_type": "must be a JSON object",
    "email_form": "is no e-mail address; write it like name@example.org",
    "email_letters": "has letters before the @ that mail servers do not take, such as é; give an address without them",
    "email_domain": "has a name after the @ that cannot exist; check its spelling, or give another address",
    "phone_form": "is no telephone number; write its digits, with an extension or a word after them if need be",
    "string_pattern_mismatch": "has characters or a form that it may not have; U+0000 is never allowed",
}
_FORMS: Mapping[int | str, str] = {
    "language": "is no language code; write it like fr or pt-BR",
}


def refusal(error: ValidationError, model: type[BaseModel]) -> InvalidEvent:
    """The first error in words. What the sender wrote is not repeated (it may be personal), only where it stands."""
    detail = error.errors(include_url=False, include_input=False)[0]
    kind = detail["type"]
    if kind == "json_invalid":
        reason = detail.get("ctx", {}).get("error", "unreadable")
        return InvalidEvent("invalid-json", f"the body is no JSON document: {reason}; send one JSON object in UTF-8")
    field = _field(detail)
    if kind == "extra_forbidden":
        return InvalidEvent("unknown-field", f"{field} is not a field here; {_suggestion(detail, model)}", field)
    return InvalidEvent("invalid-field", f"{field} {_remedy(detail)}", field)


def _field(detail: ErrorDetails) -> str:
    """The path of the field as the sender knows it, without the names of our own types inside a union."""
    parts = [str(part) for part in detail["loc"]]
    if len(parts) > 2 and parts[0] == "answers":
        parts = parts[:2]
    path = ".".join(parts)[:FIELD_CHARACTERS_MAX] or "the body"
    return path if path.isprintable() else ascii(path)  # it ends up in log lines and headers


def _remedy(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    location, kind = detail["loc"], detail["type"]
    if location[:1] == ("answers",) and len(location) > 2:
        return "must be text, a number, true or false, or a list of texts, each within its limit; see the schema"
    if kind == "string_pattern_mismatch" and location[-1] in _FORMS:
        return _FORMS[location[-1]]
    remedy = _REMEDIES.get(kind)
    return remedy.format_map(context) if remedy else "is refused: " + detail["msg"].removeprefix("Value error, ")


def _suggestion(detail: ErrorDetails, model: type[BaseModel]) -> str:
    names = _fields_at(detail["loc"], model)
    close = difflib.get_close_matches(str(detail["loc"][-1])[:FIELD_CHARACTERS_MAX], names, n=1)
    return f"did you mean {close[0]}?" if close else f"remove it; the fields are {', '.join(names)}"


def _fields_at(location: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """The names that are allowed where the unknown one stands."""
    fields = model.model_fields
    for part in location[:-1]:
        annotation = fields[str(part)].annotation if str(part) in fields else None
        parts = getattr(annotation, "__args__", (annotation,))
        inner = next((kind for kind in parts if isinstance(kind, type) and issubclass(kind, BaseModel)), None)
        fields = inner.model_fields if inner else {}
    return list(fields)
