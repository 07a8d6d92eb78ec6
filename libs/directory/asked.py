"""What does a recorded request ask of the directory? The same question for whoever decides, and for what-if."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from libs.directory.clues import Where
from libs.directory.decide import Question
from libs.directory.reading import Noted


class PlaceNoted(Protocol):
    """A place as it travels on an event."""

    @property
    def lat(self) -> float | None: ...

    @property
    def lon(self) -> float | None: ...

    @property
    def accuracy_m(self) -> float | None: ...

    @property
    def municipality_code(self) -> str | None: ...

    @property
    def postal_code(self) -> str | None: ...

    @property
    def municipality_name(self) -> str | None: ...

    @property
    def address(self) -> str | None: ...


class RequestNoted(Protocol):
    """An accepted request as it travels on an event."""

    @property
    def service(self) -> str | None: ...

    @property
    def place(self) -> PlaceNoted: ...

    @property
    def answers(self) -> Mapping[str, Any]: ...

    @property
    def accepted_at(self) -> datetime: ...

    @property
    def language(self) -> str: ...

    @property
    def reading(self) -> Noted | None: ...


def where_of(place: PlaceNoted) -> Where:
    """The place in the directory's words."""
    return Where(
        lat=place.lat,
        lon=place.lon,
        accuracy_m=place.accuracy_m,
        municipality_code=place.municipality_code,
        postal_code=place.postal_code,
        municipality_name=place.municipality_name,
        address=place.address,
    )


def question_of(request: RequestNoted, refusers: Sequence[str] = ()) -> Question:
    """As of the request's own acceptance, so that the answer never depends on when it is computed."""
    return Question(
        service=request.service,
        place=where_of(request.place),
        answers=request.answers,
        at=request.accepted_at,
        language=request.language,
        refusers=tuple(refusers),
        reading=request.reading,
    )
