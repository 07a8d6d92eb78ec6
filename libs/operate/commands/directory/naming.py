"""How does a command name a release: a pack to compile, a published version, or whatever is in force?"""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from libs.delivery.errors import Rejected, Unavailable
from libs.directory import Release
from libs.operate.broker import settings_for
from libs.operate.commands.directory.compiling import compiled, in_one_line
from libs.operate.output import Away, Stopped, WrongUse, counted, say
from libs.operate.packs import find_pack
from libs.operate.publishing import present_releases
from libs.operate.where import find_system

IN_FORCE = "in-force"  # TERRITORY@in-force: the release that decides at this moment
Which = Annotated[
    str,
    typer.Argument(help="A pack (folder or name), a published version (town@0123456789abcdef), or town@in-force."),
]


def is_version(which: str) -> bool:
    """Whether this names something that was published; a folder may have such a name, too."""
    return "@" in which and not Path(which).is_dir()


def release_named(which: str) -> Release:
    """A pack is compiled, and may have findings; a version is read from the topic of releases."""
    if is_version(which):
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
        raise WrongUse(f"{error.message}; versions are listed by `guichet directory list`.") from error
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer; is it up?") from error
    if found is None:
        raise WrongUse(f"{territory} has no release in force; what there is: guichet directory list.")
    return found
