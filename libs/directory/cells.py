"""What does a release say about each service, in each municipality and layer, for each kind of answer, on each day?

A pack's effect, cut into cells within which the owner cannot change. Everything that judges or compares packs by what
they do, rather than by how they are written, goes through here.
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from libs.directory.answers import Case, answers_in
from libs.directory.competence import Circumstances, Reach, Rule, Spot
from libs.directory.release import Release


class Owner(NamedTuple):
    """Who decides and who acts, and the rule that says so."""

    authority: str
    department: str
    rule: str


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality by official code, on a layer or on none.

    Places on two layers need not be looked at: the rule that wins there wins on one of the two alone.
    """

    municipality: str
    layer: str | None = None


class Effect:
    """A release, asked about cells. Days are ordinals."""

    def __init__(self, release: Release) -> None:
        self.release = release
        self.rules: dict[str, list[Rule]] = defaultdict(list)
        for rule in release.rules:
            self.rules[rule.service].append(rule)

    @cached_property
    def _offices(self) -> set[int]:
        """The days on which somebody enters or leaves office."""
        holders: list[range] = [one.days for one in self.release.authorities.values()]
        holders += [one.days for one in self.release.departments.values()]
        return {turn for days in holders for turn in (days.start, days.stop)}

    @cached_property
    def _present(self) -> dict[tuple[str, str], list[range]]:
        """When each layer is found in each municipality, as far as outlines tell."""
        places, layers = self.release.places, self.release.layers
        found: dict[tuple[str, str], list[range]] = defaultdict(list)
        for place, layer, days in places.crossings(layers):
            found[places.keys[place], layers.keys[layer]].append(days)
        return found

    def layers_of(self, service: str) -> list[str]:
        """The layers that its rules name."""
        return sorted({rule.place for rule in self.rules[service] if rule.reach is Reach.LAYER})

    def turns(self, service: str) -> set[int]:
        """The days on which the owner of a service can change."""
        own = {turn for rule in self.rules[service] for turn in (rule.days.start, rule.days.stop)}
        on = {turn for days in self._present.values() for one in days for turn in (one.start, one.stop)}
        return own | self._offices | (on if self.layers_of(service) else set())

    def days_at(self, place: Place) -> list[range]:
        """When there is such a place: the municipality is in office, and the layer runs through it."""
        municipality = self.release.municipalities.get(place.municipality)
        if municipality is None:
            return []
        if place.layer is None:
            return [municipality.days]
        if not self.release.has_boundaries:
            return [municipality.days] if place.layer in self.release.layers.keys else []
        return self._present.get((place.municipality, place.layer), [])

    def periods(self, place: Place, turns: Iterable[int]) -> Iterator[range]:
        """The time at a place, cut where owners can change."""
        cuts = sorted(turns)
        for days in self.days_at(place):
            marks = [days.start, *(cut for cut in cuts if days.start < cut < days.stop), days.stop]
            yield from (range(one, other) for one, other in itertools.pairwise(marks))

    def owner(self, service: str, place: Place, case: Case, day: int) -> Owner | None:
        """Who owns it there and then; None when nobody does."""
        spot = Spot(place.municipality, frozenset({place.layer} if place.layer else ()))
        found = self.release.rulebook.first(service, spot, Circumstances(day, answers_in(case), ()))
        return Owner(found[1].code, found[2].code, found[0].id) if found else None


def joined(periods: Sequence[range]) -> list[range]:
    """Periods that follow each other as one."""
    whole: list[range] = []
    for one in sorted(periods, key=lambda days: days.start):
        if whole and whole[-1].stop >= one.start:
            whole[-1] = range(whole[-1].start, max(whole[-1].stop, one.stop))
        else:
            whole.append(one)
    return whole
