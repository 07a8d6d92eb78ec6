"""How does a release reach every service, once?"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from libs.delivery.errors import Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events, withdrawal_event
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


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A territory that takes no more requests. `version` was in force until then; None when nothing was."""

    territory: str
    version: str | None
    effective_from: datetime
    coming: tuple[str, ...]
    """Releases that begin later: with the first of them the territory takes requests again."""
    is_dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "territory": self.territory,
            "version": self.version,
            "effective_from": self.effective_from.isoformat(),
            "withdrawn": self.version is not None and not self.is_dry_run,
            "coming": list(self.coming),
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
    published since, or the whole territory; the answer then names the one in force, or the last one.
    """
    now = datetime.now(UTC)
    since = _not_past(effective_from, now)
    settings = settings_for(system)
    territory = release.territory.code
    try:
        async with present_releases(settings) as releases:
            current = releases.in_force(territory, since)
            known = [each.version for each in releases.announced() if each.territory == territory]
        replaces = current.version if current else None
        if replaces == release.version or (only_if_none and known):
            return Published(territory, replaces or known[-1], since, is_new=False, records=0, replaces=replaces)
        events = release_events(release, since, now)
        if not is_dry_run:
            await _send(settings, events)
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer ({error or 'no end of the topic'}); is it up?") from error
    return Published(territory, release.version, since, True, len(events), replaces, is_dry_run)


async def withdraw_territory(
    system: Addresses, territory: str, effective_from: datetime | None, *, is_dry_run: bool = False
) -> Withdrawn:
    """Take no more requests for a territory. `WrongUse` when it has no release, `Away` when Kafka is."""
    now = datetime.now(UTC)
    since = _not_past(effective_from, now)
    settings = settings_for(system)
    try:
        async with present_releases(settings) as releases:
            if territory not in releases.territories():
                known = ", ".join(releases.territories()) or "none"
                raise WrongUse(f"There is no territory “{territory}” here; there are: {known}.")
            current = releases.in_force(territory, since)
            coming = [
                each for each in releases.announced() if each.territory == territory and each.effective_from > since
            ]
        if current is not None and not is_dry_run:
            await _send(settings, [withdrawal_event(territory, since, now)])
    except (Unavailable, TimeoutError) as error:
        raise Away(f"Kafka at {system.kafka} does not answer ({error or 'no end of the topic'}); is it up?") from error
    version = current.version if current else None
    return Withdrawn(territory, version, since, tuple(each.version for each in coming), is_dry_run)


def moment_in(text: str | None, zone: tzinfo) -> datetime | None:
    """A moment as somebody types it; without a zone it is of this one. None for now."""
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise WrongUse(f"“{text}” is no moment; write it as 2027-01-01 or 2027-01-01T06:00.") from error
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=zone)


def _not_past(effective_from: datetime | None, now: datetime) -> datetime:
    since = (effective_from or now).astimezone(UTC)
    if since < now - PAST_MAX:
        raise WrongUse(f"{since.isoformat()} is past: requests of that time are decided already. Name a later moment.")
    return since


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
