"""What came of the requests, in numbers?"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from libs.events import time_of


@dataclass(slots=True)
class Outcome:
    """What is known so far, from the answers at the door and from the topics; times in milliseconds since 1970."""

    planned: int
    accepted: dict[UUID, bool] = field(default_factory=dict)  # and whether the person left an e-mail address
    refused: Counter[str] = field(default_factory=Counter)
    routed_at: dict[UUID, int] = field(default_factory=dict)
    held_at: dict[UUID, int] = field(default_factory=dict)
    dead: set[UUID] = field(default_factory=set)
    notified_at: dict[UUID, int] = field(default_factory=dict)
    told: set[UUID] = field(default_factory=set)  # persons whose notice has an outcome, good or bad

    @property
    def is_answered(self) -> bool:
        """Whether the door has said yes or no to every request."""
        return len(self.accepted) + self.refused.total() >= self.planned

    def undecided(self) -> int:
        """Accepted, and neither routed nor held nor dead."""
        return sum(not self._is_decided(request) for request in self.accepted)

    def untold(self) -> int:
        """People who left an address and were not told who has their request."""
        return sum(
            has_email and request not in self.told and request not in self.dead
            for request, has_email in self.accepted.items()
        )

    def _is_decided(self, request: UUID) -> bool:
        return request in self.routed_at or request in self.held_at or request in self.dead

    def fields(self, seconds: float) -> dict[str, Any]:
        """The answer of `guichet demo --json`. Accepted = routed + held + dead + in flight."""
        routed = sum(request in self.routed_at for request in self.accepted)
        held = sum(request in self.held_at for request in self.accepted)
        return {
            "requests": self.planned,
            "accepted": len(self.accepted),
            "refused": self.refused.total(),
            "routed": routed,
            "held": held,
            "dead": sum(request in self.dead for request in self.accepted),
            "in_flight": self.undecided(),
            "seconds": round(seconds, 3),
            "accept_to_routed_ms": self._milliseconds(self.routed_at),
            "accept_to_notified_ms": self._milliseconds(self.notified_at),
        }

    def _milliseconds(self, at: Mapping[UUID, int]) -> dict[str, float | None]:
        waits = sorted(at[request] - time_of(request).timestamp() * 1000 for request in self.accepted if request in at)
        return {"p50": percentile(waits, 0.50), "p99": percentile(waits, 0.99)}


def percentile(ascending: Sequence[float], share: float) -> float | None:
    """The nearest rank: a value that occurred; None of nothing."""
    if not ascending:
        return None
    return round(ascending[max(0, math.ceil(share * len(ascending)) - 1)], 1)
