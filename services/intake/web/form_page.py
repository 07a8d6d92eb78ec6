"""What stands on the form: what was filled in, what can be chosen, and what must be put right?"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from starlette.responses import Response

from libs.directory.reading import Text, read, safety_of
from libs.directory.release import Release
from services.intake.web import render
from services.intake.web.choices import groups_of
from services.intake.web.filled import Filled, Problem
from services.intake.web.form import UNKNOWN_SERVICE, coordinate
from services.intake.web.map import IMAGE_WIDTH, map_of
from services.intake.web.questions import Field, fields_of
from services.intake.web.texts import Texts, known, pick

MUNICIPALITIES_LISTED_MAX = 400  # a longer list is not read; then the town is typed


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of one service. Those of the services not chosen wait, hidden, for a script to show them."""

    service: str
    name: str
    fields: tuple[Field, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form for one territory in one language."""

    release: Release
    texts: Texts
    filled: Filled

    def step(self) -> "FormPage | None":
        """The form after a press that does not send it: a search, a click on the map image, the whole map."""
        if self.filled.one("point.x") and self.filled.one("point.y"):
            return self._clicked()
        if self.filled.one("step") == "whole-map":
            return self._with(window="")
        is_search = self.filled.one("step") == "search" or (self.filled.one("q") and not self.filled.one("service"))
        return self if is_search else None

    def again(self, problem: Problem, status: int, seconds: float | None, *, has_others: bool) -> Response:
        """The form after a refusal. A form whose key was used gets a new one: sending again is a new request."""
        form = self._with(key="") if problem.key == "error-used" else self
        headers = {} if seconds is None else {"Retry-After": str(max(1, round(seconds)))}
        return form.response(problems=[problem], status=status, has_others=has_others, headers=headers)

    def response(
        self,
        *,
        has_others: bool,
        problems: Sequence[Problem] = (),
        status: int = 200,
        asks_more: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The page."""
        language, territory = self.texts.language, self.release.territory
        drawing = map_of(self.release, language)
        chosen = self.filled.one("service")
        service = self.release.services.get(chosen)
        typed = self.filled.one("q") if not service else ""
        return render.page(
            "form.html",
            status,
            headers,
            t=self.texts,
            languages=known(territory.languages),
            territory=territory.code,
            territory_name=pick(territory.names, language),
            has_others=has_others,
            filled=self.filled,
            key=self.filled.one("key") or uuid4().hex,
            groups=groups_of(self.release, language, typed, chosen),
            unknown=UNKNOWN_SERVICE,
            asked=self._asked(chosen),
            municipalities=self._municipalities(),
            map=drawing,
            window=drawing.window(self.filled.one("window")) if drawing else None,
            image_width=int(IMAGE_WIDTH),
            example=self._example(),
            problems=problems,
            problem_of={problem.field: problem for problem in reversed(problems)},
            asks_more=asks_more,
            alarm=self._alarm(),
        )

    def _with(self, **changes: str) -> "FormPage":
        return FormPage(self.release, self.texts, self.filled.having(**changes))

    def _clicked(self) -> "FormPage":
        drawing = map_of(self.release, self.texts.language)
        x, y = coordinate(self.filled.one("point.x")), coordinate(self.filled.one("point.y"))
        if drawing is None or x is None or y is None:
            return self
        window = drawing.window(self.filled.one("window"))
        lat, lon = drawing.clicked(window, x, y)
        closer = drawing.closer(window, lat, lon)
        return self._with(lat=f"{lat:.5f}", lon=f"{lon:.5f}", accuracy_m="", window=closer.text)

    def _asked(self, chosen: str) -> list[Asked]:
        language = self.texts.language
        return [
            Asked(code, pick(service.names, language), fields_of(service.questions, language), code == chosen)
            for code, service in sorted(self.release.services.items())
            if service.questions
        ]

    def _alarm(self) -> str:
        """What to do at once, when what was typed so far speaks of danger: that does not wait for a right form."""
        reading = read(self.release, Text(self.filled.one("description"), self.texts.language))
        return pick(safety_of(self.release, None, reading), self.texts.language)

    def _municipalities(self) -> list[tuple[str, str]]:
        """Pairs of code and name, by name; none when there are too many to choose from."""
        known = self.release.municipalities
        if len(known) > MUNICIPALITIES_LISTED_MAX:
            return []
        named = [(code, pick(one.names, self.texts.language)) for code, one in known.items()]
        return sorted(named, key=lambda pair: (pair[1], pair[0]))

    def _example(self) -> dict[str, str]:
        """Coordinates that look like this territory's."""
        plane = self.release.plane
        lat, lon = (plane.lat, plane.lon) if plane else (44.84, -0.58)
        return {"lat": f"{lat:.5f}", "lon": f"{lon:.5f}"}
