"""What came of an attempt, and what follows from it: sent, failed, in doubt, or once more later? Pure functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from services.notifier.rules import ChannelName

State = Literal["planned", "sent", "failed", "indeterminate", "superseded"]
UnknownOutcome = Literal["hold", "resend"]
FINAL: tuple[State, ...] = ("sent", "failed", "indeterminate", "superseded")

MINUTE, HOUR = 60.0, 3600.0

# Seconds before the next attempt, after the first, the second and so on; then we give up, loudly.
RETRY_SECONDS: Mapping[ChannelName, Sequence[float]] = MappingProxyType(
    {
        # The first steps cover a relay that restarts, and greylisting (a refusal for some minutes, to see who comes
        # back); the last make four days, because RFC 5321 (4.5.4.1) expects mail to be tried for that long.
        "email": (5, 30, 2 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, *[12 * HOUR] * 7),
        # The schedule that Standard Webhooks recommends: ten attempts in 75 hours and 35 minutes, over a weekend.
        "webhook": (5, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR),
    }
)
JITTER = 0.2  # of the delay, added: what failed together must not come back together
# How long a destination that is away is left alone, after one failure in a row, two and so on.
PAUSE_SECONDS: Sequence[float] = (1, 2, 5, 10, 30, MINUTE)
RETRY_AFTER_SECONDS_MAX = 24 * HOUR  # a receiver may ask for patience, not for silence until the schedule is forgotten


@dataclass(frozen=True, slots=True)
class Delivered:
    """The next system took it over."""


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not taken, and known not to be. `is_away`: nothing else goes there for the moment either. `is_doubtful`: the
    refusal may be about this letter, or about us."""

    reason: str
    retry_after_seconds: float | None = None
    is_away: bool = False
    is_doubtful: bool = False

    @property
    def may_be_ours(self) -> bool:
        """Whether another letter might have been refused as well."""
        return self.is_away or self.is_doubtful


@dataclass(frozen=True, slots=True)
class Refused:
    """It will never be taken. `is_gone`: nothing else will be taken there either."""

    reason: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was handed over and the answer is missing: it may have arrived."""

    reason: str


@dataclass(frozen=True, slots=True)
class Untried:
    """We stopped before its turn: it counts as no attempt."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """A later notice to the same person says all that this one would: it is not sent, and nobody is told so."""


Answer = Delivered | Deferred | Refused | Unknown | Untried | Superseded


@dataclass(frozen=True, slots=True)
class Settlement:
    """What becomes of the notice; `delay_seconds` is set when it is planned again."""

    state: State
    reason: str | None = None
    delay_seconds: float | None = None
    is_attempt: bool = True


def settle(
    channel: ChannelName,
    attempts: int,
    answer: Answer,
    unknown: UnknownOutcome,
    random: float,
    *,
    relay_serves: bool = True,
) -> Settlement:
    """`attempts` includes the one that was answered; `random` is drawn evenly from 0 to 1.

    A mail is given up only for its own sake: while the relay takes nothing from anybody, an attempt does not count.
    """
    match answer:
        case Delivered():
            return Settlement("sent")
        case Refused(reason=reason):
            return Settlement("failed", reason)
        case Untried():
            return Settlement("planned", delay_seconds=0.0, is_attempt=False)
        case Superseded():
            return Settlement("superseded", is_attempt=False)
        case Unknown(reason=reason):
            if channel == "email" and unknown == "hold":
                return Settlement("indeterminate", reason)
            return _again(channel, attempts, reason, None, random)  # receivers of webhooks drop an id they have seen
        case Deferred(reason=reason, retry_after_seconds=retry_after):
            if channel == "email" and answer.may_be_ours and not relay_serves:
                last = min(attempts, len(RETRY_SECONDS[channel]))
                return replace(_again(channel, last, reason, retry_after, random), is_attempt=False)
            return _again(channel, attempts, reason, retry_after, random)


def _again(channel: ChannelName, attempts: int, reason: str, retry_after: float | None, random: float) -> Settlement:
    schedule = RETRY_SECONDS[channel]
    if attempts > len(schedule):
        return Settlement("failed", f"{reason}; given up after {attempts} attempts")
    asked = min(retry_after or 0.0, RETRY_AFTER_SECONDS_MAX)
    return Settlement("planned", reason, max(schedule[attempts - 1], asked) * (1 + JITTER * random))


def pause_seconds(failures: int, asked: float | None) -> float:
    """How long a destination is left alone after so many failures in a row, at least as long as it asked for."""
    step = PAUSE_SECONDS[min(failures, len(PAUSE_SECONDS) - 1)]
    return max(step, min(asked or 0.0, RETRY_AFTER_SECONDS_MAX))
