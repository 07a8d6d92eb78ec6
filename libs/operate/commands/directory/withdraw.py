"""`guichet directory withdraw`: how does a territory stop taking requests?"""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer

from libs.operate.commands.directory.compiling import AsJson
from libs.operate.output import answer, line
from libs.operate.publishing import Withdrawn, moment_in, withdraw_territory
from libs.operate.where import find_system


def withdraw(
    territory: Annotated[str, typer.Argument(help="The code of a territory that is served.")],
    effective_from: Annotated[
        str | None, typer.Option(help="From this moment, ISO 8601, UTC where no zone is named; default now.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would happen; send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Take no more requests for a territory: it is no door any more. What it accepted is worked on as before.

    Publishing one of its releases takes this back. A start of the system does not.
    """
    since = moment_in(effective_from, UTC)
    withdrawn = asyncio.run(_withdrawn(territory, since, dry_run))
    answer(withdrawn.as_dict(), as_json, lambda: _show(withdrawn))


async def _withdrawn(territory: str, since: datetime | None, dry_run: bool) -> Withdrawn:
    return await withdraw_territory(find_system(), territory, since, is_dry_run=dry_run)


def _show(withdrawn: Withdrawn) -> None:
    since = f"{withdrawn.effective_from:%Y-%m-%d %H:%M %Z}"
    if withdrawn.version is None:
        line(f"{withdrawn.territory} takes no requests at {since} as it is, nothing sent")
        return
    would = "would take" if withdrawn.is_dry_run else "takes"
    line(f"{withdrawn.territory} {would} no requests from {since} on; those that it has are worked on as before")
    for version in withdrawn.coming:
        line(f"{version} begins later, and with it the territory takes requests again.")
    line(
        "Nothing was sent." if withdrawn.is_dry_run else f"Take it back: guichet directory publish {withdrawn.version}"
    )
