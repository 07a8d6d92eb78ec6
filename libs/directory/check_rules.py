"""Can each rule win, can no two win at once, and does every service have an owner in every municipality?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from libs.directory.competence import Reach, Rule
from libs.directory.conditions import exclude_each_other
from libs.directory.findings import Finding
from libs.directory.model import OPEN_END
from libs.directory.pack import COMPETENCES, SERVICES, Entry, Pack
from libs.directory.release import Release

PLACES_SAID_MAX = 5  # a longer list is not read; the count says the rest


def check_rules(pack: Pack, release: Release) -> list[Finding]:
    """Findings that need the rules compiled."""
    entries = {entry["id"]: entry for entry in pack.competences}
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in release.rules:
        rules[rule.service].append(rule)
    findings = [*_unused_layers(pack, release)]
    for service in pack.services:
        own = rules[service["code"]]
        findings += [*_equal(own, entries), *_shadowed(own, entries, release), *_unstaffed(own, entries, release)]
        findings += _uncovered(service, own, release)
    return findings


def _meet(one: Rule, other: Rule) -> bool:
    return max(one.days.start, other.days.start) < min(one.days.stop, other.days.stop)


def _same_place(one: Rule, other: Rule) -> bool:
    """Two layers can cross, so they are one place here."""
    return one.reach is other.reach and (one.place == other.place or one.reach is Reach.LAYER)


def _equal(rules: Sequence[Rule], entries: dict[str, Entry]) -> Iterator[Finding]:
    groups: dict[tuple[int, int, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[rule.reach, rule.priority, "" if rule.reach is Reach.LAYER else rule.place].append(rule)
    for group in groups.values():
        for one, other in combinations(group, 2):
            same_owner = (one.decides, one.acts) == (other.decides, other.acts)
            if _meet(one, other) and not same_owner and not exclude_each_other(one.tests, other.tests):
                later = max((entries[one.id], entries[other.id]), key=lambda entry: entry.line)
                yield later.found("rules-equal", f"{one.id} and {other.id} can apply at once, with the same priority")


def _shadowed(rules: Sequence[Rule], entries: dict[str, Entry], release: Release) -> Iterator[Finding]:
    for rule in rules:
        above = [one for one in rules if _stands_above(one, rule)]
        if other := next((one for one in above if _same_place(one, rule) and one.place == rule.place), None):
            yield entries[rule.id].found("rule-shadowed", f"{rule.id} never wins: {other.id} always goes before it")
        elif rule.reach is Reach.TERRITORY and release.municipalities.keys() <= _own(above):
            yield entries[rule.id].found("rule-shadowed", f"{rule.id} never wins: every municipality has its own rule")


def _stands_above(one: Rule, rule: Rule) -> bool:
    """Whenever `rule` applies in its place, `one` applies and goes first."""
    covers = one.days.start <= rule.days.start and rule.days.stop <= one.days.stop
    return one.rank > rule.rank and covers and set(one.tests) <= set(rule.tests)


def _own(rules: Sequence[Rule]) -> set[str]:
    return {rule.place for rule in rules if rule.reach is Reach.MUNICIPALITY}


def _unstaffed(rules: Sequence[Rule], entries: dict[str, Entry], release: Release) -> Iterator[Finding]:
    """A rule whose authority has no such department, nor a front desk, on the last day on which both are valid."""
    for rule in rules:
        places = [rule.place] if rule.reach is Reach.MUNICIPALITY else sorted(release.municipalities)
        lacking = []
        for code in places:
            authority, department = _owner_at_last(rule, code, release)
            if authority and not department:
                lacking.append(authority)
        if names := sorted(set(lacking)):
            message = f"{rule.id}: no department for “{rule.acts}” in {_listed(names)}"
            yield entries[rule.id].found("rule-without-department", message)


def _owner_at_last(rule: Rule, municipality: str, release: Release) -> tuple[str | None, str | None]:
    place = release.municipalities[municipality]
    day = min(rule.days.stop, place.days.stop) - 1
    authority, department = release.rulebook.owner(rule, municipality, day)
    return authority.code if authority else None, department.code if department else None


def _uncovered(service: Entry, rules: Sequence[Rule], release: Release) -> Iterator[Finding]:
    """Municipalities where, in the end, no rule without a condition applies."""
    lasting = [rule for rule in rules if rule.days.stop > OPEN_END and not rule.tests]
    if any(rule.reach is Reach.TERRITORY for rule in lasting):
        return
    present = {code for code, one in release.municipalities.items() if one.days.stop > OPEN_END}
    if missing := sorted(present - _own(lasting)):
        names = _listed([release.municipalities[code].code for code in missing])
        what = "no lasting rule without condition" if rules else "no rule"
        yield service.found("pair-uncovered", f"{service['code']}: {what} covers {names}")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - PLACES_SAID_MAX} more" if len(names) > PLACES_SAID_MAX else ""
    return ", ".join(names[:PLACES_SAID_MAX]) + more


def _unused_layers(pack: Pack, release: Release) -> Iterator[Finding]:
    used = {rule.place for rule in release.rules if rule.reach is Reach.LAYER}
    first = {entry["layer"]: entry for entry in reversed(pack.layers)}
    for name, entry in sorted(first.items()):
        if name not in used:
            yield entry.found("layer-unused", f"no rule in {COMPETENCES} names the layer {name} ({SERVICES} neither)")
