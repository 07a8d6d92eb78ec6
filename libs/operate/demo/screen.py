"""What does a person see while a demo runs, and at its end?"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from libs.events import time_of
from libs.events.models import RequestHeld, RequestRouted
from libs.operate.demo.figures import Outcome
from libs.operate.demo.follow import Follower
from libs.operate.output import STDERR, say

REDRAWS_PER_SECOND = 5
LINE_SECONDS = 5.0


@asynccontextmanager
async def shown(follower: Follower) -> AsyncIterator[None]:
    """A picture on a terminal; elsewhere (the log of a container, a pipe) a line of counters now and then."""
    if STDERR.is_terminal:
        with Live(Screen(follower), console=STDERR, refresh_per_second=REDRAWS_PER_SECOND, transient=True):
            yield
        return
    speaking = asyncio.create_task(_speak(follower.outcome))
    try:
        yield
    finally:
        speaking.cancel()


async def _speak(outcome: Outcome) -> None:
    while True:
        await asyncio.sleep(LINE_SECONDS)
        say(counters(outcome))


def counters(outcome: Outcome) -> str:
    """How far it is, in one line; the same figures as the bars."""
    accepted, refused, undecided = len(outcome.accepted), outcome.refused.total(), outcome.undecided()
    with_email = sum(outcome.accepted.values())
    return (
        f"{accepted + refused} of {outcome.planned} answered: {accepted} accepted, {refused} refused; "
        f"{accepted - undecided} decided, {undecided} in flight; {with_email - outcome.untold()} of {with_email} told"
    )


class Screen:
    """Bars and the latest decisions, drawn anew at each look."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._bars = Progress(TextColumn("{task.description:<10}"), BarColumn(40), MofNCompleteColumn())
        self._tasks = {name: self._bars.add_task(name) for name in ("answered", "decided", "told")}

    def __rich__(self) -> RenderableType:
        outcome = self._follower.outcome
        accepted, with_email = len(outcome.accepted), sum(outcome.accepted.values())
        figures = {
            "answered": (accepted + outcome.refused.total(), outcome.planned),
            "decided": (accepted - outcome.undecided(), accepted),
            "told": (with_email - outcome.untold(), with_email),
        }
        for name, (completed, total) in figures.items():
            self._bars.update(self._tasks[name], completed=completed, total=max(total, 1))
        return Group(self._bars, self._latest())

    def _latest(self) -> Table:
        table = Table("reference", "service", "where", "who has it", "after", box=None, pad_edge=False)
        for data, written_ms in self._follower.latest:
            wait_ms = written_ms - time_of(data.request_id).timestamp() * 1000
            table.add_row(data.reference, data.service or "?", _where(data), _who(data), f"{wait_ms:.0f} ms")
        return table


def _name(names: Mapping[str, str], language: str) -> str:
    return names.get(language) or next(iter(names.values()), "")


def _where(data: RequestRouted | RequestHeld) -> str:
    municipality = data.decision.municipality
    return _name(municipality.names, data.language) if municipality else f"({data.territory})"


def _who(data: RequestRouted | RequestHeld) -> str:
    if isinstance(data, RequestHeld):
        return f"[yellow]held: {data.decision.outcome}[/]"
    return _name(data.decision.department.names, data.language) if data.decision.department else ""


def report(found: Mapping[str, Any], outcome: Outcome) -> str:
    """The figures, for a person."""
    routed, told = found["accept_to_routed_ms"], found["accept_to_notified_ms"]
    taken = f"{found['accepted']} accepted, {found['refused']} refused"
    lines = [
        f"{found['requests']} requests in {found['seconds']} s: {taken}",
        *(f"  {number:>6} {slug}" for slug, number in outcome.refused.most_common()),
        f"{found['accepted']} accepted = {found['routed']} routed + {found['held']} held + {found['dead']} dead "
        f"+ {found['in_flight']} in flight",
        f"accept to routed    p50 {routed['p50']} ms, p99 {routed['p99']} ms",
        f"accept to notified  p50 {told['p50']} ms, p99 {told['p99']} ms",
    ]
    return "\n".join(lines)
