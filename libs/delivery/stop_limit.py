"""When have we given up too often to go on? A bad release must not drain a topic into the bin."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class StopLimits:
    """At either limit the consumer stops, commits nothing more, and the process says that it is not alive.

    The share counts only once `handled_min` events were seen within the window, so that one sender's handful of bad
    events among few others stops nobody.
    """

    in_a_row_max: int = 1000
    share_max: float = 0.5
    handled_min: int = 1000


class StopLimit:
    """Counts what was handled and what was given up, in a row and within the last minute."""

    def __init__(self, limits: StopLimits, clock: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._clock = clock
        self._window: deque[tuple[float, int, int]] = deque()
        self._handled = 0
        self._given_up = 0
        self.in_a_row = 0
        self.reason: str | None = None

    def count(self, *, handled: int, given_up: int) -> None:
        """Count one group of events, of which `given_up` were dead-lettered. Sets `reason` at a limit, for good."""
        now = self._clock()
        self._window.append((now, handled, given_up))
        self._handled += handled
        self._given_up += given_up
        while self._window and self._window[0][0] < now - WINDOW_SECONDS:
            _, old_handled, old_given_up = self._window.popleft()
            self._handled -= old_handled
            self._given_up -= old_given_up
        self.in_a_row = self.in_a_row + given_up if given_up == handled else given_up
        self.reason = self.reason or self._reason()

    def _reason(self) -> str | None:
        limits = self._limits
        if self.in_a_row >= limits.in_a_row_max:
            return f"{self.in_a_row} events in a row were given up (limit {limits.in_a_row_max})"
        if self._handled >= limits.handled_min and self._given_up > limits.share_max * self._handled:
            return f"{self._given_up} of {self._handled} events within {WINDOW_SECONDS:.0f} s were given up"
        return None

    @property
    def is_reached(self) -> bool:
        return self.reason is not None
