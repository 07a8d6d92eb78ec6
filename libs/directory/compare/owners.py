"""Whose are the requests that somebody else would own under the newer release?

Both releases are asked about every cell (service, municipality, layer, kind of answer, day), so that rules written in
another way that do the same make no difference, and one rule that moves a town's requests does.
"""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from libs.directory.answers import Case, Kind, cases_of
from libs.directory.cells import Effect, Owner, Place, joined

THE_COMMUNE = "@municipality"
NOBODY = ""


class Pair(NamedTuple):
    """Who owned it, and who will."""

    old: Owner | None
    new: Owner | None


class Moved(NamedTuple):
    """What is told in one line: where it happens, for which answers, when, and from whom to whom."""

    layer: str | None
    days: range
    answers: tuple[Case, ...]
    """Empty: whatever is answered."""
    decides: tuple[str, str]
    """Authorities by code; the municipality itself is `@municipality`, so that all of them make one line."""
    acts: tuple[str, str] | None
    """Departments; None where another authority decides, which says enough."""


Moves = dict[Moved, dict[str, Pair]]
"""By municipality."""


def owner_moves(service: str, old: Effect, new: Effect) -> Moves | None:
    """Everything about one service that both releases know; None when its rules tell too many answers apart."""
    tests = [test for effect in (old, new) for rule in effect.rules[service] for test in rule.tests]
    cases = cases_of(tests, new.release.services[service])
    if cases is None:
        return None
    moves: Moves = {}
    for code in municipalities_of_both(old, new):
        found: dict[tuple[str | None, range, Pair], list[Case]] = defaultdict(list)
        for case in cases:
            for layer, days, pair in _cells(service, code, case, old, new):
                found[layer, days, pair].append(case)
        for (layer, days, pair), those in found.items():
            moves.setdefault(_moved(layer, days, simplest(those, cases), pair, code, old, new), {})[code] = pair
    return moves


def municipalities_of_both(old: Effect, new: Effect) -> list[str]:
    """By official code; one that only one release knows is told as such."""
    return sorted(set(old.release.municipalities) & set(new.release.municipalities))


def simplest(those: Sequence[Case], cases: Sequence[Case]) -> tuple[Case, ...]:
    """The same cases, without the questions whose answer makes no difference."""
    kept = set(those)
    for question in range(len(cases[0])):
        kinds = {case[question] for case in cases}
        wider = {(*case[:question], None, *case[question + 1 :]) for case in kept}
        if len(kept) == len(wider) * len(kinds):
            kept = wider  # type: ignore[assignment]  # None marks a question left out, and is taken out below
    plain = {tuple(kind for kind in case if kind is not None) for case in kept}
    return tuple(sorted((case for case in plain if case), key=_label))


def _label(case: tuple[Kind, ...]) -> str:
    return " and ".join(f"{kind.question} {kind}" for kind in case)


def _cells(service: str, code: str, case: Case, old: Effect, new: Effect) -> list[tuple[str | None, range, Pair]]:
    """Where and when the owners differ; a layer on which they change as all around it does is not told."""
    turns = old.turns(service) | new.turns(service)
    plain = _periods(service, Place(code), case, turns, old, new)
    found: list[tuple[str | None, range, Pair]] = [(None, days, pair) for days, pair in plain]
    around = {(days, _people(pair)) for days, pair in plain}
    for layer in sorted({*old.layers_of(service), *new.layers_of(service)}):
        on = _periods(service, Place(code, layer), case, turns, old, new)
        found += [(layer, days, pair) for days, pair in on if (days, _people(pair)) not in around]
    return found


def _periods(
    service: str, place: Place, case: Case, turns: set[int], old: Effect, new: Effect
) -> list[tuple[range, Pair]]:
    """The periods in which the owners differ; those that follow each other with the same owners are one."""
    drawn = [effect for effect in (old, new) if effect.release.has_boundaries] or [old, new]
    there = [days for effect in drawn for days in effect.days_at(place)]
    office = [effect.release.municipalities[place.municipality].days for effect in (old, new)]
    marks = sorted({*turns, *(turn for days in there for turn in (days.start, days.stop))})
    same: dict[tuple[object, object], list[range]] = defaultdict(list)
    first: dict[tuple[object, object], Pair] = {}
    for start, stop in pairwise(marks):
        if any(start in days for days in there) and all(start in days for days in office):
            pair = Pair(*(effect.owner(service, _seen(effect, place, start), case, start) for effect in (old, new)))
            people = _people(pair)
            if people[0] != people[1]:
                same[people].append(range(start, stop))
                first.setdefault(people, pair)
    return [(days, first[people]) for people, periods in same.items() for days in joined(periods)]


def _people(pair: Pair) -> tuple[object, object]:
    """Without the rules, whose names and number may change while nobody notices."""
    return pair.old and pair.old[:2], pair.new and pair.new[:2]


def _seen(effect: Effect, place: Place, day: int) -> Place:
    """How a release sees it: where it has drawn no such layer, the place is like any other."""
    return place if any(day in days for days in effect.days_at(place)) else Place(place.municipality)


def _moved(
    layer: str | None, days: range, answers: tuple[Case, ...], pair: Pair, code: str, old: Effect, new: Effect
) -> Moved:
    own = {effect.release.municipalities[code].code for effect in (old, new)}
    names = [owner.authority if owner else NOBODY for owner in pair]
    decides = (_relative(names[0], own), _relative(names[1], own))
    if names[0] != names[1] or pair.old is None or pair.new is None:
        return Moved(layer, days, answers, decides, None)
    return Moved(layer, days, answers, decides, (pair.old.department, pair.new.department))


def _relative(authority: str, own: set[str]) -> str:
    return THE_COMMUNE if authority in own else authority
