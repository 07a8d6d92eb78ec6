"""How does an operator ask about requests without a decision? Translation only; calls need the scope `operate`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from libs.service.paging import place_in, text_of
from services.intake import openapi
from services.intake.callers import Callers
from services.intake.undecided.announce import Announcing
from services.intake.undecided.rules import Found, Undecided
from services.intake.undecided.watch import BalanceWatch

PAGE_REQUESTS = 1_000  # in one transaction and one answer: a few megabytes

After = Annotated[str | None, Query(max_length=100, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=PAGE_REQUESTS)]
Which = Annotated[
    Literal["lost", "all"],
    Query(description="those that are nowhere, or all, also those with a dead letter or on their way"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class UndecidedDoors:
    """Everything that these routes need."""

    watch: BalanceWatch
    announcing: Announcing
    callers: Callers


class UndecidedOne(BaseModel):
    """One request without a decision."""

    request_id: UUID
    reference: str
    territory: str
    since: datetime = Field(description="when the router was first asked")
    announced_at: datetime | None = Field(description="when it was announced again, the last time")
    fate: Literal["on its way", "dead", "lost"]
    is_known: bool = Field(description="whether it can be announced again")

    @classmethod
    def of(cls, one: Undecided, found: Found) -> "UndecidedOne":
        """With what is known about it."""
        return cls(
            request_id=one.request_id,
            reference=one.reference,
            territory=one.territory,
            since=one.since,
            announced_at=one.announced_at,
            fate=found.fate(one.key),
            is_known=one.is_known,
        )


class UndecidedAnswer(BaseModel):
    """A part of the list, the longest undecided first, and the sums over all requests."""

    conservation: dict[str, int]
    is_fresh: bool = Field(description="false: something is still to be read by router or intake; who is lost may grow")
    requests: list[UndecidedOne]
    next: str | None = Field(description="pass it as `after` for the following page; null on the last")


class AnnouncedAnswer(BaseModel):
    """What was announced again in this step."""

    announced: list[UUID]
    unknown: list[UUID] = Field(description="of these the event that asked the router is not kept any more")
    next: str | None


def undecided_routes(doors: UndecidedDoors) -> APIRouter:
    """Reading who has no decision yet, and asking the router again."""
    router = APIRouter(prefix="/api/v1/undecided", tags=["operation"])

    @router.get("", responses=openapi.problems(401, 403, 422, 503))
    async def list_undecided(request: Request, after: After = None, limit: Limit = PAGE_REQUESTS) -> UndecidedAnswer:
        """Which requests have no decision yet, and whether they are on their way to one, dead, or nowhere."""
        doors.callers.key_for(request.headers, "operate")
        is_fresh = await doors.watch.look()
        sums = (await doors.watch.conservation())["conservation"]
        page, found = await doors.announcing.page(place_in(after), limit)
        following = (page[-1].since, page[-1].request_id) if len(page) == limit else None
        shown = [UndecidedOne.of(one, found) for one in page]
        return UndecidedAnswer(conservation=sums, is_fresh=is_fresh, requests=shown, next=text_of(following))

    @router.post(
        "/announcements", responses=openapi.problems(400, 401, 403, 422, 503), openapi_extra=openapi.BODY_IS_NOT_READ
    )
    async def announce_again(
        request: Request, which: Which = "lost", after: After = None, limit: Limit = PAGE_REQUESTS
    ) -> AnnouncedAnswer:
        """Ask the router again, by the same events. Twice changes nothing: their ids are known."""
        key = doors.callers.key_for(request.headers, "operate")
        await doors.watch.look()
        ask = doors.announcing.announce_lost if which == "lost" else doors.announcing.announce_all
        done = await ask(place_in(after), limit, key.name)
        return AnnouncedAnswer(
            announced=list(done.request_ids), unknown=list(done.unknown), next=text_of(done.following)
        )

    return router
