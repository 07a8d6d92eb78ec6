"""How does every accepted request get exactly one owner, or a person who chooses?

Load the release stamped on each event, decide by it, announce. Nothing is kept: the same event and release
make the same bytes with the same id, so a redelivery, a crash or a second router changes nothing for its readers.
"""

from collections import Counter
from collections.abc import Sequence

from libs.delivery.errors import Rejected
from libs.delivery.publisher import Publisher
from libs.delivery.releases import Releases
from libs.directory import Release
from libs.events.envelope import Event
from libs.service.metrics import Metrics
from services.router import rules
from services.router.announce import Announced, announce_all, answer_all
from services.router.rules import Task

Refused = tuple[Task, Rejected]


class Router:
    """Decides batches."""

    def __init__(self, releases: Releases, publisher: Publisher, metrics: Metrics) -> None:
        self._releases = releases
        self._publisher = publisher
        self._metrics = metrics

    async def route(self, tasks: Sequence[Task]) -> list[Refused]:
        """Returns once every decision is acknowledged by Kafka; what it returns can never be decided.

        Raises `Unavailable` when the directory or Kafka is away: then some may have been published, and will be again.
        """
        decided: dict[Task, Announced] = {}
        refused: list[Refused] = []
        for version, group in _by_release(tasks).items():
            try:
                release = await self._release(version)
            except Rejected as error:
                refused += [(task, error) for task in group]
                continue
            for task, answer in zip(group, announce_all(release, group), strict=True):
                if isinstance(answer, Rejected):
                    refused.append((task, answer))
                else:
                    decided[task] = answer
        # In the order in which they came, whatever their releases: order is kept for each request.
        await self._publisher.publish_records([decided[task].record for task in tasks if task in decided])
        for outcome, number in Counter(one.outcome for one in decided.values()).items():
            self._metrics.count("decisions_total", number, outcome=outcome)
        return refused

    async def _release(self, version: str | None) -> Release:
        if version is None:
            raise Rejected("the event names no release; send ce_directoryversion", slug="no-release")
        return await self._releases.require(version)


def decide_all(release: Release, tasks: Sequence[Task]) -> list[Event | Rejected]:
    """The same answers as checked events, for whoever reads them here rather than on their topic."""
    return answer_all(release, tasks, rules.answer)


def _by_release(tasks: Sequence[Task]) -> dict[str | None, list[Task]]:
    groups: dict[str | None, list[Task]] = {}
    for task in tasks:
        groups.setdefault(task.cause.directory_version, []).append(task)
    return groups
