"""Which function hears which topic? Translation only: events in, tasks for the router out."""

from collections.abc import Mapping, Sequence

from libs.delivery.messages import GivenUp, Handler, Incoming
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED
from services.router import rules
from services.router.route import Router


def handlers(router: Router) -> Mapping[str, Handler]:
    """Each topic that the router reads, and its handler; the directory's topic is read by `libs.delivery.releases`."""

    async def on_requested(batch: Sequence[Incoming]) -> list[GivenUp]:
        """An accepted request and a refused one are the same question; other progress asks nothing."""
        tasks = {task: incoming for incoming in batch if (task := rules.task_in(incoming.event)) is not None}
        refused = await router.route(list(tasks))
        return [GivenUp(tasks[task], error) for task, error in refused]

    return {REQUESTS_ACCEPTED: on_requested, REQUESTS_PROGRESSED: on_requested}
