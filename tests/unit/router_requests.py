"""What does the router hear in its tests? Requests at places of the small territory of directory_packs.py."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.delivery.errors import Rejected
from libs.delivery.messages import Incoming, OutgoingRecord
from libs.directory import Release
from libs.events.cloudevents import decode, encode
from libs.events.envelope import Event
from libs.events.identity import make_event, reference_for, source_of
from libs.events.models import Place, RequestAccepted, RequestAssigned, RequestRefused, RequestStarted
from libs.events.topics import REQUESTS_ACCEPTED
from tests.unit.directory_packs import AT, SOUTH

REQUEST_ID = UUID("019ab0c2-7000-7000-8000-000000000001")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SEALED = "v1.AAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAA"


def accepted(request_id: UUID = REQUEST_ID, **changes: Any) -> RequestAccepted:
    """A pothole in Aval, unless something else is said."""
    fields = {
        "request_id": request_id,
        "reference": reference_for(request_id),
        "territory": "small",
        "service": "pothole",
        "place": {"lat": SOUTH + 0.01, "lon": 0.01},
        "language": "fr",
        "channel": "api",
        "source": "urn:test",
        "accepted_at": AT,
        "contact": SEALED,
        "contact_channels": ["email"],
        "answers": {"height_m": 2},
    }
    return RequestAccepted.model_validate(fields | changes)


def accepted_event(release: Release | None, time: datetime = AT, **changes: Any) -> Event:
    data = accepted(**changes)
    version = release.version if release else None
    return make_event(
        data,
        source=source_of("intake"),
        of=data.request_id,
        time=time,
        directory_version=version,
        traceparent=TRACE,
    )


def refused_event(release: Release, refusers: Sequence[str], was_assigned: bool | None = None, **changes: Any) -> Event:
    """“Not ours”, said by each of these."""
    data = RequestRefused(
        was_assigned=was_assigned,
        **_progress(accepted(**changes), refusers[-1]),
        reason="not ours",
        refusers=list(refusers),
        hops=len(refusers),
        accepted=accepted(**changes),
    )
    return _progressed(release, data)


def assigned_event(
    release: Release, department: str, note: str | None = None, previous: str | None = None, **changes: Any
) -> Event:
    """A person gave it to this department."""
    given = accepted(**changes)
    data = RequestAssigned(
        **_progress(given, department), refusers=[], hops=0, accepted=given, note=note, previous=previous
    )
    return _progressed(release, data)


def started_event(release: Release) -> Event:
    return _progressed(release, RequestStarted(**_progress(accepted(), "metro-voirie")))


def _progress(data: RequestAccepted, department: str) -> dict[str, Any]:
    names = ("request_id", "reference", "territory", "service", "language", "contact", "contact_channels")
    return {name: getattr(data, name) for name in names} | {
        "department": department,
        "by": "test",
        "at": AT + timedelta(hours=1),
    }


def _progressed(release: Release, data: Any) -> Event:
    time = AT + timedelta(hours=1)
    return make_event(
        data, source=source_of("intake"), of=data.request_id, time=time, directory_version=release.version
    )


def incoming(event: Event, topic: str = REQUESTS_ACCEPTED, offset: int = 0) -> Incoming:
    record = encode(event)
    return Incoming(event, topic, 0, offset, record.key, record.value, record.headers, 1)


def somewhere(municipality_code: str) -> Place:
    return Place(municipality_code=municipality_code)


class ShelfOfReleases:
    """The releases that were published, without Kafka."""

    def __init__(self, *releases: Release) -> None:
        self._by_version = {release.version: release for release in releases}

    async def require(self, version: str) -> Release:
        if version not in self._by_version:
            raise Rejected(f"release {version} is unknown", slug="unknown-release")
        return self._by_version[version]


class Press:
    """Keeps what was published; raises `trouble` instead when there is some."""

    def __init__(self) -> None:
        self.published: list[Event] = []
        self.trouble: Exception | None = None

    async def publish_records(self, records: Sequence[OutgoingRecord]) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.published += [decode(record.value, record.headers) for record in records]
