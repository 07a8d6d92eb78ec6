"""How is the router asked again about a request whose question was lost on its way? By the same event, same id.

Intake keeps what it needs for that as long as the request has no decision. A repeat changes nothing: whoever has heard
the event knows its id.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog

from libs.delivery import outbox
from libs.delivery.connections import Connections
from libs.events.cloudevents import decode_structured
from libs.events.envelope import Event
from libs.events.identity import source_of
from libs.events.models import RequestAccepted
from libs.service.paging import Place
from services.intake.store import SCHEMA
from services.intake.undecided import store
from services.intake.undecided.rules import Found, Undecided
from services.intake.undecided.store import Question
from services.intake.undecided.watch import BalanceWatch

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Announced:
    """What came of one page. `unknown`: what asked is not here any more. `following`: where the next page begins."""

    request_ids: Sequence[UUID]
    unknown: Sequence[UUID]
    following: Place | None


class Announcing:
    """Asks again."""

    def __init__(self, database: Connections, watch: BalanceWatch) -> None:
        self._database = database
        self._watch = watch

    async def page(self, after: Place, requests_max: int) -> tuple[Sequence[Undecided], Found]:
        """Those that are undecided, the longest first, and what is known about them."""
        async with self._database.connection() as conn:
            return await store.page(conn, after, requests_max), self._watch.found

    async def announce_lost(self, after: Place, requests_max: int, by: str) -> Announced:
        """Those that are nowhere, and no others; whom somebody else has announced again meanwhile is left alone."""
        places = sorted((one.since, one.request_id) for one in self._watch.found.lost.values())
        following = [place for place in places if place > after]
        chosen = following[:requests_max]
        lost = self._watch.found.lost
        done, unknown = await self._announce([request_id for _, request_id in chosen], by, lambda one: one.key in lost)
        return Announced(done, unknown, chosen[-1] if len(following) > len(chosen) else None)

    async def announce_all(self, after: Place, requests_max: int, by: str) -> Announced:
        """Whoever is undecided, also those that are on their way or have a dead letter."""
        page, _ = await self.page(after, requests_max)
        done, unknown = await self._announce([one.request_id for one in page], by, lambda _one: True)
        last = (page[-1].since, page[-1].request_id) if len(page) == requests_max else None
        return Announced(done, unknown, last)

    async def _announce(
        self, request_ids: Sequence[UUID], by: str, is_wanted: Callable[[Question], bool]
    ) -> tuple[list[UUID], list[UUID]]:
        async with self._database.transaction() as conn:
            questions = [one for one in await store.questions(conn, request_ids) if is_wanted(one)]
            events = {one.request_id: event for one in questions if (event := event_of(one)) is not None}
            await outbox.append(conn, SCHEMA, list(events.values()))
            await store.keep_announced(conn, list(events))
        if events:
            log.warning("announced_again", requests=len(events), by=by)
        return list(events), [one.request_id for one in questions if one.request_id not in events]


def event_of(question: Question) -> Event | None:
    """The event by which the router was asked; None when it is not kept (it was said by a version that did not)."""
    if question.question is not None:
        return decode_structured(question.question.encode())
    if question.cause != question.event_id:
        return None
    return Event(
        id=question.event_id,
        type=RequestAccepted.TYPE,
        source=source_of("intake"),
        subject=str(question.request_id),
        time=question.accepted_at,
        directory_version=question.directory_version,
        data=RequestAccepted.model_validate_json(question.accepted),
    )
