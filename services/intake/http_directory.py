"""How is the directory asked over HTTP? Services, territories, who owns what: nothing is stored, no key is needed."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, ValidationError

from libs.events.models import RequestSubmitted
from libs.events.place import Place
from libs.events.refusal import refusal
from services.intake import openapi
from services.intake.answers import ServicesAnswer, TerritoryAnswer
from services.intake.owner import Directory, OwnerQuestion
from services.intake.rules import refusal_of
from services.intake.submission import rejected

Code = Annotated[str | None, Query(max_length=100)]
Text = Annotated[str | None, Query(max_length=500)]


def directory_routes(directory: Directory, clock: Callable[[], datetime]) -> APIRouter:
    """Reading routes about the directory in force."""
    router = APIRouter(prefix="/api/v1", tags=["directory"])

    @router.get("/territories", responses=openapi.problems(503))
    async def territories() -> list[TerritoryAnswer]:
        """Which territories are served here."""
        return [TerritoryAnswer.of(release) for release in directory.releases(clock())]

    @router.get("/services", responses=openapi.problems(422, 503))
    async def services(territory: str) -> ServicesAnswer:
        """What can be asked for in a territory, with the questions that belong to it."""
        return ServicesAnswer.of(directory.release(territory, clock()))

    @router.get("/owner", responses=openapi.problems(422, 503))
    async def owner(
        lat: float | None = None,
        lon: float | None = None,
        accuracy_m: float | None = None,
        municipality_code: Code = None,
        postal_code: Code = None,
        municipality_name: Text = None,
        address: Text = None,
        service: Code = None,
        territory: Code = None,
        at: AwareDatetime | None = None,
    ) -> dict[str, Any]:
        """Who owns this, and why: the decision that a request like this would get, with every reason."""
        place = _place(
            lat=lat,
            lon=lon,
            accuracy_m=accuracy_m,
            municipality_code=municipality_code,
            postal_code=postal_code,
            municipality_name=municipality_name,
            address=address,
        )
        return directory.owner(OwnerQuestion(place, at or clock(), service, territory)).as_dict()

    return router


def _place(**given: float | str | None) -> Place:
    try:
        known = {name: value for name, value in given.items() if value is not None}
        return RequestSubmitted.model_validate({"place": known}).place
    except ValidationError as error:
        raise rejected(refusal_of(refusal(error, RequestSubmitted))) from None
