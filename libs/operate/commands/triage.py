"""`guichet triage`: what can be learned from those who choose by hand?"""

import csv
import io
from collections.abc import Iterator
from typing import Annotated, Any

import typer

from libs.operate.doors import get
from libs.operate.output import answer, say
from libs.operate.where import api_key, find_system

HOLDER = "operate"
COLUMNS = ("request_id", "language", "service")
TEXT_COLUMNS = ("text", "language", "service")  # as a pack's examples.csv has them
WARNING = (
    "These lines hold what citizens wrote. Erasing a request does not reach this file, nor a model or a pack made from "
    "it, and a pack is published for ever: read each line before it goes into one, and delete the file afterwards. "
    "That the texts were opened is on record."
)

AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]
WithText = Annotated[bool, typer.Option("--with-text", help="Also what citizens wrote, unless it was erased.")]

app = typer.Typer(no_args_is_help=True, help="What people at desks corrected.")


@app.callback()
def _group() -> None:
    """Without this, Typer would make the one command the whole group."""


@app.command()
def corrections(with_text: WithText = False, as_json: AsJson = False) -> None:
    """Requests whose service a person changed or added, as CSV: `guichet triage corrections > FILE.csv`.

    Without --with-text: request_id, language, service. With it: text, language, service, for training the classifier;
    requests that were erased, or in which nothing was written, are left out.
    """
    rows = list(_rows(with_text))
    if with_text:
        say(WARNING)
        rows = [row for row in rows if row["text"]]
    columns = TEXT_COLUMNS if with_text else COLUMNS
    found = [{name: row[name] for name in columns} for row in rows]
    answer({"corrections": found}, as_json, lambda: print(_csv(columns, found), end=""))


def _rows(with_text: bool) -> Iterator[dict[str, Any]]:
    """Page by page, so that neither side holds more than one."""
    addresses = find_system()
    key = api_key(addresses.home, HOLDER)
    asked: dict[str, Any] = {"with_text": with_text}
    while True:
        page = get(f"{addresses.intake_url}/api/v1/triage/corrections", asked, key=key)
        yield from page["corrections"]
        if page["next"] is None:
            return
        asked["after"] = page["next"]


def _csv(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _harmless(str(value)) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _harmless(value: str) -> str:
    """A spreadsheet takes a text that begins like this for a formula, and whoever wrote it could make it act."""
    return f"'{value}" if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
