"""Can each rule win, can no two win at once, and is somebody there to act?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from libs.directory.answers import Case, answers_in, cases_of
from libs.directory.cells import Effect, Place, joined
from libs.directory.competence import Reach, Rule
from libs.directory.conditions import exclude_each_other, first_unmet
from libs.directory.coverage import listed, said
from libs.directory.findings import Finding
from libs.directory.pack import COMPETENCES, Entry, Pack

WINNERS_SAID_MAX = 3  # who goes before a rule that never wins


def check_rules(pack: Pack, effect: Effect) -> list[Finding]:
    """Findings that need the rules compiled."""
    entries = {entry["id"]: entry for entry in pack.competences}
    findings = [*_unused_layers(pack, effect)]
    for service in pack.services:
        rules = effect.rules[service["code"]]
        findings += [*_equal(rules, entries), *_unstaffed(rules, entries, effect)]
        findings += _dead(service, rules, entries, effect)
    return findings


def _meet(one: Rule, other: Rule) -> bool:
    return max(one.days.start, other.days.start) < min(one.days.stop, other.days.stop)


def _equal(rules: Sequence[Rule], entries: dict[str, Entry]) -> Iterator[Finding]:
    """Rules neither of which goes before the other. Two layers can cross, so they are one place here."""
    groups: dict[tuple[int, int, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.reach, rule.priority, "" if rule.reach is Reach.LAYER else rule.place].append(rule)
    for group in groups.values():
        for one, other in combinations(group, 2):
            same_owner = (one.decides, one.acts) == (other.decides, other.acts)
            if _meet(one, other) and not same_owner and not exclude_each_other(one.tests, other.tests):
                later = max((entries[one.id], entries[other.id]), key=lambda entry: entry.line)
                yield later.found("rules-equal", f"{one.id} and {other.id} can apply at once, with the same priority")


def _places(rules: Sequence[Rule], effect: Effect) -> list[Place]:
    layers = sorted({rule.place for rule in rules if rule.reach is Reach.LAYER})
    return [Place(code, layer) for code in effect.release.municipalities for layer in (None, *layers)]


def _dead(service: Entry, rules: Sequence[Rule], entries: dict[str, Entry], effect: Effect) -> Iterator[Finding]:
    """Rules that win nowhere, on no day, for no answer; each with the reason that fits."""
    cases = cases_of([test for rule in rules for test in rule.tests], effect.release.services[service["code"]])
    if cases is None:
        yield service.found("service-unexamined", f"{service['code']}: its rules tell too many answers apart")
        return
    winners = _winners(service["code"], _places(rules, effect), cases, effect)
    for rule in rules:
        if rule.days and not any(rule.id == one for one, *_ in winners):
            code, message = _why_dead(rule, winners, cases, effect)
            yield entries[rule.id].found(code, f"{rule.id} never wins: {message}")


Win = tuple[str, Place, Case, range]
"""A rule that wins at a place, for a kind of answer, for some days."""


def _winners(service: str, places: Sequence[Place], cases: Sequence[Case], effect: Effect) -> list[Win]:
    turns = effect.turns(service)
    return [
        (owner.rule, place, case, days)
        for place in places
        for days in effect.periods(place, turns)
        for case in cases
        if (owner := effect.owner(service, place, case, days.start))
    ]


def _why_dead(rule: Rule, winners: Sequence[Win], cases: Sequence[Case], effect: Effect) -> tuple[str, str]:
    fitting = [case for case in cases if not first_unmet(rule.tests, answers_in(case))]
    if not fitting:
        return "condition-never-met", f"no answer to the questions meets “{rule.condition}”"
    there = [place for place in _places([rule], effect) if _is_at(rule, place)]
    if not any(_meets(rule.days, effect.days_at(place)) for place in there):
        where = f"the layer {rule.place} runs through" if rule.reach is Reach.LAYER else "it is for"
        return "rule-nowhere", f"{where} no municipality while it is valid"
    before = {
        one for one, place, case, days in winners if place in there and case in fitting and _meets(days, [rule.days])
    }
    others = sorted(before)[:WINNERS_SAID_MAX]
    return "rule-shadowed", f"{', '.join(others)} always goes before it" if others else "nobody can act by it"


def _is_at(rule: Rule, place: Place) -> bool:
    if rule.reach is Reach.LAYER:
        return place.layer == rule.place
    return rule.reach is Reach.TERRITORY or place.municipality == rule.place


def _meets(days: range, others: Sequence[range]) -> bool:
    return any(max(days.start, one.start) < min(days.stop, one.stop) for one in others)


def _unstaffed(rules: Sequence[Rule], entries: dict[str, Entry], effect: Effect) -> Iterator[Finding]:
    """A rule whose authority has no such department, nor a front desk: never, or no longer from some day on."""
    for rule in rules:
        places = [rule.place] if rule.reach is Reach.MUNICIPALITY else sorted(effect.release.municipalities)
        lacking: dict[str, set[str]] = defaultdict(set)
        for code in places:
            for authority, periods in _without_department(rule, code, effect).items():
                lacking[", ".join(said(days) for days in periods)].add(authority)
        for when, names in sorted(lacking.items()):
            message = f"{rule.id}: no department for “{rule.acts}” in {listed(sorted(names))}, {when}"
            yield entries[rule.id].found("rule-without-department", message)


def _without_department(rule: Rule, municipality: str, effect: Effect) -> dict[str, list[range]]:
    """By authority: the days on which it is in office and nobody there acts; not those before the first who does."""
    early: dict[str, list[range]] = defaultdict(list)
    late: dict[str, list[range]] = defaultdict(list)
    begun: set[str] = set()
    for days in effect.periods(Place(municipality), effect.turns(rule.service)):
        if days.start not in rule.days:
            continue
        authority, department = effect.release.rulebook.owner(rule, municipality, days.start)
        if authority and department:
            begun.add(authority.code)
        elif authority:
            (late if authority.code in begun else early)[authority.code].append(days)
    never = {code: periods for code, periods in early.items() if code not in begun}
    return {code: joined(periods) for code, periods in {**never, **late}.items()}


def _unused_layers(pack: Pack, effect: Effect) -> Iterator[Finding]:
    used = {rule.place for rule in effect.release.rules if rule.reach is Reach.LAYER}
    first = {entry["layer"]: entry for entry in reversed(pack.layers)}
    for name, entry in sorted(first.items()):
        if name not in used:
            yield entry.found("layer-unused", f"no rule in {COMPETENCES} names the layer {name}")
