"""What does the page of a department's link show of a request, before and after it was opened?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, get_args
from zoneinfo import ZoneInfo

from starlette.responses import Response

from libs.directory.model import Service
from libs.directory.places_said import place_in_words, point_in_words
from libs.directory.release import Release
from libs.directory.replies import replies_in_words
from libs.directory.sentences import day_in_words
from libs.events.fields import DESCRIPTION_CHARACTERS_MAX, SENTENCE_CHARACTERS_MAX
from libs.events.models import RequestAccepted
from libs.privacy.links import ACTIONS, Grant
from services.intake.personal import Opened as Personal
from services.intake.standing import REACHED_FROM, Outcome
from services.intake.status import Status
from services.intake.web import render
from services.intake.web.filled import Filled, Problem
from services.intake.web.map import map_address
from services.intake.web.staff.case_page import language_said
from services.intake.web.texts import SPOKEN, Texts, known, pick

OUTCOMES = get_args(Outcome)
CHARACTERS_MAX = {
    "news": DESCRIPTION_CHARACTERS_MAX,
    "note": DESCRIPTION_CHARACTERS_MAX,
    "reason": SENTENCE_CHARACTERS_MAX,
}
END_OF_DAY = time(23, 59)


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is ours and whose time is not over, and the request that it is about."""

    grant: Grant
    status: Status
    release: Release | None
    texts: Texts


def offered(grant: Grant, status: Status) -> tuple[str, ...]:
    """What can be answered now, in the order of the work."""
    if status.department != grant.department:
        return ()
    has_news = status.state in REACHED_FROM["news"]
    return tuple(
        action
        for action in ACTIONS
        if action in grant.actions and (status.state in REACHED_FROM[action] or (has_news and action == "started"))
    )


def situation_of(grant: Grant, status: Status, refusers: tuple[str, ...]) -> str:
    """Why nothing can be answered: closed, refused by this very department (`left`), or with somebody else (`lost`)."""
    if status.state == "resolved" and status.department == grant.department:
        return "closed"
    if status.department != grant.department:
        return "left" if grant.department in refusers else "lost"
    return ""


def page_of(
    opened: Opened,
    filled: Filled,
    problems: list[Problem] | None = None,
    *,
    done: str = "",
    status: int = 200,
    personal: Personal | None = None,
) -> Response:
    grant, request, texts = opened.grant, opened.status, opened.texts
    choices = offered(grant, request)
    spoken = known(opened.release.territory.languages) if opened.release else tuple(SPOKEN)
    return render.page(
        "answer.html",
        status,
        t=texts,
        languages=spoken,
        reference=request.reference,
        department=_department(opened),
        facts=list(_facts(opened, is_opened=personal is not None)),
        choices=choices,
        situation=situation_of(grant, request, request.refusers),
        has_begun=request.state == "started",
        personal=personal,
        wrote_language=language_said(request.language, texts),
        map=map_address(opened.release, request.accepted.place, texts.language)
        if personal and request.accepted
        else "",
        done=done if done in ACTIONS else "",
        outcomes=OUTCOMES,
        most=CHARACTERS_MAX,
        filled=filled,
        problems=problems or [],
        problem_of={problem.field: problem for problem in reversed(problems or [])},
    )


def _facts(opened: Opened, *, is_opened: bool) -> Iterator[tuple[str, str]]:
    """Pairs of label and text; where exactly it is, and what was answered, only once it was opened."""
    status, texts, release = opened.status, opened.texts, opened.release
    decision: Mapping[str, Any] = status.decision or {}
    service = _service(opened, decision)
    found = decision["municipality"]["names"] if decision.get("municipality") else None
    yield texts("about"), pick(service.names, texts.language) if service else texts("about-unknown")
    if is_opened and status.accepted and status.place:
        known = status.accepted.model_copy(update={"place": status.place})
        yield from _opened_facts(known, release, service, found, texts)
    elif found:
        yield texts("place"), pick(found, texts.language)
    yield texts("answer-state"), texts("state-" + status.state)
    if status.expected and status.state != "resolved":
        yield texts("expected"), day_in_words(status.expected, texts.language)
    if decision.get("due") and release and status.state != "resolved":
        due = datetime.fromisoformat(decision["due"]).astimezone(ZoneInfo(release.territory.time_zone))
        yield texts("answer-due"), texts.date(due) if due.time() >= END_OF_DAY else texts.moment(due)


def _opened_facts(
    accepted: RequestAccepted,
    release: Release | None,
    service: Service | None,
    found: Mapping[str, str] | None,
    texts: Texts,
) -> Iterator[tuple[str, str]]:
    where, point = place_in_words(release, accepted.place, found, texts.language), point_in_words(accepted.place)
    yield texts("own-where"), where
    if point and point != where:
        yield texts("own-point"), point
    yield from replies_in_words(service, accepted.answers, texts.language).items()


def _service(opened: Opened, decision: Mapping[str, Any]) -> Service | None:
    code = decision.get("service") or opened.status.service or ""
    return opened.release.services.get(code) if opened.release else None


def _department(opened: Opened) -> str:
    known_here = opened.release.departments.get(opened.grant.department) if opened.release else None
    return pick(known_here.names, opened.texts.language) if known_here else opened.grant.department
