"""Does every service have an owner in every municipality, and is it explained where none is meant?"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from libs.directory.answers import Case, cases_of
from libs.directory.cells import Effect, Place, joined
from libs.directory.competence import EVERYWHERE, Reach, split_where
from libs.directory.findings import Finding
from libs.directory.model import OPEN_END
from libs.directory.pack import Entry, Pack

Mark = Literal["covered", "partly", "uncovered", "explained"]
ALWAYS = "always"
PLACES_SAID_MAX = 5  # a longer list is not read; the count says the rest


@dataclass(frozen=True, slots=True)
class Coverage:
    """The matrix of services and municipalities (by official code), as far as not everything in a row is covered."""

    services: int
    municipalities: tuple[str, ...]
    rows: Mapping[str, Mapping[str, Mark]] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """For `--json`: how many pairs are how, and every row that has a hole."""
        marks = Counter(mark for row in self.rows.values() for mark in row.values())
        pairs = self.services * len(self.municipalities)
        marks["covered"] = pairs - marks["partly"] - marks["uncovered"] - marks["explained"]
        counts = {mark: marks[mark] for mark in ("covered", "partly", "uncovered", "explained")}
        return {"pairs": pairs, **counts, "matrix": {service: dict(row) for service, row in self.rows.items()}}


@dataclass(frozen=True, slots=True)
class Hole:
    """When, and for which answers, nobody owns a service in a municipality."""

    periods: tuple[range, ...]
    answers: tuple[str, ...]
    is_whole: bool
    """Nobody ever owns it, whatever is answered."""

    def __str__(self) -> str:
        when = ", ".join(said(days) for days in self.periods)
        what = f"when answered “{' or '.join(self.answers)}”" if self.answers else ""
        when = "" if self.is_whole or (what and when == ALWAYS) else when
        return "".join(f", {part}" for part in (when, what) if part)


def check_coverage(pack: Pack, effect: Effect) -> tuple[list[Finding], Coverage]:
    """Each service with municipalities where it has no owner, once known who explains what."""
    explained = dict(_explained(pack, effect))
    used: set[int] = set()
    rows: dict[str, dict[str, Mark]] = {}
    findings: list[Finding] = []
    for service in pack.services:
        holes = _holes(effect, service["code"])
        meant = {code: explained.get((service["code"], code)) for code in holes}
        used |= {id(entry) for entry in meant.values() if entry}
        open_holes = {code: hole for code, hole in holes.items() if not meant[code]}
        findings += _uncovered(service, open_holes, effect)
        if holes:
            rows[service["code"]] = _row(effect, holes, open_holes)
    for entry in pack.uncovered:
        if id(entry) not in used and entry["service"] in effect.release.services:
            message = f"“{entry['service']}” has an owner everywhere in “{entry['where']}”"
            findings.append(entry.found("explanation-unneeded", message))
    return findings, Coverage(len(pack.services), tuple(sorted(effect.release.municipalities)), rows)


def said(days: range) -> str:
    """A period as a person reads it; both days belong to it."""
    first = f"from {date.fromordinal(days.start)}" if days.start > 1 else ""
    last = f"until {date.fromordinal(days.stop - 1)}" if days.stop <= OPEN_END else ""
    return " ".join(part for part in (first, last) if part) or ALWAYS


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - PLACES_SAID_MAX} more" if len(names) > PLACES_SAID_MAX else ""
    return ", ".join(names[:PLACES_SAID_MAX]) + more


def _row(effect: Effect, holes: Mapping[str, Hole], open_holes: Mapping[str, Hole]) -> dict[str, Mark]:
    def mark(code: str) -> Mark:
        if code not in holes:
            return "covered"
        if code not in open_holes:
            return "explained"
        return "uncovered" if holes[code].is_whole else "partly"

    return {code: mark(code) for code in sorted(effect.release.municipalities)}


def _holes(effect: Effect, service: str) -> dict[str, Hole]:
    """By municipality. Layers need no look: their rules only add owners. The time before the first owner is no hole."""
    cases = cases_of([test for rule in effect.rules[service] for test in rule.tests], effect.release.services[service])
    turns = effect.turns(service)
    found = {code: _hole(effect, service, code, cases or [()], turns) for code in effect.release.municipalities}
    return {code: hole for code, hole in sorted(found.items()) if hole}


def _hole(effect: Effect, service: str, code: str, cases: Sequence[Case], turns: set[int]) -> Hole | None:
    place = Place(code)
    missing: dict[range, list[Case]] = {}
    begun = False
    for days in effect.periods(place, turns):
        lacking = [case for case in cases if not effect.owner(service, place, case, days.start)]
        begun = begun or len(lacking) < len(cases)
        if begun and lacking:
            missing[days] = lacking
    if not begun:
        return Hole((), (), is_whole=True) if effect.days_at(place) else None
    if not missing:
        return None
    whole = [case for case in cases if all(case in lacking for lacking in missing.values())]
    answers = () if len(whole) == len(cases) else sorted({_answer(case) for one in missing.values() for case in one})
    return Hole(tuple(joined(list(missing))), tuple(answers), is_whole=False)


def _answer(case: Case) -> str:
    return " and ".join(str(kind) for kind in case if str(kind)) or "otherwise"


def _uncovered(service: Entry, holes: Mapping[str, Hole], effect: Effect) -> Iterator[Finding]:
    """One finding for all municipalities with the same hole."""
    alike: dict[Hole, list[str]] = defaultdict(list)
    for code, hole in holes.items():
        alike[hole].append(effect.release.municipalities[code].code)
    for hole, codes in alike.items():
        yield service.found("pair-uncovered", f"{service['code']}: nobody owns it in {listed(codes)}{hole}")


def _explained(pack: Pack, effect: Effect) -> Iterator[tuple[tuple[str, str], Entry]]:
    own = {one.code: code for code, one in effect.release.municipalities.items()}
    for entry in pack.uncovered:
        reach, place = split_where(entry["where"])
        codes = effect.release.municipalities if entry["where"] == EVERYWHERE else [own.get(place, place)]
        if reach is not Reach.LAYER:
            yield from (((entry["service"], code), entry) for code in codes)
