"""Which decisions are counted, which are compared, and how is a drift told? Pure functions."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from libs.directory.drift import HELD, Drift, drifts
from libs.events.envelope import Event
from libs.events.models import RequestHeld, RequestRouted
from services.intake.standing import Standing

BEFORE = timedelta(days=28)  # four weeks: every weekday as often as the others
SINCE = timedelta(days=7)  # after a week a difference is the season's as likely as the release's
KEPT = timedelta(days=60)  # longer than both together, so that what is compared is never half deleted
NOBODY = ""

Alarm = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a count belongs; `hour` is that of the acceptance. An empty department: held."""

    territory: str
    hour: datetime
    release: str
    department: str


@dataclass(frozen=True, slots=True)
class Counted:
    """How many requests of one release went to a department in one period."""

    release: str
    is_since: bool
    department: str
    requests: int


def is_first(standing: Standing) -> bool:
    """Whether the next decision is the first about this request: neither refused before, nor chosen by a person."""
    return standing.state == "accepted" and standing.hops == 0 and standing.assigned is None


def places_of(firsts: Iterable[Event]) -> Mapping[Place, int]:
    """Where these first decisions are counted. A decision has the time of the acceptance that it answers."""
    return Counter(place for event in firsts if (place := _place(event)) is not None)


def _place(event: Event) -> Place | None:
    data = event.data
    if not isinstance(data, RequestRouted | RequestHeld):
        return None
    party = data.decision.department if isinstance(data, RequestRouted) else None
    return Place(data.territory, whole_hour(event.time), data.decision.release, party.code if party else NOBODY)


def whole_hour(moment: datetime) -> datetime:
    """The hour that it is in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def is_watched(began: datetime, now: datetime) -> bool:
    """Whether a release that is in force since then is new enough to be compared with what was before."""
    return began <= now < began + SINCE


def compared(counted: Sequence[Counted], release: str) -> list[Drift]:
    """The drifts of a release. In the hour in which it began, its own requests are since and the others' before."""
    before: Counter[str | None] = Counter()
    since: Counter[str | None] = Counter()
    for one in counted:
        side = since if one.is_since and one.release == release else before
        side[one.department or HELD] += one.requests
    return drifts(before, since)


def alarm(territory: str, release: str, began: datetime, drift: Drift) -> Alarm:
    """As /status and the log show it; a `department` of None stands for requests that are held."""
    return {
        "kind": "drift",
        "territory": territory,
        "release": release,
        "in_force_since": began.isoformat(),
        "department": drift.department,
        "before": drift.before.as_dict(),
        "since": drift.since.as_dict(),
    }
