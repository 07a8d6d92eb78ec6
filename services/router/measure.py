"""How many requests does the router decide in a second of one core? (`python -m services.router.measure`)

Asked by `guichet bench route`: one JSON object on standard input, one on standard output. The path is the one that a
batch from Kafka takes, and nothing of it is replaced. Two clocks: from the question to the bytes of the decision's
record, and from the request's event to all the bytes of the event that announces it.
"""

import gc
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import shapely

from libs.delivery.kafka import BATCH_RECORDS_MAX
from libs.directory import Release, decide_many, read_many
from libs.events import models
from libs.events.envelope import Event
from libs.operate.bench.asking import Asked, Asking, Kind
from libs.service import collector
from services.router import rules
from services.router.announce import Announced, announce_all

ONE_BY_ONE = 100  # of a batch, for the floor without batches: it takes a hundred times longer for each
WARM_UP_SHARE = 0.25  # of the time: a router runs for days, and has made its indexes and said most things once


@dataclass(slots=True)
class Clock:
    """Processor time, so that other work on the machine counts as little as it can."""

    done: int = 0
    seconds: float = 0.0
    last: float = 0.0
    rates: list[float] = field(default_factory=list)
    """Of each batch, in a second."""
    _before: float = 0.0
    """What the batch has taken so far."""

    def time(self, count: int, work: Callable[[], Any]) -> Any:
        """Do the work, which is so many of what is counted; none: it belongs to the next ones."""
        begun = time.process_time()
        result = work()
        self.last = time.process_time() - begun
        self.seconds += self.last
        self._before += self.last
        if count:
            self.done += count
            self.rates.append(count / self._before if self._before else 0.0)
            self._before = 0.0
        return result

    def reset(self) -> None:
        """What was done so far was to warm up."""
        self.done, self.seconds, self.rates = 0, 0.0, []

    @property
    def per_second(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

    @property
    def calm_per_second(self) -> float:
        """Of the fastest tenth of batches: what is left of a core that others share counts in all the rest."""
        return sorted(self.rates)[-1 - len(self.rates) // 10] if self.rates else 0.0


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of request to one release."""

    release: Release
    asking: Asking
    kind: Kind
    decided: Clock
    announced: Clock

    def run(self) -> None:
        """One batch. A text is read as intake reads it; writing down what was read is off the clock."""
        asked = self.asking.batch(self.kind, BATCH_RECORDS_MAX)
        count = len(asked.events)
        if asked.texts:
            readings = self.decided.time(0, lambda: read_many(self.release, asked.texts))
            self.announced.seconds += self.decided.last
            asked = Asked([_with(event, reading) for event, reading in zip(asked.events, readings, strict=True)], [])
        tasks = [task for event in asked.events if (task := rules.task_in(event)) is not None]
        records = self.decided.time(count, lambda: decided(self.release, tasks))
        answers = self.announced.time(count, lambda: announced(self.release, asked.events))
        assert len(records) == len(answers) == count, "every request gets an answer"


def decided(release: Release, tasks: Sequence[rules.Task]) -> list[Any]:
    """The decisions about a batch, with their records written."""
    return [one.written() for one in decide_many(release, [rules.question_in(task) for task in tasks])]


def announced(release: Release, events: Sequence[Event]) -> list[Any]:
    """What the router makes of a batch, as it goes to Kafka."""
    tasks = [task for event in events if (task := rules.task_in(event)) is not None]
    return [one.record for one in announce_all(release, tasks) if isinstance(one, Announced)]


def _with(event: Event, reading: Any) -> Event:
    """As intake writes down what it read."""
    guesses = [models.Guess(service=one.service, confidence=one.confidence) for one in reading.guesses]
    said = models.Reading(release=str(event.directory_version), urgent=reading.urgent, guesses=guesses)
    return replace(event, data=event.data.model_copy(update={"reading": said}))


class Floor:
    """What no router in Python can be faster than: which box holds the point, and a dict look-up for who that is."""

    def __init__(self, asking: Asking, release: Release) -> None:
        outlines = release.places.on(1) if release.has_boundaries else []
        self._tree = shapely.STRtree([shape for _, shape in outlines])
        self._owners = dict(enumerate(key for key, _ in outlines))
        self._asking = asking
        self.clocks = {"tree_batched": Clock(), "tree_one_by_one": Clock()}

    def run(self) -> None:
        points = self._asking.points(BATCH_RECORDS_MAX)
        self.clocks["tree_batched"].time(len(points), lambda: self._many(points))
        some = points[:ONE_BY_ONE]
        self.clocks["tree_one_by_one"].time(len(some), lambda: [self._many([point]) for point in some])

    def _many(self, points: Any) -> list[str]:
        return [self._owners[area] for area in self._tree.query(points)[1].tolist()]


def measure(releases: Sequence[Release], seconds: float, seed: int) -> dict[str, Any]:
    """Round after round, each case in turn, so that what disturbs the machine disturbs all alike."""
    askings = [Asking(release, seed) for release in releases]
    kinds = [kind for kind in askings[0].kinds if all(kind in asking.kinds for asking in askings)]
    cases = [
        Case(release, asking, kind, Clock(), Clock())
        for kind in kinds
        for release, asking in zip(releases, askings, strict=True)
    ]
    floor = Floor(askings[-1], releases[-1])
    rounds: list[Case | Floor] = [*cases, floor]
    _go_round(rounds, seconds * WARM_UP_SHARE)
    clocks = [clock for case in cases for clock in (case.decided, case.announced)]
    for clock in (*clocks, *floor.clocks.values()):
        clock.reset()
    _go_round(rounds, seconds * (1 - WARM_UP_SHARE))
    return {
        "cases": [
            {
                "name": case.kind,
                "municipalities": len(case.release.municipalities),
                "decisions": case.decided.done,
                "figure": round(case.decided.per_second, 1),
                "events": round(case.announced.per_second, 1),
                "calm": round(case.decided.calm_per_second, 1),
            }
            for case in cases
        ],
        "floors": [{"name": name, "figure": round(clock.per_second, 1)} for name, clock in floor.clocks.items()],
    }


def _go_round(rounds: Sequence[Case | Floor], seconds: float) -> None:
    end = time.monotonic() + seconds
    while True:
        for one in rounds:
            one.run()
        if time.monotonic() >= end:
            return


def main() -> None:
    """Releases come as files: one of a country does not belong on a command line."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    collector.look_seldom()  # as any service does, here and below
    asked = json.load(sys.stdin)
    releases = [Release.from_bytes(Path(path).read_bytes()) for path in asked["releases"]]
    gc.freeze()
    json.dump(measure(releases, asked["seconds"], asked["seed"]), sys.stdout)


if __name__ == "__main__":
    main()
