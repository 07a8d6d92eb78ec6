"""What does the OpenAPI document say about the webhooks that departments' own systems get?

The notifier sends them; they are described here, beside the operations that they lead to.
"""

from typing import Any

from pydantic.json_schema import models_json_schema

from libs.events.webhooks import WEBHOOKS, webhook_type

HEADERS = {
    "webhook-id": "the same at every attempt: whoever has seen it may answer 2xx and do nothing",
    "webhook-timestamp": "when this attempt was made, seconds since 1970; refuse what is older than some minutes",
    "webhook-signature": (
        "`v1,` and the base64 of an HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, with the secret of the "
        "endpoint that the notifier's operator tells"
    ),
}
RESPONSES = {
    "2XX": {"description": "taken, as soon as this status is here; a body is not waited for"},
    "410": {"description": "nothing is sent to this address any more"},
    "default": {
        "description": "anything else, redirects too: tried again, ten times in 75 h 35 min; `Retry-After` is respected"
    },
}


def webhooks() -> dict[str, Any]:
    """The `webhooks` of the document, by kind of notice."""
    return {kind: {"post": _operation(kind, model.__name__, model.__doc__ or "")} for kind, model in WEBHOOKS.items()}


def webhook_schemas(ref_template: str) -> dict[str, Any]:
    """Their bodies and the parts of these, by name."""
    modes = [(model, "validation") for model in WEBHOOKS.values()]
    _, document = models_json_schema(modes, ref_template=ref_template)  # type: ignore[arg-type]
    found: dict[str, Any] = document["$defs"]
    return found


def _operation(kind: str, model: str, summary: str) -> dict[str, Any]:
    return {
        "tags": ["webhooks"],
        "operationId": f"webhook_{kind}",
        "summary": summary,
        "description": f"Standard Webhooks; its `type` is `{webhook_type(kind)}`.",
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": said, "schema": {"type": "string"}}
            for name, said in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model}"}}},
        },
        "responses": RESPONSES,
    }
