"""`guichet directory diff`: what would a pack do differently from another, or from what is published?"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from libs.delivery.errors import Rejected, Unavailable
from libs.directory import Change, Release, differences
from libs.operate.broker import settings_for
from libs.operate.commands.directory.compiling import AsJson, compiled, in_one_line
from libs.operate.output import Away, Stopped, WrongUse, answer, counted, line, progress_bar, say
from libs.operate.packs import find_pack
from libs.operate.publishing import present_releases
from libs.operate.where import find_system

IN_FORCE = "in-force"  # TERRITORY@in-force: the release that decides at this moment
Which = Annotated[
    str,
    typer.Argument(help="A pack (folder or name), a published version (town@0123456789abcdef), or town@in-force."),
]


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


def release_named(which: str) -> Release:
    """A pack is compiled, and may have findings; a version is read from the topic of releases."""
    if "@" in which and not Path(which).is_dir():
        return asyncio.run(_published(which))
    found = compiled(find_pack(which))
    if found.draft is None:
        for finding in found.errors:
            say(in_one_line(finding))
        raise Stopped(f"{which} has {counted(len(found.errors), 'error')} that leave nothing to compare.")
    if found.errors:
        errors = counted(len(found.errors), "error")
        say(f"{which} has {errors} and cannot be published as it is; see: guichet directory check.")
    return found.draft


async def _published(which: str) -> Release:
    system = find_system()
    territory, _, version = which.partition("@")
    try:
        async with present_releases(settings_for(system)) as releases:
            if version != IN_FORCE:
                return await releases.require(which)
            found = releases.in_force(territory, datetime.now(UTC))
    except Rejected as error:
        raise WrongUse(f"{error.message}; versions are listed by `guichet topics` and in every decision.") from error
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer; is it up?") from error
    if found is None:
        raise WrongUse(f"{territory} has no release in force.")
    return found


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
