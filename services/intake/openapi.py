"""What does the OpenAPI document say about the HTTP interface? The one hand-written operation, and the examples."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, Field

from libs.events.models import RequestSubmitted
from services.intake.answers import ReceiptAnswer
from services.intake.openapi_webhooks import webhook_schemas, webhooks

REFERENCE = "#/components/schemas/{model}"
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
    409: "not now: `transition-not-allowed`, `not-your-request`, `erased`",
    413: "the body is too large (`body-too-large`)",
    422: "refused; see `type` and `field`",
    429: "too many requests from here (`rate-limited`); wait for `Retry-After` seconds",
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
    schema = {"$ref": REFERENCE.format(model="Problem")}
    return {
        status: {"description": MEANINGS[status], "content": {PROBLEM_MEDIA: {"schema": schema}}} for status in statuses
    }


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The body of an operation that reads it itself, under its own limits of size and time."""
    return {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}


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
        schemas = made.setdefault("components", {}).setdefault("schemas", {})
        for model in (RequestSubmitted, ReceiptAnswer, Problem):
            schema = model.model_json_schema(ref_template=REFERENCE)
            schemas.update(schema.pop("$defs", {}))
            schemas[model.__name__] = schema
        schemas.update(webhook_schemas(REFERENCE))
        made["webhooks"] = webhooks()
        made["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        made["paths"]["/api/v1/requests"] = {"post": _submit()}
        app.openapi_schema = made
    return app.openapi_schema


def _submit() -> dict[str, Any]:
    return {
        "tags": ["requests"],
        "operationId": "submit_request",
        "summary": "Hand in a request",
        "description": (
            "With an API key (scope `submit`) or, where that is allowed, without. The same `source_id` (or "
            "`Idempotency-Key`) with the same content gets the same answer, whichever door it came by; with another "
            "content it is refused (`idempotency-key-reused`). Without either, every call is a new request."
        ),
        "security": [{"key": []}, {}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "used when the body has no source_id; without an API key send a UUID",
                "schema": {"type": "string", "maxLength": 200},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"$ref": REFERENCE.format(model="RequestSubmitted")},
                    "examples": EXAMPLES,
                }
            },
        },
        "responses": {
            "202": {
                "description": "kept; it will not be lost",
                "content": {"application/json": {"schema": {"$ref": REFERENCE.format(model="ReceiptAnswer")}}},
            },
            **{str(status): answer for status, answer in problems(400, 401, 403, 413, 422, 429, 503).items()},
        },
    }
