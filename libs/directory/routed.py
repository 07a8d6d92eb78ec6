"""What does a decision say that names an owner, with as much of it as can be said once for many?"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from libs.directory.clues import names_of
from libs.directory.competence import Ruling
from libs.directory.decision import Decision, Party, Reason
from libs.directory.located import Located
from libs.directory.model import Authority, Department, Names, Service
from libs.directory.release import Release
from libs.directory.sentences import OUTCOMES, in_language
from libs.directory.written import Frame

# Where place, authority, department and the time by when go in a sentence; no name holds these.
HOLES = ("\x00p", "\x00a", "\x00d", "\x00t")


def routed(
    release: Release,
    at: datetime,
    place: Located,
    service: Service,
    ruling: Ruling,
    reasons: tuple[Reason, ...],
) -> Decision:
    """The decision of a ruling that names an owner, for a request that was accepted at this moment."""
    assert ruling.rule is not None  # a winner has all three
    assert ruling.authority is not None
    assert ruling.department is not None
    # Nobody knows in which, where several are possible and all have this owner.
    municipality = release.municipalities[place.municipality] if place.municipality else None
    here = municipality.names if municipality else names_of(release, [one.municipality for one in place.possible])
    due = release.calendar.due(at, service.target)
    rule = ("record", service.code, ruling.rule.id, municipality is None)
    framed: Frame | None = release.memory.get(rule)
    decision = Decision(
        outcome="routed",
        territory=release.territory.code,
        release=release.version,
        service=service.code,
        municipality=_party(release, municipality.official_code, municipality) if municipality else None,
        authority=_party(release, ruling.authority.code, ruling.authority),
        department=_party(release, ruling.department.code, ruling.department),
        due=due,
        rule=ruling.rule.id,
        legal_basis=ruling.rule.basis,
        safety=service.safety,
        reasons=(*reasons, ruling.why),
        candidates=ruling.candidates,
        sentence=_sentence(release, service, here, ruling, due),
        framed=framed,
    )
    if framed is None:
        release.memory[rule] = decision.frame()
    return decision


def _party(release: Release, code: str, who: Authority | Department) -> Party:
    """The same for every decision that names it, so that it is written once. A municipality goes by two codes."""
    key = (type(who), code, who.code)
    known: Party | None = release.memory.get(key)
    if known is None:
        known = release.memory[key] = Party(code, who.names)
    return known


def _sentence(
    release: Release, service: Service, here: Names, ruling: Ruling, due: datetime | None
) -> Mapping[str, str]:
    """Said once for each service and day, and the names put in; where it is due in hours, the minute too."""
    assert ruling.authority is not None
    assert ruling.department is not None
    who = [here, ruling.authority.names, ruling.department.names]
    day = due
    if "hours" in service.target:
        day = None
        who.append(_minute(release, due))
    around = release.sentences.get((service.code, day)) or _around(release, service, day)
    return {language: _named(text, who, language) for language, text in around.items()}


def _minute(release: Release, due: datetime | None) -> Names:
    """When it is due, to the minute; many come within one."""
    minute = due and due.replace(second=0)
    known: Names | None = release.sentences.get(minute)
    if known is None:
        local = minute and release.calendar.local(minute)
        known = release.sentences[minute] = release.phrases.due(local, has_hour=True)
    return known


def _around(release: Release, service: Service, day: datetime | None) -> Mapping[str, str]:
    """The sentence with holes."""
    place, authority, department, time = HOLES
    is_by_hour = "hours" in service.target
    by_when = time if is_by_hour else release.phrases.due(day and release.calendar.local(day), has_hour=False)
    values = {"service": service.names, "place": place, "authority": authority, "department": department}
    said = release.phrases.say(OUTCOMES["routed"], {**values, "due": by_when})
    release.sentences[service.code, day] = said
    return said


def _named(text: str, who: Sequence[Names], language: str) -> str:
    for hole, names in zip(HOLES, who, strict=False):
        text = text.replace(hole, in_language(names, language))
    return text
