"""How are recorded requests decided by a candidate, and by the releases that decided about them, without any effect?"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.releases import Releases
from libs.directory import Release
from libs.directory.what_if import Comparison, Recorded
from libs.operate.broker import settings_for
from libs.operate.output import Away
from libs.operate.publishing import present_releases
from libs.operate.what_if.erased import Erasures, erasures
from libs.operate.what_if.recorded import Asked, Progress, Read, ids_of, recorded
from libs.operate.where import Addresses


@dataclass(slots=True)
class WhatIf:
    """What was read, and what the candidate would do with it. read = compared by rules + in hands + skipped."""

    since: datetime
    comparison: Comparison
    read: Read = field(default_factory=Read)
    releases: dict[str, int] = field(default_factory=dict)
    """How many requests each release decided about."""
    erased_are_known: bool = False


async def what_if(system: Addresses, candidate: Release, since: datetime, progress: Progress) -> WhatIf:
    """Reads and decides; changes nothing. `Away` when Kafka is, or a database that is named."""
    settings = settings_for(system)
    found = WhatIf(since, Comparison(candidate))
    try:
        async with erasures(system.dsn) as gone, present_releases(settings) as releases:
            found.erased_are_known = gone.are_known
            await _compare(settings, found, releases, gone, progress)
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer ({error or 'no end of the topic'}); is it up?") from error
    return found


async def _compare(
    settings: KafkaSettings, found: WhatIf, releases: Releases, gone: Erasures, progress: Progress
) -> None:
    territory = found.comparison.candidate.territory.code
    async for batch in recorded(settings, territory, found.since, found.read, progress):
        erased = await gone.among(ids_of(batch))
        found.read.skipped["erased"] += len(erased)
        for version, group in _by_release(batch).items():
            kept = [one for one in group if one.request_id not in erased]
            release = await _release(releases, version, territory)
            if release is None:
                found.read.skipped["undecidable"] += len(kept)
            elif kept:
                found.releases[version] = found.releases.get(version, 0) + len(kept)
                found.comparison.add(release, kept)
        await asyncio.sleep(0)  # deciding keeps the loop busy; what Kafka sent meanwhile is taken in


async def _release(releases: Releases, version: str, territory: str) -> Release | None:
    """None for one that is not published, or is another territory's: then the router gave up on the request too."""
    try:
        release = await releases.require(version)
    except Rejected:
        return None
    return release if release.territory.code == territory else None


def _by_release(batch: Sequence[Asked]) -> dict[str, list[Recorded]]:
    groups: dict[str, list[Recorded]] = {}
    for asked in batch:
        groups.setdefault(asked.release, []).append(asked.recorded)
    return groups
