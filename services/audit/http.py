"""How are history, proofs and checkpoints asked for over HTTP? Translation only; nothing here needs a key.

The log holds no personal data, and whoever asks about a request must know its id. Everything handed out can be checked
without trusting this service: leaf, path and signed checkpoint come together.
"""

import base64
import re
from typing import Any
from uuid import UUID

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from libs.delivery.connections import Connections
from libs.delivery.errors import Rejected
from libs.ledger.note import Verifier
from libs.ledger.tree import leaf_hash
from libs.service.problems import answer_with_problems
from services.audit.history import History, Shown, Signed, history, latest_signed, proof_of

INDEX = re.compile(r"-1|[0-9]{1,18}", re.ASCII)  # -1 stands before the first leaf; 18 digits fit a bigint


def web(database: Connections, verifier: Verifier) -> Starlette:
    async def request_history(request: Request) -> Response:
        request_id = _uuid(request.path_params["request_id"])
        shown = await history(database, request_id, _index(request.query_params.get("after", "-1"), "after"))
        if not shown.events and "after" not in request.query_params:
            raise Rejected(f"nothing is recorded about request {request_id} (yet)", slug="not-found")
        return JSONResponse(_history(request_id, shown))

    async def proof(request: Request) -> Response:
        handed_out = await proof_of(database, _index(request.path_params["index"], "index"))
        return PlainTextResponse(handed_out.text())

    async def checkpoint(request: Request) -> Response:
        signed = await latest_signed(database)
        if signed is None:
            raise Rejected("nothing is signed yet: no event was heard so far", slug="not-found")
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse({**_signed(signed), "verifier": str(verifier)})
        return PlainTextResponse(signed.note)

    app = Starlette(
        routes=[
            Route("/api/v1/requests/{request_id}/history", request_history),
            Route("/api/v1/proofs/{index}", proof),
            Route("/api/v1/checkpoint", checkpoint),
        ]
    )
    answer_with_problems(app)
    return app


def _history(request_id: UUID, shown: History) -> dict[str, Any]:
    return {
        "request_id": str(request_id),
        "events": [_event(event, shown.signed) for event in shown.events],
        "checkpoint": _signed(shown.signed) if shown.signed else None,
        "next": shown.events[-1].leaf.index if shown.has_more else None,
    }


def _event(shown: Shown, signed: Signed | None) -> dict[str, Any]:
    """`leaf` is the exact text whose hash is in the tree; the fields before it are taken from it."""
    leaf = shown.leaf
    return {
        "index": leaf.index,
        "type": leaf.type,
        "time": leaf.time,
        "event_id": leaf.event_id,
        "leaf": shown.entry.decode(),
        "leaf_hash": _base64(leaf_hash(shown.entry)),
        "pending": shown.path is None,
        "proof": _proof(leaf.index, shown.path, signed),
    }


def _proof(index: int, path: list[bytes] | None, signed: Signed | None) -> dict[str, Any] | None:
    if path is None or signed is None:
        return None
    return {"index": index, "size": signed.checkpoint.size, "path": [_base64(digest) for digest in path]}


def _signed(signed: Signed) -> dict[str, Any]:
    checkpoint = signed.checkpoint
    return {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root_text, "note": signed.note}


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Rejected(f"{text!r:.60} is not a request id", slug="not-found") from error


def _index(text: str, field: str) -> int:
    if not INDEX.fullmatch(text):
        raise Rejected(f"{field} must be the index of a leaf, a whole number", slug="invalid-field", field=field)
    return int(text)
