"""How does a page become a response, and what may a browser do with it?"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from services.intake.web.texts import SPOKEN, pick, spoken_in

FOLDER = Path(__file__).parent
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
STATIC: Mapping[str, bytes] = {
    path.name: path.read_bytes() for path in sorted((FOLDER / "static").iterdir()) if path.suffix in MEDIA_TYPES
}
VERSIONS: Mapping[str, str] = {name: hashlib.sha256(content).hexdigest()[:12] for name, content in STATIC.items()}
DAY_SECONDS = 86_400
YEAR_SECONDS = 31_536_000

# Nothing is loaded from elsewhere and nothing stands inline, so that a text that slipped through would not run.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",  # the address of a status page is its secret
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PRIVATE: Mapping[str, str] = {**HEADERS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

_TEMPLATES = Environment(
    loader=FileSystemLoader([FOLDER / "templates", FOLDER / "staff" / "templates"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals |= {
    "pick": pick,
    "spoken_in": spoken_in,
    "names_of_languages": {code: texts("language") for code, texts in SPOKEN.items()},
}


def fragment(template: str, **values: Any) -> str:
    """A filled-in template."""
    return _TEMPLATES.get_template(template).render(**values, asset=_address)


def page(template: str, status: int = 200, headers: Mapping[str, str] | None = None, **values: Any) -> Response:
    """A whole page. Nobody but the browser of this person may keep it."""
    return HTMLResponse(fragment(template, **values), status, {**PRIVATE, **(headers or {})})


def image(template: str, **values: Any) -> Response:
    """A drawing. It holds nothing personal, but depends on the release in force, so it is kept for a minute only."""
    headers = {**HEADERS, "Cache-Control": "public, max-age=60"}
    return Response(fragment(template, **values), media_type=MEDIA_TYPES[".svg"], headers=headers)


def static_routes() -> list[Route]:
    """Style sheet, scripts and the mark; an address with the right version in it never changes its content."""
    return [Route("/static/{name}", _static), Route("/favicon.ico", _mark)]


async def _mark(_request: Request) -> Response:
    """Browsers ask for it at this address whatever the page says."""
    headers = {**HEADERS, "Cache-Control": f"public, max-age={DAY_SECONDS}"}
    return Response(STATIC["mark.svg"], headers=headers, media_type=MEDIA_TYPES[".svg"])


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in STATIC:
        return Response("not found", 404, HEADERS, "text/plain")
    is_current = request.query_params.get("v") == VERSIONS[name]
    caching = f"public, max-age={YEAR_SECONDS}, immutable" if is_current else "no-cache"
    return Response(STATIC[name], 200, {**HEADERS, "Cache-Control": caching}, MEDIA_TYPES[Path(name).suffix])


def _address(name: str) -> str:
    return f"/static/{name}?v={VERSIONS[name]}"
