"""Of the rules about a service, which one decides who owns it here, and why do the others lose?

A layer goes before a municipality, a municipality before the territory; then the higher priority wins. Equal rank is an
error when a pack is checked; should it happen all the same (an answer with several values), nobody wins.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from libs.directory.conditions import Test, first_unmet, parse_condition
from libs.directory.decision import Candidate, Reason
from libs.directory.model import FRONT_DESK, Authority, Department, Row, days_of
from libs.directory.sentences import Phrasebook
from libs.value import value

AT_MUNICIPALITY = "@municipality"
AT_DECIDES = "@decides"
EVERYWHERE = "*"


class Reach(IntEnum):
    """How specific a rule is; higher goes first."""

    TERRITORY = 1
    MUNICIPALITY = 2
    LAYER = 3


def split_where(where: str) -> tuple[Reach, str]:
    """`*`, `municipality:CODE` or `layer:NAME`. ValueError for anything else."""
    kind, _, name = where.partition(":")
    if where == EVERYWHERE:
        return Reach.TERRITORY, ""
    if kind in ("municipality", "layer") and name:
        return Reach[kind.upper()], name
    raise ValueError(f"“{where}” is not *, municipality:CODE or layer:NAME")


@dataclass(frozen=True, slots=True)
class Rule:
    """One competence: who decides and who acts for a service in a place, under a condition, for a time."""

    id: str
    service: str
    reach: Reach
    place: str
    condition: str
    tests: tuple[Test, ...]
    decides: str
    acts: str
    priority: int
    days: range
    basis: str | None

    @classmethod
    def of(cls, row: Row) -> "Rule":
        """From a release's row."""
        reach, place = split_where(row["where"])
        tests = parse_condition(row["condition"])
        who = (row["decides"], row["acts"], row["priority"])
        return cls(row["id"], row["service"], reach, place, row["condition"], tests, *who, days_of(row), row["basis"])

    @property
    def order(self) -> tuple[int, str]:
        """Sorts rules of equal reach in the order in which they are asked."""
        return (-self.priority, self.id)

    @property
    def rank(self) -> tuple[int, int]:
        """Equal for two rules neither of which goes before the other."""
        return (self.reach, self.priority)


@value
class Spot:
    """One possible truth about where something is: a municipality, and the layers that it is on (None: no point)."""

    municipality: str
    layers: frozenset[str] | None


@value
class Circumstances:
    """What rules look at besides service and place."""

    day: int
    answers: Mapping[str, Any]
    refusers: Collection[str]


@value
class Own:
    """Who stands for “the municipality” in the rules of a service: a department for each way in which they name one."""

    authority: Authority | None
    departments: tuple[Department, ...]

    @property
    def pattern(self) -> tuple[int, ...]:
        """Which of the departments are one and the same: in a small town two ways to name one mean the front desk."""
        several = self.departments
        return tuple(several.index(one) for one in several) if len(several) > 1 else ()


@value
class Ruling:
    """What the rules say about one spot. No `rule`: nobody owns it, or `tied` names two rules that equally would."""

    rule: Rule | None
    authority: Authority | None
    department: Department | None
    candidates: tuple[Candidate, ...]
    why: Reason
    tied: tuple[str, str] | None = None
    local: tuple[tuple[int, int | None], ...] = ()
    """Which candidates name the municipality's own, and which of its departments; None where the rule names another."""

    def of(self, own: Own) -> "Ruling":
        """The same where another municipality's people stand for it."""
        if not self.local or own.authority is None:
            return self
        authority, department, candidates = self.authority, self.department, list(self.candidates)
        for place, which in self.local:
            one = candidates[place]
            acting = None if which is None else own.departments[which]
            candidates[place] = one.of(own.authority.code, acting.code if acting else one.department)
            if self.rule is not None and one.outcome == "won":
                authority, department = own.authority, acting or department
        return Ruling(self.rule, authority, department, tuple(candidates), self.why, self.tied, self.local)

    @property
    def owner(self) -> tuple[str, str] | None:
        """Compares rulings: the authority that decides and the department that acts."""
        return (self.authority.code, self.department.code) if self.authority and self.department else None


NOBODY = Own(None, ())  # the rules do not speak of the municipality


class Rulebook:
    """The rules of a release, and who they name."""

    def __init__(
        self,
        rules: Iterable[Rule],
        municipalities: Mapping[str, Authority],
        authorities: Mapping[str, Authority],
        departments: Mapping[str, Department],
        phrases: Phrasebook,
    ) -> None:
        self._at: dict[tuple[str, Reach, str], list[Rule]] = {}
        self.answers_asked: dict[str, tuple[str, ...]] = {}
        self._own_acts: dict[str, dict[str, int]] = {}
        self._named: dict[str, set[str]] = defaultdict(set)
        for rule in sorted(rules, key=lambda rule: rule.order):
            key = (rule.service, rule.reach, "" if rule.reach is Reach.LAYER else rule.place)
            self._at.setdefault(key, []).append(rule)
            asked = {*self.answers_asked.get(rule.service, ()), *(test.answer for test in rule.tests)}
            self.answers_asked[rule.service] = tuple(sorted(asked))
            self._named[rule.service] |= {rule.decides, rule.acts}
            if rule.decides == AT_MUNICIPALITY:
                own = self._own_acts.setdefault(rule.service, {})
                if rule.acts.startswith(AT_DECIDES):
                    own.setdefault(rule.acts, len(own))
        self._municipalities, self._authorities, self._departments = municipalities, authorities, departments
        self._phrases = phrases
        self._won: dict[str, Reason] = {}
        self._remarks: dict[tuple[str, ...], str] = {}
        self._by_role: dict[tuple[str, str], list[Department]] = {}
        for code in sorted(departments):
            department = departments[code]
            self._by_role.setdefault((department.authority, department.role), []).append(department)

    def own(self, service: str, municipality: str, day: int) -> Own | None:
        """Who stands for the municipality here; None where the ruling about another place would not do with these.

        That is where somebody is missing, and where a rule names this very municipality or one of its departments.
        """
        if (service, Reach.MUNICIPALITY, municipality) in self._at:
            return None
        ways = self._own_acts.get(service)
        if ways is None:
            return NOBODY
        authority, named = self._municipalities.get(municipality), self._named[service]
        if authority is None or day not in authority.days or authority.code in named:
            return None
        departments = []
        for acts in ways:
            one = self._department(acts, authority, day)
            if one is None or one.code in named:
                return None
            departments.append(one)
        return Own(authority, tuple(departments))

    def about(self, service: str, municipality: str) -> Sequence[Rule]:
        """The rules that could decide here, in the order in which they are asked."""
        places = ((Reach.LAYER, ""), (Reach.MUNICIPALITY, municipality), (Reach.TERRITORY, ""))
        return [rule for reach, place in places for rule in self._at.get((service, reach, place), ())]

    def owner(self, rule: Rule, municipality: str, day: int) -> tuple[Authority | None, Department | None]:
        """Who decides and who acts by this rule in this municipality on this day; None for who is not in office."""
        if rule.decides == AT_MUNICIPALITY:
            authority = self._municipalities.get(municipality)
        else:
            authority = self._authorities.get(rule.decides)
        if authority is None or day not in authority.days:
            return None, None
        return authority, self._department(rule.acts, authority, day)

    def _department(self, acts: str, authority: Authority, day: int) -> Department | None:
        if not acts.startswith(AT_DECIDES):
            named = self._departments.get(acts)
            return named if named and day in named.days else None
        for role in (acts.partition(":")[2] or FRONT_DESK, FRONT_DESK):
            for one in self._by_role.get((authority.code, role), ()):
                if day in one.days:
                    return one
        return None

    def first(self, service: str, spot: Spot, given: Circumstances) -> tuple[Rule, Authority, Department] | None:
        """The winner alone, without the record: the same as `rule_on` names, unless two are tied."""
        for rule in self.about(service, spot.municipality):
            authority, department = self.owner(rule, spot.municipality, given.day)
            if authority and department and not self._objection(rule, authority, department, spot, given)[0]:
                return rule, authority, department
        return None

    def rule_on(self, service: str, spot: Spot, given: Circumstances) -> Ruling:
        """The winner and, for every other rule, why it lost."""
        winner: tuple[Rule, Authority, Department] | None = None
        tied: tuple[str, str] | None = None
        candidates: list[Candidate] = []
        local: list[tuple[int, int | None]] = []
        refused = False
        for rank, rule in enumerate(self.about(service, spot.municipality), 1):
            authority, department = self.owner(rule, spot.municipality, given.day)
            why, values = self._objection(rule, authority, department, spot, given)
            refused = refused or why == "refused"
            if not why and winner and authority and department:
                why, values = "outranked", {"other": winner[0].id}
                if rule.rank == winner[0].rank and (authority, department) != winner[1:]:
                    tied = tied or (winner[0].id, rule.id)
                    why, values = "rules-tied", {"rule": winner[0].id, "other": rule.id}
            elif not why and authority and department:
                winner = (rule, authority, department)
            reason = self._remark(why or "rule-won", values or {"rule": rule.id})
            who = (authority.code if authority else None, department.code if department else None)
            candidates.append(Candidate(rule.id, *who, rank, "lost" if why else "won", reason))
            if rule.decides == AT_MUNICIPALITY:
                local.append((rank - 1, self._own_acts[service].get(rule.acts)))
        if winner and not tied:
            return Ruling(*winner, tuple(candidates), self._why_won(winner[0].id), None, tuple(local))
        why_nobody = self._why_nobody(tied, refused)
        return Ruling(None, None, None, tuple(candidates), why_nobody, tied, tuple(local))

    def _why_won(self, rule: str) -> Reason:
        """Said once per rule."""
        if rule not in self._won:
            self._won[rule] = self._phrases.reason("rule-won", {"rule": rule})
        return self._won[rule]

    def _remark(self, code: str, values: Mapping[str, Any]) -> str:
        """Said once where it speaks of rules alone, and not of whoever would own it here."""
        if not all(isinstance(value, str) for value in values.values()):
            return self._phrases.remark(code, **values)
        key = (code, *values.values())
        if key not in self._remarks:
            self._remarks[key] = self._phrases.remark(code, **values)
        return self._remarks[key]

    def _why_nobody(self, tied: tuple[str, str] | None, is_refused: bool) -> Reason:
        if tied:
            return self._phrases.reason("rules-tied", {"rule": tied[0], "other": tied[1]})
        return self._phrases.reason("all-refused" if is_refused else "no-rule")

    def _objection(
        self, rule: Rule, authority: Authority | None, department: Department | None, spot: Spot, given: Circumstances
    ) -> tuple[str, dict[str, Any]]:
        """Why this rule cannot decide here; an empty code when it can."""
        if rule.reach is Reach.LAYER and spot.layers is None:
            return "layer-needs-point", {"layer": rule.place}
        if rule.reach is Reach.LAYER and rule.place not in (spot.layers or ()):
            return "not-on-layer", {"layer": rule.place}
        if given.day not in rule.days:
            return "not-in-force", {"rule": rule.id}
        if first_unmet(rule.tests, given.answers):
            return "condition-unmet", {"condition": rule.condition}
        if authority is None or department is None:
            return "no-department", {"authority": authority.names if authority else rule.decides}
        if department.code in given.refusers:
            return "refused", {"department": department.names}
        return "", {}
