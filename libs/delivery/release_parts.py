"""How does a release of the directory fit into records of less than a megabyte? Compressed and cut into parts."""

import base64
import hashlib
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from libs.delivery.errors import Rejected
from libs.directory import Release
from libs.events.directory import SLICE_BYTES_MAX, DirectoryPart, DirectoryPublished, DirectoryWithdrawn
from libs.events.envelope import Event, EventData
from libs.events.identity import id_at, make_event, source_of

RELEASE_BYTES_MAX = 256 * 1024 * 1024  # unpacked; a record that unpacks to more is an attack or an accident
COMPRESSION = 9  # a release is written once and read by every process


@dataclass(frozen=True, slots=True)
class Packed:
    """One complete release, still compressed. `content` is None once it was let go of; the topic still holds it."""

    announced: DirectoryPublished
    content: bytes | None
    parts: range
    """The offsets between which its parts stand in the topic, among others."""

    @property
    def territory(self) -> str:
        return self.announced.territory

    @property
    def version(self) -> str:
        return self.announced.version

    @property
    def effective_from(self) -> datetime:
        return self.announced.effective_from

    @property
    def published_at(self) -> datetime:
        return self.announced.published_at

    def unpack(self) -> bytes:
        """Raises `Rejected` when this is not what was packed."""
        assert self.content is not None, "read it again before"
        unzip = zlib.decompressobj()
        try:
            content = unzip.decompress(self.content, RELEASE_BYTES_MAX)
        except zlib.error as error:
            raise Rejected(f"release {self.version} does not unpack: {error}", slug="release-damaged") from error
        if unzip.unconsumed_tail or not unzip.eof:
            raise Rejected(f"release {self.version} does not unpack", slug="release-damaged")
        return content


class Assembly:
    """Puts releases together from their parts, in whatever order compaction left them."""

    def __init__(self) -> None:
        self.packed: dict[str, Packed] = {}
        self.withdrawn: dict[str, DirectoryWithdrawn] = {}
        self._parts: dict[str, dict[int, tuple[int, bytes]]] = {}
        self._announced: dict[str, DirectoryPublished] = {}

    def add(self, data: EventData, offset: int) -> Packed | None:
        """Returns the release that this record completes, if it does. Raises `Rejected` when its hash differs."""
        if isinstance(data, DirectoryPart):
            self._parts.setdefault(data.version, {})[data.index] = (offset, base64.b64decode(data.content))
            return self._complete(data.version)
        if isinstance(data, DirectoryPublished):
            self._announced[data.version] = data
            return self._complete(data.version) or self._again(data)
        if isinstance(data, DirectoryWithdrawn):
            self.withdrawn[data.territory] = data
        return None

    def _complete(self, version: str) -> Packed | None:
        announced, parts = self._announced.get(version), self._parts.get(version, {})
        if announced is None or any(index not in parts for index in range(1, announced.parts + 1)):
            return None
        numbered = [parts[index] for index in range(1, announced.parts + 1)]
        offsets, content = [offset for offset, _ in numbered], b"".join(part for _, part in numbered)
        del self._parts[version]
        if hashlib.sha256(content).hexdigest() != announced.sha256:
            raise Rejected(f"release {version} does not have the hash it was announced with", slug="release-damaged")
        return self._keep(announced, content, range(min(offsets), max(offsets) + 1))

    def _again(self, data: DirectoryPublished) -> Packed | None:
        """The same release announced again, with another time from which it is in force."""
        known = self.packed.get(data.version)
        if known is None or known.published_at > data.published_at:
            return None
        return self._keep(data, known.content, known.parts)

    def _keep(self, announced: DirectoryPublished, content: bytes | None, parts: range) -> Packed:
        self.packed[announced.version] = packed = Packed(announced, content, parts)
        return packed

    @property
    def content_bytes(self) -> int:
        """Of all that are kept, together."""
        return sum(len(each.content or b"") for each in self.packed.values())

    def let_go(self, needed: Collection[str], bytes_max: int) -> list[str]:
        """Drop the contents of releases that nobody needs soon, the oldest first, until the rest fits."""
        excess, dropped = self.content_bytes - bytes_max, list[str]()
        for each in sorted(self.packed.values(), key=lambda packed: packed.effective_from):
            if excess > 0 and each.content is not None and each.version not in needed:
                excess -= len(each.content)
                self.packed[each.version] = replace(each, content=None)
                dropped.append(each.version)
        return dropped


def release_events(release: Release, effective_from: datetime, now: datetime) -> list[Event]:
    """What to publish, in this order: the parts, then the announcement that makes them a release."""
    packed = zlib.compress(release.to_bytes(), COMPRESSION)
    territory, version = release.territory.code, release.version
    slices = [packed[start : start + SLICE_BYTES_MAX] for start in range(0, len(packed), SLICE_BYTES_MAX)]

    def data() -> Iterator[EventData]:
        for index, part in enumerate(slices, start=1):
            content = base64.b64encode(part).decode()
            yield DirectoryPart(territory=territory, version=version, index=index, parts=len(slices), content=content)
        yield DirectoryPublished(
            territory=territory,
            version=version,
            effective_from=effective_from,
            published_at=now,
            parts=len(slices),
            bytes=len(packed),
            sha256=hashlib.sha256(packed).hexdigest(),
        )

    of = id_at(now, release.version.encode())
    return [make_event(each, source=source_of("directory"), of=of, time=now) for each in data()]


def withdrawal_event(territory: str, effective_from: datetime, now: datetime) -> Event:
    """What to publish when a territory is served no more."""
    data = DirectoryWithdrawn(territory=territory, effective_from=effective_from, withdrawn_at=now)
    return make_event(data, source=source_of("directory"), of=id_at(now, territory.encode()), time=now)
