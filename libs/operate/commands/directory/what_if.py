"""`guichet directory what-if`: what would a pack do with the requests that are recorded?"""

import asyncio
import re
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from libs.directory import Release
from libs.events.topics import REQUESTS_ACCEPTED, TOPICS
from libs.operate.commands.directory.compiling import AsJson
from libs.operate.commands.directory.naming import Which, release_named
from libs.operate.commands.directory.publish import moment_of
from libs.operate.output import STDOUT, Stopped, WrongUse, answer, line, progress_bar, say
from libs.operate.packs import write_file
from libs.operate.what_if.page import page_of
from libs.operate.what_if.report import Fields, counted, fields_of, left_out, owner_said, references, summary
from libs.operate.what_if.shadow import WhatIf
from libs.operate.what_if.shadow import what_if as ask
from libs.operate.where import Addresses, find_system

AGO = re.compile(r"(\d{1,4})([dh])")
ROWS_SHOWN = 30  # more is for --json or --html


def what_if(
    pack: Which,
    since: Annotated[str, typer.Option(help="Requests accepted since: 2026-11-01, 2026-11-01T06:00, 30d or 12h.")],
    html: Annotated[Path | None, typer.Option("--html", help="Also write a page that can be mailed.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the names; default the territory's first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Decide recorded requests by a candidate, in shadow, and say what would move, from whom to whom. Changes nothing.

    Each request is also decided by the release that decided about it. What a person has in hand is shown apart.
    """
    candidate = release_named(pack)
    moment = since_when(since, candidate, datetime.now(UTC))
    _warn(candidate, moment)
    began = time.monotonic()
    found = _asked(find_system(), candidate, moment)
    fields = {**fields_of(found), "seconds": round(time.monotonic() - began, 1)}
    if found.read.requests == found.read.skipped["other_territory"] + found.read.skipped["unreadable"]:
        raise Stopped(_nothing(fields))
    spoken = candidate.territory.languages
    language = language if language in spoken else spoken[0]
    answer(fields, as_json, lambda: _show(fields, language))
    if html:
        _write(html, page_of(fields, language))


def since_when(text: str, release: Release, now: datetime) -> datetime:
    """A moment, a day, or so many days or hours ago. `WrongUse` for anything else, and for the future."""
    if ago := AGO.fullmatch(text):
        number = int(ago[1])
        return now - (timedelta(days=number) if ago[2] == "d" else timedelta(hours=number))
    try:
        moment = moment_of(text, release)
    except WrongUse:
        moment = None
    if moment is None:
        raise WrongUse(f"--since {text!r} is no moment; write it as 30d, 12h, 2026-11-01 or 2026-11-01T06:00.")
    if moment > now:
        raise WrongUse(f"--since {text} is in the future; no request is recorded since then. Name an earlier moment.")
    return moment.astimezone(UTC)


def _warn(candidate: Release, since: datetime) -> None:
    """What makes an answer smaller than somebody may think."""
    now = datetime.now(UTC)
    days = TOPICS[REQUESTS_ACCEPTED].retention_days
    if days and since < now - timedelta(days=days):
        say(f"Kafka keeps requests for {days} days; older ones are not compared.")
    today = candidate.calendar.local(now).toordinal()
    later = [rule.id for rule in candidate.rules if rule.days.start > today]
    if later:
        listed = ", ".join(later[:5]) + (", …" if len(later) > 5 else "")
        say(
            f"{len(later)} rules of the candidate begin later than today ({listed}). Requests are decided as of "
            "their own acceptance, so these move nothing here."
        )


def _nothing(fields: Fields) -> str:
    others = fields["skipped"]["other_territory"]
    beside = f" ({others:,} of other territories are)" if others else ""
    return f"No request of {fields['territory']} is recorded since {fields['since']}{beside}; name an earlier --since."


def _asked(system: Addresses, candidate: Release, since: datetime) -> WhatIf:
    with progress_bar() as bar:
        task = bar.add_task("Deciding recorded requests in shadow", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        return asyncio.run(ask(system, candidate, since, progress))


def _write(html: Path, page: str) -> None:
    if not html.parent.is_dir():
        raise WrongUse(f"There is no folder {html.parent} to write the page to. Make it, or name another file.")
    try:
        write_file(html, page)
    except OSError as error:
        raise WrongUse(f"The page cannot be written to {html}: {error.strerror}. Name another file.") from error
    say(f"The same as a page: {html}")


def _show(fields: Fields, language: str) -> None:
    line(summary(fields))
    line("")
    for said, number in counted(fields):
        line(f"{number:>9,}  {said}")
    line(f"{fields['compared']:>9,}  compared")
    if fields["moves"]:
        line("")
        STDOUT.print(_table(fields["moves"], language))
    if fields["due_only_sample"]:
        line(f"\nAnother date only, the latest: {', '.join(references(fields['due_only_sample']))}")
    _show_in_hands(fields["in_hands"], language)
    line(f"\nNot compared: {', '.join(f'{number} {said}' for said, number in left_out(fields))}.")


def _show_in_hands(hands: dict[str, Any], language: str) -> None:
    if not hands["compared"]:
        return
    line(
        f"\n{hands['compared']:,} more are in people's hands and stay there. Rules would say otherwise of "
        f"{hands['changed']:,}, and newly propose another department for {hands['proposed']:,}."
    )
    if hands["moves"]:
        STDOUT.print(_table(hands["moves"], language))


def _table(moves: list[Fields], language: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("requests", justify="right")
    for name in ("from", "to", "the latest"):
        table.add_column(name, overflow="fold")
    for move in moves[:ROWS_SHOWN]:
        sides = (escape(", ".join(filter(None, owner_said(move[side], language)))) for side in ("from", "to"))
        table.add_row(f"{move['requests']:,}", *sides, "\n".join(references(move["sample"][:2])))
    if len(moves) > ROWS_SHOWN:
        table.caption = f"and {len(moves) - ROWS_SHOWN} more pairs; see --json or --html"
    return table
