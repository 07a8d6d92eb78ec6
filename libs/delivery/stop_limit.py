"""When was too much of one topic given up to go on with it? A bad release must not drain it into the bin."""

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from libs.events.topics import OTHER_SYSTEMS, TOPICS

WINDOW_SECONDS = 60.0
SOURCES_MAX = 1000  # senders told apart within the window; what comes from further ones is counted as one sender's
OURSELVES = None  # the source of what failed by a bug of ours, whoever sent it
OTHERS = "(others)"
NOBODY: Mapping[str | None, int] = {}

Source = str | None


@dataclass(frozen=True, slots=True)
class StopLimits:
    """At either limit the topic rests: nothing of it is handled, given up or committed; the other topics go on.

    The share counts only once `handled_min` events were seen within the window, so that a handful of bad events among
    few others stops nothing. A rest takes `rest_seconds_base`, twice as long each time, up to `rest_seconds_max`; a
    topic of which `in_a_row_max` events in between were done begins at the base again.
    """

    in_a_row_max: int = 1000
    share_max: float = 0.5
    handled_min: int = 1000
    rest_seconds_base: float = 60.0
    rest_seconds_max: float = 900.0


class StopLimit:
    """Counts what of one topic was handled and what was given up, by source, in a row and within the last minute.

    On an *open* topic, which other systems write, both limits are read without the one sender that gives most trouble:
    one sender alone never stops it, whatever it sends; a bad release, which refuses everybody, does. What failed by a
    bug counts in full, whoever sent it.
    """

    def __init__(
        self, limits: StopLimits, *, is_open: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._is_open = is_open
        self._clock = clock
        self._rests = 0
        self._done_since_rest = 0
        self._rest_until = 0.0
        self._forget()

    def _forget(self) -> None:
        self._window: deque[tuple[float, Mapping[Source, int], Mapping[Source, int]]] = deque()
        self._handled: Counter[Source] = Counter()
        self._given_up: Counter[Source] = Counter()
        self._in_a_row: Counter[Source] = Counter()
        self.reason: str | None = None

    def count(self, handled: Mapping[Source, int], given_up: Mapping[Source, int] = NOBODY) -> None:
        """Count one group of events by source; `given_up` are those of `handled` that become dead letters.

        Only a group with a failure can reach a limit.
        """
        now, total = self._clock(), sum(handled.values())
        handled, given_up = self._told_apart(handled), self._told_apart(given_up)
        self._window.append((now, handled, given_up))
        self._handled.update(handled)
        self._given_up.update(given_up)
        self._forget_before(now - WINDOW_SECONDS)
        failed = sum(given_up.values())
        if failed < total:
            self._in_a_row.clear()
            self._done_since_rest += total - failed
        self._in_a_row.update(given_up)
        if failed and self.reason is None and (reason := self._reason_to_rest()):
            self._rest(reason, now)

    def _told_apart(self, counted: Mapping[Source, int]) -> Mapping[Source, int]:
        if len(self._handled) + len(counted) <= SOURCES_MAX:
            return counted
        known: Counter[Source] = Counter()
        for source, number in counted.items():
            known[source if source is OURSELVES or source in self._handled else OTHERS] += number
        return known

    def _forget_before(self, since: float) -> None:
        while self._window and self._window[0][0] < since:
            _, handled, given_up = self._window.popleft()
            for total, past in ((self._handled, handled), (self._given_up, given_up)):
                total.subtract(past)
                for source in past:
                    if not total[source]:
                        del total[source]

    def _reason_to_rest(self) -> str | None:
        limits = self._limits
        in_a_row = _without(self._in_a_row, self._worst_sender(self._in_a_row))
        if in_a_row >= limits.in_a_row_max:
            return f"{in_a_row} events in a row were given up (limit {limits.in_a_row_max})"
        worst = self._worst_sender(self._given_up)
        handled, given_up = _without(self._handled, worst), _without(self._given_up, worst)
        if handled >= limits.handled_min and given_up > limits.share_max * handled:
            return f"{given_up} of {handled} events within {WINDOW_SECONDS:.0f} s were given up"
        return None

    def _worst_sender(self, given_up: Counter[Source]) -> str | None:
        """Who is left out of the reckoning; None: nobody."""
        if not self._is_open:
            return None
        return max((one for one in given_up if one is not OURSELVES), key=given_up.__getitem__, default=None)

    def _rest(self, reason: str, now: float) -> None:
        limits = self._limits
        if self._done_since_rest >= limits.in_a_row_max:
            self._rests = 0
        self.reason, self._done_since_rest = reason, 0
        self._rest_until = now + min(limits.rest_seconds_base * 2.0**self._rests, limits.rest_seconds_max)
        self._rests += 1

    @property
    def is_reached(self) -> bool:
        """Whether the topic rests."""
        return self.reason is not None

    @property
    def rest_seconds(self) -> float:
        """What is left of its rest."""
        return max(0.0, self._rest_until - self._clock()) if self.is_reached else 0.0

    def begin_again(self) -> bool:
        """End a rest that is over, with nothing counted; False while there is none that is."""
        if not self.is_reached or self.rest_seconds:
            return False
        self._forget()
        return True

    @property
    def offenders(self) -> dict[str, int]:
        """Of an open topic: the senders of whose events `in_a_row_max` or more were given up within the window."""
        given_up, at_least = self._given_up if self._is_open else NOBODY, self._limits.in_a_row_max
        return {one: number for one, number in given_up.items() if one is not OURSELVES and number >= at_least}


def is_open(topic: str) -> bool:
    """Whether others than our own services write it."""
    return topic in TOPICS and TOPICS[topic].writer == OTHER_SYSTEMS


def _without(counted: Counter[Source], sender: str | None) -> int:
    return counted.total() - (0 if sender is None else counted[sender])
