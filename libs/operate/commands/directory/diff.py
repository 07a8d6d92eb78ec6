"""`guichet directory diff`: what would a pack do differently from another, or from what is published?"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

import typer

from libs.directory import Change, Release, differences
from libs.operate.commands.directory.compiling import AsJson
from libs.operate.commands.directory.naming import Which, release_named
from libs.operate.output import WrongUse, answer, line, progress_bar


def diff(
    old: Which,
    new: Which,
    since: Annotated[str | None, typer.Option(help="Leave out owners of before this day, such as 2027-01-01.")] = None,
    language: Annotated[str | None, typer.Option(help="Language of the answer; default the territory's first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in words who would own what instead, and what was added, removed or redrawn.

    It compares what both do: every service, municipality, layer and kind of answer, over all time.
    """
    first_day = _day(since)
    before, after = release_named(old), release_named(new)
    with progress_bar() as bar:
        bar.add_task("Comparing", total=None)
        changes = [change for change in differences(before, after) if _is_after(change, first_day)]
    fields = {
        "old": before.version,
        "new": after.version,
        "count": len(changes),
        "changes": [change.as_dict() for change in changes],
    }
    answer(fields, as_json, lambda: _show(before, after, changes, language))


def _day(text: str | None) -> str | None:
    try:
        return date.fromisoformat(text).isoformat() if text else None
    except ValueError as error:
        raise WrongUse(f"“{text}” is no day; write it as 2027-01-01.") from error


def _is_after(change: Change, first_day: str | None) -> bool:
    last_day = change.details.get("valid_to")
    return not (first_day and isinstance(last_day, str) and last_day < first_day)


def _show(before: Release, after: Release, changes: Sequence[Change], language: str | None) -> None:
    line(f"{before.version} → {after.version}")
    if not changes:
        line("They do the same, everywhere and at all times.")
    for change in changes:
        line(f"  {_in(change.text, language)}")


def _in(texts: Mapping[str, str], language: str | None) -> str:
    return texts.get(language or "") or next(iter(texts.values()))
