"""`guichet directory publish`: how does a pack become what the services decide by?"""

import asyncio
from datetime import datetime
from typing import Annotated

import typer

from libs.directory import Release
from libs.operate.commands.directory.compiling import AsJson, publishable
from libs.operate.commands.directory.naming import Which, is_version, release_named
from libs.operate.output import answer, line
from libs.operate.packs import find_pack
from libs.operate.publishing import Published, moment_in, publish_release
from libs.operate.where import find_system


def publish(
    pack: Which,
    effective_from: Annotated[
        str | None, typer.Option(help="In force from this moment, ISO 8601, the territory's time; default now.")
    ] = None,
    if_none: Annotated[bool, typer.Option("--if-none", help="Only when the territory has no release at all.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent; send nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compile a pack and send its release to every service; nothing is sent when it is the one in force already.

    A published version (town@0123456789abcdef) is put in force again: the way back from a release that was a mistake.
    """
    release = release_named(pack) if is_version(pack) else publishable(find_pack(pack))
    since = moment_of(effective_from, release)
    published = asyncio.run(_published(release, since, dry_run, if_none))
    answer(published.as_dict(), as_json, lambda: _show(published, release))


async def _published(release: Release, since: datetime | None, dry_run: bool, if_none: bool) -> Published:
    return await publish_release(find_system(), release, since, is_dry_run=dry_run, only_if_none=if_none)


def moment_of(text: str | None, release: Release) -> datetime | None:
    """A time without a zone is the territory's own."""
    return moment_in(text, release.calendar.zone)


def _show(published: Published, release: Release) -> None:
    since = f"{release.calendar.local(published.effective_from):%Y-%m-%d %H:%M %Z}"
    if not published.is_new:
        if published.replaces is None:
            line(
                f"{published.territory} takes no requests at {since}; serve it again with: publish {published.version}"
            )
            return
        line(f"{published.version}: in force at {since} already, nothing sent")
        if published.version != release.version:
            line(f"The pack here is another release, {release.version}: publish it without --if-none to change that.")
        return
    if not published.is_dry_run:
        line(f"{published.version}: published, in force from {since}")
        return
    line(f"{published.version}: {published.records} records would be sent, in force from {since}; nothing was sent")
    if published.replaces is None:
        line(f"{published.territory} has no release in force then.")
    else:
        pack = published.version.partition("@")[0]
        line(f"See what changes: guichet directory diff {published.replaces} {pack}")
        line(f"See which recorded requests would move: guichet directory what-if {pack} --since 30d")
