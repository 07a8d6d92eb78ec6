"""How is the directory asked over HTTP? Services, territories, who owns what: nothing is stored, no key is needed."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query
from pydantic import AwareDatetime, ValidationError

from libs.delivery.errors import Rejected
from libs.events.fields import ANSWERS_BYTES_MAX, HOPS_MAX
from libs.events.given import GivenDescription
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
Answers = Annotated[
    str | None,
    Query(max_length=ANSWERS_BYTES_MAX, description='answers to the service\'s questions, as JSON: `{"height_m": 5}`'),
]
Written = Annotated[GivenDescription | None, Query(description="what a citizen would write; nothing keeps it")]
Departments = Annotated[Sequence[str], Query(max_length=HOPS_MAX, description="departments left out, repeatable")]


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
        answers: Answers = None,
        without: Departments = (),
        text: Written = None,
        language: Code = None,
    ) -> dict[str, Any]:
        """Who owns this, and why: the decision that a request like this would get, with every reason and candidate.

        Nothing is stored. `at` asks as of another day, `without` who would be next if these departments refused. `text`
        is read as a description would be, in `language` or the one that it is written in.
        """
        place, given = _asked(
            answers,
            lat=lat,
            lon=lon,
            accuracy_m=accuracy_m,
            municipality_code=municipality_code,
            postal_code=postal_code,
            municipality_name=municipality_name,
            address=address,
        )
        question = OwnerQuestion(place, at or clock(), service, territory, given, tuple(without), text, language)
        return directory.owner(question).as_dict()

    return router


def _asked(answers: str | None, **given: float | str | None) -> tuple[Place, dict[str, Any]]:
    """Place and answers, under the limits that a request has. Raises `Rejected` with the field that is wrong."""
    try:
        place = {name: value for name, value in given.items() if value is not None}
        asked = RequestSubmitted.model_validate({"place": place, "answers": orjson.loads(answers) if answers else {}})
    except orjson.JSONDecodeError:
        message = 'answers must be a JSON object, such as {"height_m": 5}'
        raise Rejected(message, slug="invalid-field", field="answers") from None
    except ValidationError as error:
        raise rejected(refusal_of(refusal(error, RequestSubmitted))) from None
    return asked.place, asked.answers
