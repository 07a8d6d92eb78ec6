"""What does the OpenAPI document say about the HTTP interface? What every operation answers, and the examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from libs.events.attributes import ATTRIBUTE_CHARACTERS_MAX, SPEC_VERSION, STRUCTURED_TYPE
from libs.events.fields import NAME_CHARACTERS_MAX
from libs.events.models import RequestSubmitted
from services.intake.answers import ReceiptAnswer
from services.intake.openapi_schemas import REFERENCE, add_models, make_plain
from services.intake.openapi_webhooks import webhook_schemas, webhooks
from services.intake.standing import Report
from services.intake.triage.rules import Assignment

PROBLEM_MEDIA = "application/problem+json"

ABOUT: dict[str, Any] = {
    "title": "Guichet: intake",
    "version": "1",
    "openapi_url": "/api/v1/openapi.json",
    "docs_url": None,  # FastAPI's page loads its scripts from elsewhere
    "redoc_url": None,
    "description": (
        "Hand in a request once; Guichet finds who owns it. `202` means that it is kept and will not be lost. "
        "Every error is a problem document (RFC 9457) whose `type` is stable, whose `detail` names the remedy and, "
        "where there is one, whose `field` names the field."
    ),
}

MEANINGS = {
    400: "the body is no JSON (`invalid-json`)",
    401: "an API key is needed (`key-required`) or not known (`key-unknown`)",
    403: "the key may not do this (`scope-missing`)",
    404: "there is no such request that you can see (`not-found`)",
    408: "the body took too long to come (`body-too-slow`)",
    409: "not now: `transition-not-allowed`, `not-your-request`, `erased`",
    413: "the body is too large (`body-too-large`)",
    415: "an event of a kind that is not taken (`wrong-content-type`), such as a batch",
    422: "refused; see `type` and `field`",
    429: "too many requests from here (`rate-limited`); wait for `Retry-After` seconds",
    500: "a fault here, which was logged (`internal-error`)",
    503: "something is away (`database-away`, `directory-away`, `queue-full`); try again after `Retry-After` seconds",
}

EXAMPLES = {
    "by_coordinates": {
        "summary": "a pothole at a point",
        "value": {
            "service": "pothole",
            "place": {"lat": 44.8412, "lon": -0.5706, "accuracy_m": 12},
            "description": "A hole in the cycle lane, as wide as a hand.",
            "contact": {"email": "someone@mail.example"},
            "language": "en",
            "source_id": "2026-000117",
        },
    },
    "by_name": {
        "summary": "a question, located by postal code and name, without a service",
        "value": {
            "territory": "bordeaux-metropole",
            "place": {"postal_code": "33700", "municipality_name": "Mérignac"},
            "description": "Quand ouvre la déchèterie ?",
            "language": "fr",
        },
    },
}


class Problem(BaseModel):
    """What went wrong, and what to do about it (RFC 9457)."""

    type: str = Field(examples=["urn:guichet:problem:unknown-service"])
    title: str
    status: int
    detail: str = Field(description="a sentence with the remedy; it never repeats what was sent")
    field: str | None = Field(None, description="where it stands in the body")


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The error answers of an operation."""
    return {status: _problem(status) for status in statuses}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": REFERENCE.format(model="Problem")}
    answer: dict[str, Any] = {"description": MEANINGS[status], "content": {PROBLEM_MEDIA: {"schema": schema}}}
    if status in (429, 503):
        answer["headers"] = {"Retry-After": {"description": "seconds", "schema": {"type": "integer"}}}
    return answer


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The body of an operation that reads it itself, under its own limits of size and time."""
    schema = {"$ref": REFERENCE.format(model=model.__name__)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


# Some clients send a body with every POST.
BODY_IS_NOT_READ = {"requestBody": {"required": False, "content": {"application/json": {"schema": {}}}}}


def document(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1; made once. The operation that FastAPI does not know about is added, with its schemas."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=app.version,
            description=app.description,
            routes=app.routes,
            openapi_version="3.1.0",
        )
        made["paths"].setdefault("/api/v1/requests", {})["post"] = _submit()
        for path in made["paths"].values():
            for operation in path.values():
                _complete(operation)
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        add_models(schemas, RequestSubmitted, ReceiptAnswer, Problem, Report, Assignment)
        schemas.update(webhook_schemas(REFERENCE))
        made["webhooks"] = webhooks()
        make_plain(made)
        made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        app.openapi_schema = made
    return app.openapi_schema


def _complete(operation: dict[str, Any]) -> None:
    """What asks for a key says so; a wrong parameter is told with a problem where the operation declares that."""
    answers = operation["responses"]
    if "application/json" in answers.get("422", {}).get("content", {}):
        del answers["422"]
    if "401" in answers:
        operation.setdefault("security", [{"key": []}])
    answers["500"] = _problem(500)


def _submit() -> dict[str, Any]:
    return {
        "tags": ["requests"],
        "operationId": "submit_request",
        "summary": "Hand in a request",
        "description": (
            "With an API key (scope `submit`) or, where that is allowed, without. The same `source_id` (or "
            "`Idempotency-Key`) with the same content gets the same answer, whichever door it came by; with another "
            "content it is refused (`idempotency-key-reused`). Without either, every call is a new request. "
            "A CloudEvent is taken as well, with `ce-` headers or as a document: its source and id are the number."
        ),
        "security": [{"key": []}, {}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "used when the body has no source_id; without an API key send a UUID",
                "schema": {"type": "string", "maxLength": NAME_CHARACTERS_MAX},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": REFERENCE.format(model="RequestSubmitted")},
                    "examples": EXAMPLES,
                },
                STRUCTURED_TYPE: {"schema": _event()},
            },
        },
        "responses": {
            "202": {
                "description": "kept; it will not be lost",
                "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model="ReceiptAnswer")}}},
                "headers": {"Location": {"description": "the request", "schema": {"type": "string", "format": "uri"}}},
            },
            **{str(status): _problem(status) for status in (400, 401, 403, 408, 413, 415, 422, 429, 503)},
        },
    }


def _event() -> dict[str, Any]:
    """A CloudEvent in structured mode; what else it has is the sender's own."""
    text = {"type": "string", "minLength": 1, "maxLength": ATTRIBUTE_CHARACTERS_MAX}
    return {
        "title": "RequestSubmittedEvent",
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"type": "string", "const": SPEC_VERSION},
            "id": text | {"maxLength": NAME_CHARACTERS_MAX},
            "source": text,
            "type": {"type": "string", "const": RequestSubmitted.TYPE},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"type": "string", "const": "application/json"},
            "data": {"$ref": REFERENCE.format(model="RequestSubmitted")},
        },
    }
