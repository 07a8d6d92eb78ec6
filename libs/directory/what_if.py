"""Which recorded requests would another release decide differently, from whom to whom?

Each is asked of the release that decided about it and of the candidate, both as of its own acceptance. Compared is who
owns it and by when: two releases that give it to the same people for another reason do the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from libs.directory.decide import Question, decide_many
from libs.directory.decision import Decision, Outcome, Party
from libs.directory.release import Release

SAMPLE_MAX = 5  # enough to look at with `guichet trace`; the latest, which people remember

Kind = Literal["moved", "became_held", "no_longer_held", "held_otherwise"]
Owner = tuple[Outcome, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request, and what people have said about it since. `chosen` is the department that a person gave it to."""

    request_id: UUID
    question: Question
    hops: int = 0
    chosen: str | None = None
    is_for_a_person: bool = False
    """Whom a person had chosen refused it, so that a person chooses again; no rule is asked to."""

    @property
    def is_in_hands(self) -> bool:
        """A person's choice is not taken back by rules: another release can only propose."""
        return self.chosen is not None or self.is_for_a_person


@dataclass(frozen=True, slots=True)
class Verdict:
    """What of a decision is compared."""

    outcome: Outcome
    authority: Party | None = None
    department: Party | None = None
    due: datetime | None = None

    @property
    def owner(self) -> Owner:
        """Who decides, who acts, or why nobody does."""
        return self.outcome, _code(self.authority), _code(self.department)


@dataclass(slots=True)
class Sample:
    """How many there are, and the latest of them: request ids begin with their time."""

    requests: int = 0
    latest: list[UUID] = field(default_factory=list)

    def add(self, request_id: UUID) -> None:
        """One more."""
        self.requests += 1
        if len(self.latest) == SAMPLE_MAX and request_id < self.latest[-1]:
            return
        self.latest = sorted([*self.latest, request_id], reverse=True)[:SAMPLE_MAX]


@dataclass(slots=True)
class Move:
    """All requests that go from one owner to another; either may be nobody."""

    kind: Kind
    before: Verdict
    after: Verdict
    sample: Sample = field(default_factory=Sample)


@dataclass(slots=True)
class Tally:
    """compared = unchanged + due only + the requests of all moves; each request is in exactly one of them."""

    compared: int = 0
    unchanged: int = 0
    due_only: Sample = field(default_factory=Sample)
    moves: dict[tuple[Owner, Owner], Move] = field(default_factory=dict)

    def add(self, request_id: UUID, before: Verdict, after: Verdict) -> None:
        """One request, decided by both."""
        self.compared += 1
        if before.owner != after.owner:
            pair = (before.owner, after.owner)
            if pair not in self.moves:
                self.moves[pair] = Move(_kind(before, after), before, after)
            self.moves[pair].sample.add(request_id)
        elif before.due != after.due:
            self.due_only.add(request_id)
        else:
            self.unchanged += 1

    def requests(self, kind: Kind) -> int:
        """How many moved in this way."""
        return sum(move.sample.requests for move in self.moves.values() if move.kind == kind)

    def by_size(self) -> list[Move]:
        """The largest first."""
        return sorted(self.moves.values(), key=lambda move: (-move.sample.requests, str(_pair(move))))


@dataclass(slots=True)
class Comparison:
    """What a candidate would do with recorded requests. `rules`: those that rules decide about."""

    candidate: Release
    rules: Tally = field(default_factory=Tally)
    in_hands: Tally = field(default_factory=Tally)
    """What the rules would say of those that a person has in hand. None of them moves."""
    proposed: Sample = field(default_factory=Sample)
    """Of those, the ones for which the candidate newly names a department other than the one that was chosen."""

    def add(self, release: Release, recorded: Sequence[Recorded]) -> None:
        """Requests of one release, which decided about them; in batches this is much faster than one by one."""
        before = verdicts(release, recorded)
        after = before if release.version == self.candidate.version else verdicts(self.candidate, recorded)
        for one, old, new in zip(recorded, before, after, strict=True):
            if not one.is_in_hands:
                self.rules.add(one.request_id, old, new)
                continue
            self.in_hands.add(one.request_id, old, new)
            if one.chosen and _code(new.department) not in (None, one.chosen, _code(old.department)):
                self.proposed.add(one.request_id)


def verdicts(release: Release, recorded: Sequence[Recorded]) -> list[Verdict]:
    """What a release says about each, in order. After too many refusals it has had its say, and a person chooses."""
    decisions = decide_many(release, [one.question for one in recorded])
    hops_max = release.territory.hops_max
    return [
        Verdict("ambiguous") if one.hops > hops_max else _verdict(decision)
        for one, decision in zip(recorded, decisions, strict=True)
    ]


def _verdict(decision: Decision) -> Verdict:
    return Verdict(decision.outcome, decision.authority, decision.department, decision.due)


def _kind(before: Verdict, after: Verdict) -> Kind:
    was, is_now = before.outcome == "routed", after.outcome == "routed"
    if was and is_now:
        return "moved"
    if was:
        return "became_held"
    return "no_longer_held" if is_now else "held_otherwise"


def _pair(move: Move) -> tuple[Owner, Owner]:
    return move.before.owner, move.after.owner


def _code(party: Party | None) -> str | None:
    return party.code if party else None
