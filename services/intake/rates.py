"""How much may one sender hand in? A token bucket each, in this process's memory.

Kept as one number a sender, the time at which the bucket will be full again (the generic cell rate algorithm): a bucket
that is full needs no entry, so that forgetting the longest silent one is right or errs in the sender's favour.
"""

from dataclasses import dataclass, field

ROUNDING_SECONDS = 1e-9  # sums of floats; far below any real wait
SENDERS_MAX = 50_000  # about 10 MB; past it the sender that was silent longest is forgotten


@dataclass(slots=True)
class Buckets:
    """Buckets by sender. All times are seconds of one monotonic clock."""

    _full_at: dict[str, float] = field(default_factory=dict)

    def take(self, sender: str, per_second: float, burst: int, now_seconds: float) -> float:
        """Take one token. Returns 0 when there was one, else after how many seconds there will be."""
        full_at = max(self._full_at.pop(sender, now_seconds), now_seconds) + 1 / per_second
        wait_seconds = full_at - now_seconds - burst / per_second
        if wait_seconds > ROUNDING_SECONDS:
            full_at -= 1 / per_second  # nothing was taken
        self._full_at[sender] = full_at
        if len(self._full_at) > SENDERS_MAX:
            del self._full_at[next(iter(self._full_at))]
        return wait_seconds if wait_seconds > ROUNDING_SECONDS else 0.0
