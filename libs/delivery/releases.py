"""Which releases of the directory are there, and which one is in force? Read from their topic; kept in memory."""

import asyncio
import gc
from collections import OrderedDict
from datetime import UTC, datetime

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from libs.delivery.backoff import Backoff
from libs.delivery.errors import KafkaAway, Rejected, Unavailable
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_reader, within
from libs.delivery.messages import Headers
from libs.delivery.release_again import PARTITION, POLL_MS, read_again
from libs.delivery.release_parts import Assembly, Packed
from libs.directory import Release
from libs.events.cloudevents import decode
from libs.events.directory import DirectoryPublished
from libs.events.envelope import InvalidEvent
from libs.events.topics import DIRECTORY_PUBLISHED

log = structlog.get_logger(__name__)

PARSED_MAX = 8  # more are not asked for at once; the others stay compressed, and are parsed again when they are
# Of their contents together. Parsed they take five times that, so a country's (57 MB) is kept with one other, and a
# métropole's (1 MB) with seven. The one asked for last is kept however large it is.
PARSED_BYTES_MAX = 128 * 1024 * 1024
# Of all that stay compressed; what is in force or coming stays in any case, and the others are read from their topic
# again when somebody asks. A country's take 12 MB, a métropole's 0.2 MB.
PACKED_BYTES_MAX = 64 * 1024 * 1024
AGAIN_SECONDS = 1.0  # when to ask again for one that is being read
REQUIRE_SECONDS_MAX = 20.0  # reading to the topic's end takes milliseconds; after this Kafka is called away


class Releases:
    """Every release in the topic. Each process reads all of it, without a group, and again after each start."""

    def __init__(self, settings: KafkaSettings) -> None:
        self._settings = settings
        self._assembly = Assembly()
        self._parsed: OrderedDict[str, Release] = OrderedDict()
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._position = 0
        self._progress = asyncio.Condition()
        self._reader: AIOKafkaConsumer | None = None
        self.is_ready = False

    async def run(self) -> None:
        """Read for ever; begin again from the start of the topic whenever Kafka was away."""
        backoff = Backoff(base_seconds=0.2, max_seconds=5.0)
        while True:
            reader = make_reader(self._settings)
            try:
                async with asyncio.timeout(self._settings.admin_seconds_max):
                    await reader.start()
                reader.assign([PARTITION])
                await reader.seek_to_beginning(PARTITION)
                self._reader = reader
                backoff.reset()
                await self._read(reader)
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("directory_waits", error=repr(error))
            finally:
                self._reader = None
                await within(STOP_SECONDS_MAX, reader.stop(), "the directory's reader")
            await asyncio.sleep(backoff.next_seconds())

    async def _read(self, reader: AIOKafkaConsumer) -> None:
        while True:
            if not self.is_ready:
                end = await self._present_end(reader)
            records = await reader.getmany(timeout_ms=POLL_MS)
            for record in records.get(PARTITION, ()):
                self._take(record.value, record.headers, record.offset)
            position = await reader.position(PARTITION)
            if not self.is_ready and position >= end:
                self.all_in_force(datetime.now(UTC))  # those are asked for first; others when somebody asks
            async with self._progress:
                self._position = position
                self.is_ready = self.is_ready or position >= end
                self._progress.notify_all()

    async def _present_end(self, reader: AIOKafkaConsumer) -> int:
        async with asyncio.timeout(self._settings.admin_seconds_max):
            ends = await reader.end_offsets([PARTITION])
        return int(ends[PARTITION])

    def _take(self, value: bytes | None, headers: Headers, offset: int) -> None:
        try:
            packed = self._assembly.add(decode(value, headers).data, offset)
            if packed is not None:
                self._let_go(datetime.now(UTC))
                if self.is_ready and packed.content is not None:
                    self.get(packed.version)
                log.info("release_arrived", version=packed.version, effective_from=packed.effective_from.isoformat())
        except InvalidEvent as error:
            log.warning("directory_record_ignored", slug=error.slug)
        except Rejected as error:
            log.error("release_refused", slug=error.slug, reason=error.message)

    def get(self, version: str) -> Release | None:
        """The release of this version, if it was read; one that is not among the last few is parsed again.

        Raises `Unavailable` while it is read from the topic again.
        """
        release = self._parsed.get(version)
        if release is not None:
            self._parsed.move_to_end(version)
            return release
        if self._is_let_go_of(version):
            self._read_again(version)
            message = f"release {version} is being read again"
            raise Unavailable(message, slug="directory-away", retry_after_seconds=AGAIN_SECONDS)
        packed = self._assembly.packed.get(version)
        return self._parsed_from(packed) if packed is not None else None

    def _is_let_go_of(self, version: str) -> bool:
        """Neither parsed nor compressed is it here, and yet it is in the topic."""
        packed = self._assembly.packed.get(version)
        return version not in self._parsed and packed is not None and packed.content is None

    def _parsed_from(self, packed: Packed) -> Release:
        release = self._parsed[packed.version] = self._parse(packed)
        self._parsed.move_to_end(packed.version)
        self._forget()
        return release

    def _let_go(self, now: datetime) -> None:
        """Of compressed releases that are past, when all together are too many."""
        if self._assembly.content_bytes <= PACKED_BYTES_MAX:
            return
        needed = {packed.version for packed in self._assembly.packed.values() if packed.effective_from > now}
        needed |= {begun[0].version for territory in self.territories() if (begun := self._begun(territory, now))}
        dropped = self._assembly.let_go(needed, PACKED_BYTES_MAX)
        if dropped:
            log.info("releases_let_go", versions=dropped)

    def _read_again(self, version: str) -> asyncio.Task[None]:
        """One at a time for each release, whoever asks."""
        task = self._reading.get(version)
        if task is None:
            packed = self._assembly.packed[version]
            task = self._reading[version] = asyncio.create_task(self._bring_back(packed))
            task.add_done_callback(lambda done: self._heard(version, done))
        return task

    async def _bring_back(self, packed: Packed) -> None:
        self._parsed_from(await read_again(self._settings, packed))

    def _heard(self, version: str, done: asyncio.Task[None]) -> None:
        del self._reading[version]
        if not done.cancelled() and (error := done.exception()):
            log.warning("release_not_read_again", version=version, error=repr(error))

    def _forget(self) -> None:
        """Let go of what was asked for longest ago, until the rest fits; what was just parsed is last and stays."""
        while len(self._parsed) > 1 and not self._fits():
            self._parsed.popitem(last=False)

    def _fits(self) -> bool:
        content_bytes = sum(len(release.to_bytes()) for release in self._parsed.values())
        return len(self._parsed) <= PARSED_MAX and content_bytes <= PARSED_BYTES_MAX

    def _parse(self, packed: Packed) -> Release:
        """Raises `Rejected`, and forgets the release: half of a directory must not decide anything."""
        try:
            release = Release.from_bytes(packed.unpack())
        except Rejected:
            del self._assembly.packed[packed.version]
            raise
        except ValueError as error:
            del self._assembly.packed[packed.version]
            raise Rejected(f"release {packed.version} cannot be read: {error}", slug="release-unreadable") from error
        # A country's holds a million objects, none of them in circles: the collector need not walk through them.
        gc.freeze()
        return release

    async def require(self, version: str) -> Release:
        """The release of this version; reads to the topic's present end before saying that there is none.

        Raises `Rejected` when the topic does not hold it, `Unavailable` when the topic cannot be read.
        """
        release = await self._awaited(version)
        if release is None:
            await self._caught_up()
            release = await self._awaited(version)
        if release is None:
            raise Rejected(f"release {version} is not in {DIRECTORY_PUBLISHED}", slug="unknown-release")
        return release

    async def _awaited(self, version: str) -> Release | None:
        if self._is_let_go_of(version):
            await asyncio.shield(self._read_again(version))
        return self.get(version)

    async def _caught_up(self) -> None:
        if self._reader is None:
            raise KafkaAway(f"{DIRECTORY_PUBLISHED} cannot be read")
        try:
            async with asyncio.timeout(REQUIRE_SECONDS_MAX), self._progress:
                end = await self._present_end(self._reader)
                await self._progress.wait_for(lambda: self._position >= end)
        except (KafkaError, OSError, TimeoutError) as error:
            raise KafkaAway(f"{DIRECTORY_PUBLISHED} cannot be read to its end") from error

    def in_force(self, territory: str, at: datetime) -> Release | None:
        """The release that new requests are accepted under; None too where the territory was withdrawn since it began.

        Raises `Unavailable` as `latest` does.
        """
        return None if self.is_withdrawn(territory, at) else self.latest(territory, at)

    def is_withdrawn(self, territory: str, at: datetime) -> bool:
        """Whether it takes no requests at that moment. A release that begins after the withdrawal takes it back."""
        withdrawn = self._assembly.withdrawn.get(territory)
        if withdrawn is None or withdrawn.effective_from > at:
            return False
        last = next(iter(self._begun(territory, at)), None)
        ended = (withdrawn.effective_from, withdrawn.withdrawn_at)
        return last is None or (last.effective_from, last.published_at) <= ended

    def latest(self, territory: str, at: datetime) -> Release | None:
        """The release that began last, at or before `at`; of several that began together the one published last.

        For what was accepted already, a withdrawn territory has one too. Raises `Unavailable` while one that is long
        past is read from the topic again.
        """
        for packed in self._begun(territory, at):
            try:
                return self.get(packed.version)
            except Rejected as error:
                log.error("release_refused", slug=error.slug, reason=error.message)
        return None

    def began(self, territory: str, at: datetime) -> tuple[str, datetime] | None:
        """Which release is in force at that moment, and since when; it is not parsed."""
        begun = self._begun(territory, at)
        return (begun[0].version, begun[0].effective_from) if begun else None

    def _begun(self, territory: str, at: datetime) -> list[Packed]:
        """The one in force first, then the one that it took over from, and so on."""
        begun = [each for each in self._of(territory) if each.effective_from <= at]
        return sorted(begun, key=lambda each: (each.effective_from, each.published_at), reverse=True)

    def _of(self, territory: str) -> list[Packed]:
        return [each for each in self._assembly.packed.values() if each.territory == territory]

    def announced(self) -> list[DirectoryPublished]:
        """Every release in the topic, in the order in which they begin."""
        found = (each.announced for each in self._assembly.packed.values())
        return sorted(found, key=lambda each: (each.territory, each.effective_from, each.published_at))

    def served(self, at: datetime) -> list[str]:
        """The territories that were not withdrawn."""
        return [territory for territory in self.territories() if not self.is_withdrawn(territory, at)]

    def territories(self) -> list[str]:
        """Those that have a release, withdrawn ones among them: their requests are worked on."""
        return sorted({each.territory for each in self._assembly.packed.values()})

    def all_in_force(self, at: datetime) -> list[Release]:
        """One for each territory that takes requests, by territory."""
        found = (self.in_force(territory, at) for territory in self.territories())
        return [release for release in found if release is not None]

    def all_latest(self, at: datetime) -> list[Release]:
        """One for each territory that has one, also where it takes no more requests."""
        found = (self.latest(territory, at) for territory in self.territories())
        return [release for release in found if release is not None]
