"""What does the record of a request hold when a person must choose?"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from libs.directory.clues import CODES_SAID_MAX, names_of
from libs.directory.competence import Ruling, Spot
from libs.directory.decision import Candidate, Decision, Outcome, Party, Reason
from libs.directory.located import Located, Possible
from libs.directory.model import Names, Service
from libs.directory.phrases import OUTSIDE_NAMES
from libs.directory.release import Release
from libs.directory.sentences import OUTCOMES, UNSURE, in_language

ABSTAINED = "classifier-abstained"
CANDIDATES_MAX = 200  # what the event of a decision takes; the rules of one service and place are far fewer

Open = tuple[Possible, Spot | None, Ruling | None]
"""One thing that may be true, and what the rules would say then."""


def held(
    release: Release,
    outcome: Outcome,
    place: Located,
    service: Service | None,
    reasons: Sequence[Reason],
    candidates: Sequence[Candidate] = (),
    choices: Sequence[Names] = (),
) -> Decision:
    """A decision that names no owner, and says why. Nobody won, so every candidate lost."""
    municipality = release.municipalities.get(place.municipality or "")
    here = Party(municipality.official_code, municipality.names) if municipality else None
    why = reasons[-1].text if reasons else {}
    uncertain = release.phrases.remark("place-uncertain")
    values: dict[str, Any] = {
        "service": service.names if service else "",
        "place": here.names if here else _possible_names(release, place),
        "territory": release.territory.names,
        "choices": release.phrases.either(choices) if choices else why,
        "why": why,
    }
    return Decision(
        outcome=outcome,
        territory=release.territory.code,
        release=release.version,
        service=service.code if service else None,
        municipality=here,
        authority=None,
        department=None,
        due=None,
        rule=None,
        legal_basis=None,
        safety=service.safety if service else None,
        reasons=tuple(reasons),
        candidates=tuple(
            replace(one, outcome="lost", reason=uncertain) if one.outcome == "won" else one
            for one in candidates[:CANDIDATES_MAX]
        ),
        sentence=release.phrases.say(_sentence(release, outcome, reasons), values),
    )


def _sentence(release: Release, outcome: Outcome, reasons: Sequence[Reason]) -> Names:
    """Releases of format 2 told the guesses, too, and go on saying what they said."""
    is_unsure = outcome == "unclear" and reasons and reasons[-1].code == ABSTAINED
    return UNSURE if is_unsure and release.reads_hints else OUTCOMES[outcome]


def _possible_names(release: Release, place: Located) -> Names | str:
    """All in which it may be; releases of format 2 left the place open."""
    is_told = release.reads_hints and place.possible
    return names_of(release, [one.municipality for one in place.possible]) if is_told else "?"


def held_between(release: Release, place: Located, service: Service, rulings: Sequence[Open]) -> Decision:
    """Several places are possible and their owners differ: all are named, so that a person can choose."""
    shown = set(place.possible[:CODES_SAID_MAX])
    reasons = [*place.reasons, *(_possible_owner(release, *one) for one in rulings if one[0] in shown)]
    candidates: dict[tuple[str, str | None, str | None], Candidate] = {}
    for _, _, ruling in rulings:
        for one in ruling.candidates if ruling else ():
            key = (one.rule, one.authority, one.department)
            if key not in candidates or candidates[key].outcome == "lost":
                candidates[key] = one
    return held(release, "ambiguous", place, service, reasons, list(candidates.values()), _choices(release, rulings))


def _choices(release: Release, rulings: Sequence[Open]) -> list[Names]:
    """What the sentence names: the authorities, or the departments where one authority has several, each once."""
    authorities = {ruling.authority.code for _, _, ruling in rulings if ruling and ruling.authority}
    departments = {ruling.department.code for _, _, ruling in rulings if ruling and ruling.department}
    named: dict[str, Names] = {}
    for possible, _, ruling in rulings:
        if ruling and ruling.authority and ruling.department:
            who = ruling.department if len(departments) > len(authorities) == 1 else ruling.authority
            named[who.code] = who.names
        else:
            named[f"place {possible.municipality}"] = _place_names(release, possible)
    if len(named) == 1 and release.reads_hints:
        # All the same owner, and yet a person chooses, because clues contradict: the choice is between places.
        return [_place_names(release, possible) for possible in dict.fromkeys(one[0] for one in rulings)]
    return list(named.values())


def _possible_owner(release: Release, possible: Possible, spot: Spot | None, ruling: Ruling | None) -> Reason:
    names = _place_names(release, possible)
    layers = sorted(spot.layers) if spot and spot.layers else []
    said = {one: ", ".join([in_language(names, one), *layers]) for one in release.territory.languages}
    details: dict[str, Any] = {"municipality": possible.municipality, "layers": layers}
    if possible.distance_m is not None:
        details["distance_m"] = possible.distance_m
    if ruling is None or ruling.authority is None or ruling.department is None:
        return release.phrases.reason("nobody-there", details, place=said)
    details |= {"authority": ruling.authority.code, "department": ruling.department.code}
    who = {"authority": ruling.authority.names, "department": ruling.department.names}
    return release.phrases.reason("possible-owner", details, place=said, **who)


def _place_names(release: Release, possible: Possible) -> Names:
    municipality = release.municipalities.get(possible.municipality or "")
    return municipality.names if municipality else OUTSIDE_NAMES
