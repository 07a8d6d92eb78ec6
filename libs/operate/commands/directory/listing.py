"""`guichet directory list`: which releases are there, and which of them decides?"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from libs.delivery.errors import Unavailable
from libs.delivery.releases import Releases
from libs.events.directory import DirectoryPublished
from libs.operate.broker import settings_for
from libs.operate.commands.directory.compiling import AsJson
from libs.operate.output import STDOUT, Away, WrongUse, answer, line
from libs.operate.publishing import present_releases
from libs.operate.where import find_system

COLUMNS = ("territory", "version", "state", "effective_from", "published_at")


def list_(
    territory: Annotated[str | None, typer.Argument(help="Only those of this territory, by its code.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every published release: past, in force, coming, or of a withdrawn territory.

    Each can be put in force again: guichet directory publish VERSION.
    """
    releases = asyncio.run(_listed(territory))
    answer({"releases": releases}, as_json, lambda: _show(releases))


async def _listed(territory: str | None) -> list[dict[str, Any]]:
    system = find_system()
    now = datetime.now(UTC)
    try:
        async with present_releases(settings_for(system)) as releases:
            found = [each for each in releases.announced() if territory in (None, each.territory)]
            if territory and not found:
                known = ", ".join(releases.territories()) or "none"
                raise WrongUse(f"There is no territory “{territory}” here; there are: {known}.")
            return [_row(releases, each, now) for each in found]
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer ({error or 'no end of the topic'}); is it up?") from error


def _row(releases: Releases, each: DirectoryPublished, now: datetime) -> dict[str, Any]:
    return {
        "territory": each.territory,
        "version": each.version,
        "state": _state(releases, each, now),
        "effective_from": each.effective_from.isoformat(),
        "published_at": each.published_at.isoformat(),
        "bytes": each.bytes,
    }


def _state(releases: Releases, each: DirectoryPublished, now: datetime) -> str:
    if each.effective_from > now:
        return "coming"
    if releases.began(each.territory, now) != (each.version, each.effective_from):
        return "past"
    return "withdrawn" if releases.is_withdrawn(each.territory, now) else "in force"


def _show(releases: Sequence[dict[str, Any]]) -> None:
    if not releases:
        line("Nothing is published yet. Next: guichet directory publish PACK")
        return
    table = Table(box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name.replace("_", " "), no_wrap=True)
    for each in releases:
        table.add_row(*(str(each[name])[:19] if name.endswith(("_from", "_at")) else each[name] for name in COLUMNS))
    STDOUT.print(table)
    line("Times are UTC. Put one in force again: guichet directory publish VERSION")
