"""What does a letter say about a request? Plain values in the reader's language, nothing personal among them."""

from collections.abc import Mapping
from typing import Any

from libs.directory import Release, replies_in_words, safety_of
from libs.events.envelope import Event
from libs.events.models import Decision, RequestAccepted, RequestHeld, RequestResolved, RequestRouted
from services.notifier.dates import local_date
from services.notifier.places import language_name, place_facts
from services.notifier.rules import Wanted, recipient_of

Facts = dict[str, Any]
# What is personal travels sealed beside the facts; `accepted` is the whole request once more, for the router.
LEFT_OUT = {"contact", "description", "note", "accepted"}


def facts_for(event: Event, release: Release, notice: Wanted) -> Facts:
    """What a template or a webhook's receiver needs; opened texts are added when the letter is written."""
    if notice.channel == "webhook":
        body = event.data.model_dump(mode="json", exclude=LEFT_OUT, exclude_none=True)
        return {"type": event.type, "timestamp": event.time.isoformat(), "data": body}
    data: Any = event.data
    decision = data.decision if isinstance(data, RequestRouted | RequestHeld) else None
    return {
        "reference": data.reference,
        "territory": _in(release.territory.names, notice.language),
        "service": _service(data.service, release, notice.language),
        **place_facts(getattr(data, "place", None), decision, release, notice.language),
        "answers": _answers(data, release, notice.language),
        "person_language": language_name(data.language, notice.language),
        "outcome": data.outcome_code if isinstance(data, RequestResolved) else None,
        "reason": data.reason if isinstance(data, RequestResolved) else None,
        "department": _department(data, release, notice),
        "department_code": None if notice.audience == "citizen" else recipient_of(data, notice.audience),
        **_decided(decision, release, notice.language),
        **_danger(data, decision, release, notice.language),
    }


def _danger(data: Any, decision: Decision | None, release: Release, language: str) -> Facts:
    """What to do at once, said in the very first letter too, and what makes the request urgent."""
    told: Mapping[str, str] | None = decision.safety if decision else None
    if isinstance(data, RequestAccepted):
        told = safety_of(release, data.service, data.reading)
    urgent = release.services.get(decision.urgent or "") if decision else None
    return {"safety": _in(told, language) if told else None, "urgent": _in(urgent.names, language) if urgent else None}


def _decided(decision: Decision | None, release: Release, language: str) -> Facts:
    if decision is None:
        return dict.fromkeys(("sentence", "authority", "due", "legal_basis"))
    service = release.services.get(decision.service or "")
    has_hour = service is not None and "hours" in service.target
    zone = release.territory.time_zone
    return {
        "sentence": _in(decision.sentence, language),
        "authority": _in(decision.authority.names, language) if decision.authority else None,
        "due": local_date(decision.due, zone, language, has_hour=has_hour) if decision.due else None,
        "legal_basis": decision.legal_basis,
    }


def _department(data: Any, release: Release, notice: Wanted) -> str | None:
    """Who is written to, else who acts: the department decided on, or the one that reports."""
    if notice.audience != "citizen":
        code = recipient_of(data, notice.audience)
    elif isinstance(data, RequestRouted | RequestHeld):
        code = data.decision.department.code if data.decision.department else None
    else:
        code = data.department if isinstance(data, RequestResolved) else None
    known = release.departments.get(code or "")
    return _in(known.names, notice.language) if known else code


def _service(code: str | None, release: Release, language: str) -> str | None:
    known = release.services.get(code or "")
    return _in(known.names, language) if known else code


def _answers(data: Any, release: Release, language: str) -> Mapping[str, str]:
    return replies_in_words(release.services.get(data.service or ""), getattr(data, "answers", {}), language)


def _in(names: Mapping[str, str], language: str) -> str:
    """The name in this language, else in the first that it has."""
    return names.get(language) or next(iter(names.values()), "")
