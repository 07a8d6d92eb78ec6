"""Do requests go elsewhere since a release is in force, by more than chance?

Two shares are compared, before and since: of requests that are held, and of each department's. A share has drifted when
all of these hold, so that neither a handful of requests nor a huge number of them cries wolf:

- both sides have at least `REQUESTS_MIN` requests;
- the shares are at least `DIFFERENCE_MIN` apart;
- Cohen's effect size h = |2 asin sqrt(p1) - 2 asin sqrt(p2)| is at least `EFFECT_MIN`, so that 30 % to 36 % is not one,
  and 1 % to 6 % is;
- the interval of the difference does not contain zero at `CONFIDENCE`, divided among all shares that are compared
  (Bonferroni). It is Newcombe's (1998, method 10): from the Wilson intervals of both shares, which hold up where a
  department had no request at all.

It does not know why: a season or a storm can be the reason as well as the release.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

REQUESTS_MIN = 100  # of fewer, a single evening decides
DIFFERENCE_MIN = 0.05
EFFECT_MIN = 0.2  # what Cohen calls small; less is not worth a person's look
CONFIDENCE = 0.999  # once in a thousand releases a drift is called that is none

HELD = None
Counts = Mapping[str | None, int]
"""Requests by the department that got them first; under `HELD` those for which a person must choose."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many requests of so many."""

    requests: int
    of: int

    @property
    def value(self) -> float:
        """Between 0 and 1."""
        return self.requests / self.of

    def wilson(self, z: float) -> tuple[float, float]:
        """The interval that is likely to hold the true share."""
        middle = self.value + z * z / (2 * self.of)
        half = z * math.sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of**2))
        scale = 1 + z * z / self.of
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"requests": self.requests, "of": self.of, "share": round(self.value, 4)}


@dataclass(frozen=True, slots=True)
class Drift:
    """One share that is not what it was. `department` is `HELD` for requests that nobody got."""

    department: str | None
    before: Share
    since: Share

    @property
    def difference(self) -> float:
        """More (+) or fewer (-) than before."""
        return self.since.value - self.before.value


def drifts(before: Counts, since: Counts) -> list[Drift]:
    """The largest first; none while either side has too few requests."""
    all_before, all_since = sum(before.values()), sum(since.values())
    if min(all_before, all_since) < REQUESTS_MIN:
        return []
    names = {*before, *since}
    z = NormalDist().inv_cdf(1 - (1 - CONFIDENCE) / (2 * len(names)))
    found = [
        Drift(name, Share(before.get(name, 0), all_before), Share(since.get(name, 0), all_since)) for name in names
    ]
    return sorted(
        (drift for drift in found if _matters(drift) and _is_no_chance(drift, z)),
        key=lambda drift: (-abs(drift.difference), drift.department or ""),
    )


def _matters(drift: Drift) -> bool:
    before, since = (2 * math.asin(math.sqrt(share.value)) for share in (drift.before, drift.since))
    return abs(drift.difference) >= DIFFERENCE_MIN and abs(since - before) >= EFFECT_MIN


def _is_no_chance(drift: Drift, z: float) -> bool:
    """Whether Newcombe's interval lies on one side of zero."""
    low_before, high_before = drift.before.wilson(z)
    low_since, high_since = drift.since.wilson(z)
    below = math.hypot(drift.since.value - low_since, high_before - drift.before.value)
    above = math.hypot(high_since - drift.since.value, drift.before.value - low_before)
    return drift.difference - below > 0 or drift.difference + above < 0
