"""How does the comparison look as one page that can be mailed? No script, nothing from elsewhere, fit for a phone."""

import base64
import hashlib
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from libs.operate.what_if.report import Fields, counted, left_out, owner_said, references, summary

FOLDER = Path(__file__).parent / "pages"
BAR_WIDTH = 100  # of the drawing of a share; the style sheet makes it as wide as its cell

_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


def page_of(fields: Fields, language: str) -> str:
    """The page. Its policy lets the browser use this style sheet and nothing else, wherever the file is opened."""
    style = (FOLDER / "style.css").read_text(encoding="utf-8")
    return _TEMPLATES.get_template("page.html").render(
        found=fields,
        language=language,
        summary=summary(fields),
        counted=[(said, number, _share(number, fields["compared"])) for said, number in counted(fields)],
        left_out=left_out(fields),
        moves=_rows(fields["moves"], language, fields["changed"]),
        proposals=_rows(fields["in_hands"]["moves"], language, fields["in_hands"]["changed"]),
        due_only=list(zip(fields["due_only_sample"], references(fields["due_only_sample"]), strict=True)),
        style=style,
        policy=f"default-src 'none'; style-src 'sha256-{_hash(style)}'; base-uri 'none'; form-action 'none'",
    )


def _rows(moves: list[Fields], language: str, total: int) -> list[dict[str, Any]]:
    return [
        {
            "requests": move["requests"],
            "share": _share(move["requests"], total),
            "before": owner_said(move["from"], language),
            "after": owner_said(move["to"], language),
            "kind": move["kind"],
            "sample": list(zip(move["sample"], references(move["sample"]), strict=True)),
        }
        for move in moves
    ]


def _share(number: int, of: int) -> float:
    """As a width; what is there is seen, however few."""
    return max(round(BAR_WIDTH * number / of, 1), 0.5) if number and of else 0.0


def _hash(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
