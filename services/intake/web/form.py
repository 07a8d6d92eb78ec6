"""How does a filled-in form become a request, and which of its fields must be put right first?"""

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from libs.delivery.errors import Rejected
from libs.directory.release import Release
from libs.events.fields import (
    ADDRESS_CHARACTERS_MAX,
    DESCRIPTION_CHARACTERS_MAX,
    EMAIL_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    PHONE_CHARACTERS_MAX,
)
from libs.events.given import is_too_long
from libs.events.models import Contact, RequestSubmitted
from services.intake.web.filled import Filled, Problem
from services.intake.web.questions import PREFIX, answers_in, fields_of

UNKNOWN_SERVICE = "?"  # “I don’t know”: chosen, and different from nothing chosen
LOCATING = ("municipality_code", "postal_code", "municipality_name", "address")
CONTACT = ("email", "name", "phone")
CHARACTERS_MAX = {
    "description": DESCRIPTION_CHARACTERS_MAX,
    "address": ADDRESS_CHARACTERS_MAX,
    "municipality_name": NAME_CHARACTERS_MAX,
    "name": NAME_CHARACTERS_MAX,
    "email": EMAIL_CHARACTERS_MAX,
    "phone": PHONE_CHARACTERS_MAX,
}

# Which field a refused value stands in, and what to say about it; the rest is shown as it was refused.
OF_REFUSED = {
    "place": ("where", "error-place"),
    "lat": ("lat", "error-coordinates"),
    "lon": ("lat", "error-coordinates"),
    "email": ("email", "error-email"),
    "phone": ("phone", "error-phone"),
    "service": ("service", "error-service"),
    "description": ("description", "error-invalid"),
    "name": ("name", "error-invalid"),
    "address": ("address", "error-invalid"),
    "postal_code": ("postal_code", "error-invalid"),
    "municipality_name": ("municipality_name", "error-invalid"),
    "municipality_code": ("municipality_code", "error-invalid"),
}
OF_FAULT = {"email_letters": "error-email-letters", "email_domain": "error-email-domain"}
OF_SLUG = {
    "out-of-territory": Problem("where", "error-outside"),
    "no-place": Problem("where", "error-place"),
    "idempotency-key-reused": Problem("", "error-used"),
    "rate-limited": Problem("", "error-often"),
}


def request_in(filled: Filled, release: Release, language: str, now: datetime) -> RequestSubmitted | list[Problem]:
    """The request, or everything that must be put right, in the order of the page."""
    chosen, problems = filled.one("service"), _too_long(filled)
    service = release.services.get(chosen)
    if not chosen or (service is None and chosen != UNKNOWN_SERVICE):
        problems.append(Problem("service", "error-service"))
    if chosen == UNKNOWN_SERVICE and not filled.one("description"):
        problems.append(Problem("description", "error-description"))
    answers, unanswered = answers_in(fields_of(service.questions if service else None, language), filled)
    place, contact = _place(filled, release, now), _contact(filled)
    problems += [*unanswered, *(one for one in (place, contact) if isinstance(one, Problem))]
    if problems:
        return problems
    content = {
        "territory": release.territory.code,
        "service": service.code if service else None,
        "place": place,
        "description": filled.one("description") or None,
        "contact": contact,
        "language": language,
        "answers": answers,
    }
    try:
        return RequestSubmitted.model_validate(content)
    except ValidationError as error:
        return [_of_invalid(one) for one in error.errors()]


def problem_of(refused: Rejected) -> Problem:
    """What the counter says about a refusal of the same checks that every door has."""
    if refused.slug in OF_SLUG:
        return OF_SLUG[refused.slug]
    field = (refused.field or "").removeprefix("contact.").removeprefix("place.")
    if field.startswith("answers."):
        return Problem(PREFIX + field.split(".")[1], "error-invalid")
    if field in OF_REFUSED:
        return Problem(*OF_REFUSED[field])
    return Problem("", "error-other", {"message": refused.message})


def needs_questions(filled: Filled, release: Release) -> bool:
    """Whether the chosen service asks something that was not on the page: without a script it could not know."""
    service = release.services.get(filled.one("service"))
    return service is not None and bool(service.questions) and not filled.has("asked", service.code)


def coordinate(text: str) -> float | None:
    """Degrees as people write them, with a point or a comma; None when that is no number."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _place(filled: Filled, release: Release, now: datetime) -> dict[str, Any] | Problem:
    place: dict[str, Any] = {name: filled.one(name) for name in LOCATING if filled.one(name)}
    given = [filled.one("lat"), filled.one("lon")]
    if any(given):
        lat, lon = (coordinate(text) for text in given)
        if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
            return Problem("lat", "error-coordinates")
        place |= {"lat": lat, "lon": lon}
        accuracy = coordinate(filled.one("accuracy_m"))
        if accuracy is not None and accuracy >= 0:
            place["accuracy_m"] = accuracy
    if place.keys() <= {"address"} and (only := only_municipality(release, now)):
        place["municipality_code"] = only
    return place or Problem("where", "error-place")


def only_municipality(release: Release, now: datetime) -> str | None:
    """The official code of the one municipality that the territory has today: then nobody needs to name it."""
    day = release.calendar.local(now).toordinal()
    today = [code for code, one in release.municipalities.items() if day in one.days]
    return today[0] if len(today) == 1 else None


def _contact(filled: Filled) -> Contact | Problem | None:
    try:
        given: dict[str, Any] = {name: filled.one(name) for name in CONTACT if filled.one(name)}
        if filled.has("may_be_asked", "yes"):
            given["may_be_asked"] = True
        return Contact.model_validate(given) if given else None
    except ValidationError as error:
        return _of_invalid(error.errors()[0])


def _too_long(filled: Filled) -> list[Problem]:
    return [
        Problem(name, "error-long", {"maximum": most})
        for name, most in CHARACTERS_MAX.items()
        if is_too_long(filled.one(name), most)
    ]


def _of_invalid(error: ErrorDetails) -> Problem:
    known = next((str(part) for part in reversed(error["loc"]) if part in OF_REFUSED), None)
    if known is None:
        return Problem("", "error-invalid")
    if error["type"] == "string_too_long":
        return Problem(OF_REFUSED[known][0], "error-long", {"maximum": error["ctx"]["max_length"]})
    return Problem(OF_REFUSED[known][0], OF_FAULT.get(error["type"], OF_REFUSED[known][1]))
