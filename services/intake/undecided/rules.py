"""Which requests are accounted for, how is a loss told, and which are announced again? Pure functions."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED

NAMED_MAX = 20  # requests named in an alarm and in the log; the command lists all
QUESTION_TOPICS = (REQUESTS_ACCEPTED, REQUESTS_PROGRESSED)
DEAD_TOPIC_HEADER = "guichet-dead-topic"

Key = tuple[UUID, UUID, datetime | None]
"""One asking of the router: request, the event that asked, and when it was announced again."""
Fate = Literal["on its way", "dead", "lost"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request without a decision, and since when."""

    request_id: UUID
    cause: UUID
    since: datetime
    announced_at: datetime | None

    @property
    def key(self) -> Key:
        return self.request_id, self.cause, self.announced_at


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Who was undecided at one moment of the database."""

    snapshot: str
    asked: Mapping[Key, Asked]


@dataclass(frozen=True, slots=True)
class Undecided:
    """The same for people. `is_known`: it can be announced again, as the event that asks is still here."""

    request_id: UUID
    cause: UUID
    since: datetime
    announced_at: datetime | None
    reference: str
    territory: str
    is_known: bool

    @property
    def key(self) -> Key:
        return self.request_id, self.cause, self.announced_at


@dataclass(frozen=True, slots=True)
class Found:
    """What the last look found out: who has a dead letter, and who is nowhere."""

    dead: frozenset[Key] = frozenset()
    lost: Mapping[Key, Asked] = field(default_factory=dict)

    def fate(self, key: Key) -> Fate:
        return "dead" if key in self.dead else "lost" if key in self.lost else "on its way"


def cause_in(headers: Iterable[tuple[str, bytes | None]]) -> tuple[str, str] | None:
    """Which asking a dead letter is about: the request's key is beside it. None for what asks and answers nothing.

    The router's dead letter is the question itself, intake's the answer to it.
    """
    found = {name: (value or b"").decode("utf-8", "replace") for name, value in headers}
    topic = found.get(DEAD_TOPIC_HEADER)
    if topic in QUESTION_TOPICS:
        return found.get("ce_subject", ""), found.get("ce_id", "")
    if topic == REQUESTS_ROUTED:
        return found.get("ce_subject", ""), found.get("ce_causationid", "")
    return None


def sums(counts: Mapping[str, int], still: Collection[Key], found: Found) -> dict[str, int]:
    """accepted = routed + held + dead + in flight + balance; `still` are those of `found` that are undecided yet.

    Each undecided request is counted once, so no error of one kind can hide one of another.
    """
    dead = sum(1 for key in still if key in found.dead)
    lost = sum(1 for key in still if key in found.lost)
    return {
        **{name: counts[name] for name in ("accepted", "routed", "held")},
        "dead": dead,
        "in_flight": counts["undecided"] - dead - lost,
        "balance": lost,
    }


def alarms(lost: Collection[Asked]) -> list[dict[str, Any]]:
    """As /status and the log show it: one alarm for all that are lost."""
    if not lost:
        return []
    ordered = sorted(lost, key=lambda one: one.since)
    return [
        {
            "kind": "requests-lost",
            "requests": len(ordered),
            "since": ordered[0].since.isoformat(),
            "request_ids": [str(one.request_id) for one in ordered[:NAMED_MAX]],
        }
    ]


def to_announce(page: Sequence[Undecided], found: Found, *, all_of_them: bool) -> list[UUID]:
    """Those that are nowhere; with `all_of_them` also dead ones and those that are on their way."""
    return [one.request_id for one in page if all_of_them or found.fate(one.key) == "lost"]
