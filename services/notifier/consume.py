"""Which function hears which topic? Translation only."""

from collections.abc import Mapping, Sequence

from libs.delivery.messages import GivenUp, Handler, Incoming
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED
from services.notifier.notify import Planner


def handlers(planner: Planner) -> Mapping[str, Handler]:
    """Each topic that the notifier reads, and its handler; `libs.delivery.releases` reads the directory's topic."""

    async def on_happened(batch: Sequence[Incoming]) -> list[GivenUp]:
        """Whatever happened to a request: who is told of it stands in `rules.TOLD`."""
        refused = {event.id: error for event, error in await planner.plan([incoming.event for incoming in batch])}
        return [GivenUp(one, refused[one.event.id]) for one in batch if one.event.id in refused]

    return dict.fromkeys((REQUESTS_ACCEPTED, REQUESTS_ROUTED, REQUESTS_PROGRESSED), on_happened)
