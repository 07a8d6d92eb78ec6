"""How are mails looked at? As JSON (the part of Mailpit's API that tests and tools use), and as two plain pages."""

import asyncio
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from libs.operate.mailbox.limits import PAGE_MAILS_DEFAULT, PAGE_MAILS_MAX
from libs.operate.mailbox.read import detail, summary
from libs.operate.mailbox.store import Mail, MailStore

PAGES = Path(__file__).with_name("pages")
# A mail is foreign text: shown escaped, and even then nothing in it may run or load.
SECURITY = {
    "content-security-policy": "default-src 'none'; style-src 'self' 'unsafe-inline'",
    "x-frame-options": "DENY",
}
NO_SUCH_MAIL = "there is no such mail; it was deleted, or dropped as one of the oldest"


def mailbox_app(store: MailStore, mails_max: int) -> Starlette:
    pages = Environment(loader=FileSystemLoader(PAGES), autoescape=True)

    async def messages(request: Request) -> Response:
        window = _window(request)
        if isinstance(window, Response):
            return window
        mails = await asyncio.to_thread(lambda: [summary(mail) for mail in store.newest(*window)])
        return JSONResponse({"total": store.count(), "messages": mails})

    async def message(request: Request) -> Response:
        mail = await _one(store, request)
        return JSONResponse(detail(mail)) if mail else JSONResponse({"error": NO_SUCH_MAIL}, 404)

    async def clear(_request: Request) -> Response:
        await asyncio.to_thread(store.clear)
        return JSONResponse({"deleted": True})

    async def list_page(request: Request) -> Response:
        window = _window(request)
        if isinstance(window, Response):
            return window
        mails = await asyncio.to_thread(lambda: [summary(mail) for mail in store.newest(*window)])
        start, limit = window
        text = pages.get_template("list.html").render(
            mails=mails, total=store.count(), start=start, limit=limit, mails_max=mails_max
        )
        return HTMLResponse(text, headers=SECURITY)

    async def mail_page(request: Request) -> Response:
        mail = await _one(store, request)
        if mail is None:
            return HTMLResponse(NO_SUCH_MAIL, 404, headers=SECURITY)
        return HTMLResponse(pages.get_template("mail.html").render(mail=detail(mail)), headers=SECURITY)

    return Starlette(
        routes=[
            Route("/", list_page),
            Route("/mail/{id:int}", mail_page),
            Route("/api/v1/messages", messages, methods=["GET"]),
            Route("/api/v1/messages", clear, methods=["DELETE"]),
            Route("/api/v1/message/{id:int}", message),
        ]
    )


def _window(request: Request) -> tuple[int, int] | Response:
    try:
        start = int(request.query_params.get("start", 0))
        limit = int(request.query_params.get("limit", PAGE_MAILS_DEFAULT))
    except ValueError:
        start = limit = -1
    if start < 0 or not 0 < limit <= PAGE_MAILS_MAX:
        return JSONResponse({"error": f"start must be 0 or more, limit between 1 and {PAGE_MAILS_MAX}"}, 400)
    return start, limit


async def _one(store: MailStore, request: Request) -> Mail | None:
    mail_id: int = request.path_params["id"]
    return await asyncio.to_thread(store.one, mail_id) if mail_id < 2**63 else None
