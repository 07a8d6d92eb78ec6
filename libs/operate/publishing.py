"""How does a release reach every service, once?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from libs.delivery.errors import Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.delivery.releases import Releases
from libs.directory import Release
from libs.events.envelope import Event
from libs.operate.broker import settings_for
from libs.operate.output import Away, WrongUse
from libs.operate.where import Addresses

CAUGHT_UP_SECONDS_MAX = 60.0  # the topic holds megabytes at most; after this Kafka is called away
POLL_SECONDS = 0.05
# Clocks differ, and compiling takes a while; earlier than this, requests are already decided by another release.
PAST_MAX = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Published:
    """Which release is in force from when, and whether this call sent it, or would have."""

    territory: str
    version: str
    effective_from: datetime
    is_new: bool
    records: int
    replaces: str | None = None
    """The release that is in force at that moment without this one."""
    is_dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "territory": self.territory,
            "version": self.version,
            "effective_from": self.effective_from.isoformat(),
            "published": self.is_new and not self.is_dry_run,
            "records": self.records,
            "replaces": self.replaces,
            "dry_run": self.is_dry_run,
        }


async def publish_release(
    system: Addresses,
    release: Release,
    effective_from: datetime | None,
    *,
    is_dry_run: bool = False,
    only_if_none: bool = False,
) -> Published:
    """Send a release, unless that version is the one in force then. `Away` when Kafka is.

    A dry run looks at the same things, and ends where the first record would be sent. `only_if_none`: not sent either
    when the territory has any release, so that a first start can be repeated without taking back what somebody
    published since; the answer then names the one in force.
    """
    now = datetime.now(UTC)
    since = (effective_from or now).astimezone(UTC)
    if since < now - PAST_MAX:
        raise WrongUse(f"{since.isoformat()} is past: requests of that time are decided already. Name a later moment.")
    settings = settings_for(system)
    territory = release.territory.code
    try:
        async with present_releases(settings) as releases:
            current = releases.in_force(territory, since)
        replaces = current.version if current else None
        if replaces is not None and (only_if_none or replaces == release.version):
            return Published(territory, replaces, since, is_new=False, records=0, replaces=replaces)
        events = release_events(release, since, now)
        if not is_dry_run:
            await _send(settings, events)
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer ({error or 'no end of the topic'}); is it up?") from error
    return Published(territory, release.version, since, True, len(events), replaces, is_dry_run)


@asynccontextmanager
async def present_releases(settings: KafkaSettings) -> AsyncIterator[Releases]:
    """The releases in the topic, read to its present end."""
    releases = Releases(settings)
    reading = asyncio.create_task(releases.run())
    try:
        async with asyncio.timeout(CAUGHT_UP_SECONDS_MAX):
            while not releases.is_ready:
                if reading.done():
                    reading.result()
                await asyncio.sleep(POLL_SECONDS)
        yield releases
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _send(settings: KafkaSettings, events: Sequence[Event]) -> None:
    publisher = Publisher(settings)
    try:
        await publisher.publish(events)
    finally:
        await publisher.stop()
