"""What does the record of a decision say when a person has chosen the owner, or has to?

The rules were asked all the same: their candidates and reasons stay on record beside the person's choice.
"""

from collections.abc import Sequence
from typing import Any

from libs.directory import Release
from libs.events.models import Party, RequestAccepted
from services.router import sentences

ASSIGNED = "assigned"
HOP_LIMIT = "hop-limit"
ASSIGNMENT_REFUSED = "assignment-refused"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"  # as decisions of the rules write it
NOBODY = dict.fromkeys(("authority", "department", "due", "rule", "legal_basis"))

Record = dict[str, Any]


def chosen(release: Release, record: Record, department_code: str, accepted: RequestAccepted) -> Record:
    """The owner is whom a person chose. Nobody gains time by that: it is due as if the rules had chosen at once."""
    department = release.departments[department_code]
    authority = release.authorities[_who_decides(record, department_code) or department.authority]
    service = release.services.get(accepted.service or "")
    due = release.calendar.due(accepted.accepted_at, service.target) if service else None
    is_the_rules_choice = record["department"] is not None and record["department"]["code"] == department_code
    values = {
        "service": service.names if service else "",
        "authority": authority.names,
        "department": department.names,
        "due": release.phrases.due(due and release.calendar.local(due), bool(service and "hours" in service.target)),
    }
    reason = _reason(ASSIGNED, release.phrases.say(sentences.CHOSEN_REASON, values), {"department": department_code})
    return record | {
        "outcome": "routed",
        "service": accepted.service,
        "authority": _party(authority.code, authority.names),
        "department": _party(department.code, department.names),
        "due": due.strftime(TIME_FORMAT) if due else None,
        "rule": record["rule"] if is_the_rules_choice else None,
        "legal_basis": record["legal_basis"] if is_the_rules_choice else None,
        "reasons": [*record["reasons"], reason],
        "candidates": record["candidates"] if is_the_rules_choice else _all_lost(release, record),
        "sentence": release.phrases.say(sentences.CHOSEN, values),
    }


def too_often(release: Release, record: Record, hops: int, refusers: Sequence[str]) -> Record:
    """After too many refusals the rules have had their say: a person chooses among the candidates in the record."""
    sentence = release.phrases.say(sentences.TOO_MANY_HOPS, {"hops": hops})
    details = {"hops": hops, "hops_max": release.territory.hops_max, "refusers": list(refusers)}
    return _held(record, _reason(HOP_LIMIT, sentence, details))


def refused_again(release: Release, record: Record, refusers: Sequence[str]) -> Record:
    """Whom a person chose has refused. A person looks again; the rules do not overrule people by turns."""
    sentence = release.phrases.say(sentences.CHOICE_REFUSED, {})
    return _held(record, _reason(ASSIGNMENT_REFUSED, sentence, {"refusers": list(refusers)}))


def desk_for(release: Release, record: Record) -> Party:
    """Who looks at it: the arbitration desk after too many refusals, where there is one, else the desk."""
    territory = release.territory
    is_dispute = any(reason["code"] == HOP_LIMIT for reason in record["reasons"])
    code = territory.arbitration if is_dispute and territory.arbitration else territory.desk
    return Party(code=code, names=dict(release.departments[code].names))


def _held(record: Record, reason: Record) -> Record:
    reasons = [*record["reasons"], reason]
    return record | NOBODY | {"outcome": "ambiguous", "sentence": reason["text"], "reasons": reasons}


def _who_decides(record: Record, department: str) -> str | None:
    """By the rules' own candidates: a pooled department acts for an authority that is not its own."""
    found = (one["authority"] for one in record["candidates"] if one["department"] == department and one["authority"])
    return next(found, None)


def _all_lost(release: Release, record: Record) -> list[Record]:
    """A candidate's remark is in the territory's first language, as those of the rules are."""
    first = release.territory.languages[0]
    remark = release.phrases.say(sentences.OTHER_CHOSEN, {})[first]
    return [
        one | {"outcome": "lost", "reason": remark} if one["outcome"] == "won" else one for one in record["candidates"]
    ]


def _reason(code: str, text: dict[str, str], details: Record) -> Record:
    return {"code": code, "text": text, "details": details}


def _party(code: str, names: Any) -> Record:
    return {"code": code, "names": dict(names)}
