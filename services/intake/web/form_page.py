"""What stands on the form: what was filled in, what can be chosen, and what must be put right?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from starlette.responses import Response

from libs.directory.public import Public
from libs.directory.release import Release
from services.intake.web import render
from services.intake.web.choices import LISTED_MAX, offer_of, suggested_for
from services.intake.web.danger import alarm_for
from services.intake.web.doubts import Doubt
from services.intake.web.filled import Filled, Problem
from services.intake.web.form import CHARACTERS_MAX, UNKNOWN_SERVICE, coordinate, only_municipality
from services.intake.web.map import IMAGE_WIDTH, map_of
from services.intake.web.questions import Field, fields_of
from services.intake.web.recent import Sent
from services.intake.web.texts import Texts, known, pick, spoken_in

MUNICIPALITIES_LISTED_MAX = 400  # a longer list is not read; then the town is typed
LANGUAGE, SHELF = "language:", "shelf:"  # what follows in the value of the button that was pressed


@dataclass(frozen=True, slots=True)
class Asked:
    """The questions of one service. Those of the services not chosen wait, hidden, for a script to show them."""

    service: str
    name: str
    fields: tuple[Field, ...]
    is_shown: bool


@dataclass(frozen=True, slots=True)
class Municipality:
    """One to choose from. `spoken` is the language of its name."""

    code: str
    name: str
    spoken: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """The form for one territory in one language."""

    release: Release
    texts: Texts
    filled: Filled
    now: datetime
    has_others: bool

    def step(self) -> "FormPage | None":
        """The form after a press that does not send it: a search, a shelf, another language, a click on the map."""
        pressed = self.filled.one("step")
        if self.filled.one("point.x") and self.filled.one("point.y"):
            return self._clicked()
        if pressed == "whole-map":
            return self._with(window="")
        if pressed.startswith(LANGUAGE):
            return self._with(lang=self.texts.language)
        is_begun = any(self.filled.one(name) for name in ("service", "description"))
        is_search = pressed == "search" or (self.filled.one("q") and not is_begun and not pressed)
        return self if is_search or pressed.startswith(SHELF) else None

    def again(self, problem: Problem, status: int, seconds: float | None) -> Response:
        """The form after a refusal. A form whose key was used gets a new one: sending again is a new request."""
        form = self._with(key="") if problem.key == "error-used" else self
        headers = {} if seconds is None else {"Retry-After": str(max(1, round(seconds)))}
        return form.response(problems=[problem], status=status, headers=headers)

    def response(
        self,
        *,
        problems: Sequence[Problem] = (),
        doubt: Doubt | None = None,
        before: Sent | None = None,
        status: int = 200,
        asks_more: bool = False,
        headers: dict[str, str] | None = None,
    ) -> Response:
        """The page. `doubt` is about the place; `before` is the same request, handed in a moment ago."""
        language, territory = self.texts.language, self.release.territory
        drawing = map_of(self.release, language)
        chosen, description = self.filled.one("service"), self.filled.one("description")
        is_chosen = chosen in self.release.services
        return render.page(
            "form.html",
            status,
            headers,
            t=self.texts,
            languages=known(territory.languages),
            territory=territory.code,
            public=Public.of(self.release),
            territory_names=territory.names,
            territory_name=pick(territory.names, language),
            has_others=self.has_others,
            filled=self.filled,
            key=self.filled.one("key") or uuid4().hex,
            offer=offer_of(
                self.release, language, self.filled.one("q"), chosen, self.filled.one("step").removeprefix(SHELF)
            ),
            described=suggested_for(self.release, language, "" if is_chosen else description, chosen),
            chosen=chosen,
            unknown=UNKNOWN_SERVICE,
            most=CHARACTERS_MAX,
            asked=self._asked(chosen),
            municipalities=self._municipalities(),
            has_one=only_municipality(self.release, self.now) is not None,
            map=drawing,
            window=drawing.window(self.filled.one("window")) if drawing else None,
            image_width=int(IMAGE_WIDTH),
            example=self._example(),
            problems=problems,
            problem_of={problem.field: problem for problem in reversed(problems)},
            doubt=doubt,
            before=before,
            minutes_before=max(1, round((self.now - before.at).total_seconds() / 60)) if before else 0,
            asks_more=asks_more,
            alarm=alarm_for(self.release, description, chosen, language),
        )

    def _with(self, **changes: str) -> "FormPage":
        return replace(self, filled=self.filled.having(**changes))

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
        """The questions of all services, or of a great many only those of the one chosen; the rest follow in a step."""
        language, services = self.texts.language, self.release.services
        codes = sorted(services) if len(services) <= LISTED_MAX else [code for code in (chosen,) if code in services]
        return [
            Asked(code, pick(one.names, language), fields_of(one.questions, language), code == chosen)
            for code, one in ((code, services[code]) for code in codes)
            if one.questions
        ]

    def _municipalities(self) -> list[Municipality]:
        """Those of today by name; none when there are too many to choose from, or when there is no choice."""
        day = self.release.calendar.local(self.now).toordinal()
        today = {code: one.names for code, one in self.release.municipalities.items() if day in one.days}
        if len(today) > MUNICIPALITIES_LISTED_MAX or len(today) == 1:
            return []
        language = self.texts.language
        named = [Municipality(code, pick(names, language), spoken_in(names, language)) for code, names in today.items()]
        return sorted(named, key=lambda one: (one.name, one.code))

    def _example(self) -> dict[str, str]:
        """Coordinates that look like this territory's."""
        plane = self.release.plane
        lat, lon = (plane.lat, plane.lon) if plane else (44.84, -0.58)
        return {"lat": f"{lat:.5f}", "lon": f"{lon:.5f}"}
