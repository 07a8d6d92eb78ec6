"""Who owns this request, and why?

A pure function of a question and a release: the same input gives the same decision, on any machine and at any time.
Order: safety, place, service, competence, department, due date. Nothing falls silently into a default.
"""

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from libs.directory.clues import Where
from libs.directory.competence import Circumstances, Ruling, Spot
from libs.directory.decision import Decision, Outcome, Reason
from libs.directory.held import held, held_between
from libs.directory.located import Located, Possible
from libs.directory.model import Service
from libs.directory.place import locate_many
from libs.directory.reading import Noted
from libs.directory.release import Release
from libs.directory.routed import routed
from libs.directory.subject import Subject, subject_of
from libs.value import value

# Rulings and parts of records, 1.7 kB each; beyond it all are forgotten and worked out again. A métropole has hundreds;
# a country of 35,000 municipalities comes to 170,000 and 260 MB once someone has asked from each.
MEMORY_ENTRIES_MAX = 200_000
SENTENCES_MAX = 20_000


@value
class Question:
    """What is asked of the directory. `at` is when it was accepted; `refusers` are departments that said “not ours”.

    `reading` is what was read in its text when it was accepted, by this very release.
    """

    service: str | None
    place: Where
    at: datetime
    answers: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    refusers: Sequence[str] = ()
    reading: Noted | None = None


def decide(release: Release, question: Question) -> Decision:
    """Who owns this request, and why."""
    return decide_many(release, [question])[0]


def decide_many(release: Release, questions: Sequence[Question]) -> list[Decision]:
    """Many at once, in the same order; much faster than one by one, with the same answers."""
    if len(release.memory) > MEMORY_ENTRIES_MAX:
        release.memory.clear()
    if len(release.sentences) > SENTENCES_MAX:
        release.sentences.clear()
    days = [release.calendar.local(question.at).toordinal() for question in questions]
    places = locate_many(release, [question.place for question in questions], days)
    return [_decide(release, *one) for one in zip(questions, days, places, strict=True)]


def _decide(release: Release, question: Question, day: int, place: Located) -> Decision:
    """Safety first: a warning stands before everything else, and travels with whatever is decided."""
    subject = subject_of(release, question.service, question.reading)
    decision = _decide_about(release, question, day, place, subject)
    if subject.safety is None and subject.urgent is None and subject.confidence is None:
        return decision
    return replace(
        decision,
        safety=subject.safety,
        urgent=subject.urgent.code if subject.urgent else None,
        confidence=subject.confidence,
        reasons=(*subject.warnings, *decision.reasons),
        framed=None,
    )


def _decide_about(release: Release, question: Question, day: int, place: Located, subject: Subject) -> Decision:
    if place.outcome == "outside":
        return held(release, "out_of_territory", place, None, place.reasons)
    service = subject.service
    if subject.reasons:
        place = replace(place, reasons=(*place.reasons, *subject.reasons))
    if service is None:
        return held(release, "unclear", place, None, place.reasons)
    if place.outcome == "unknown":
        return held(release, "unclear", place, service, place.reasons)
    given = Circumstances(day, question.answers, tuple(question.refusers))
    if place.is_certain:
        ruling = _rule_on(release, service, Spot(str(place.municipality), place.layers), given)
        return _decided(release, question, place, service, ruling, place.reasons)
    return _decide_between(release, question, place, service, given)


def _decide_between(
    release: Release, question: Question, place: Located, service: Service, given: Circumstances
) -> Decision:
    """The place leaves several things open. That matters only where the owners differ, unless clues contradict."""
    rulings = [(possible, spot, _rule_on(release, service, spot, given)) for possible, spot in _spots(place)]
    owners = {ruling.owner if ruling else None for _, _, ruling in rulings}
    is_only_incomplete = place.outcome == "found" or place.is_incomplete
    if len(owners) > 1 or not is_only_incomplete:
        return held_between(release, place, service, rulings)
    why = "same-owner" if place.municipality or not release.reads_hints else "same-owner-everywhere"
    reasons = (*place.reasons, release.phrases.reason(why))
    return _decided(release, question, place, service, rulings[0][2], reasons)


def _decided(
    release: Release,
    question: Question,
    place: Located,
    service: Service,
    ruling: Ruling | None,
    reasons: tuple[Reason, ...],
) -> Decision:
    if ruling is None or ruling.rule is None:
        return _nobody(release, place, service, ruling)
    return routed(release, question.at, place, service, ruling, reasons)


def _spots(place: Located) -> list[tuple[Possible, Spot | None]]:
    """Every truth that the place leaves open. Doubtful layers are tried one by one: the strongest rule wins anyway."""
    spots: list[tuple[Possible, Spot | None]] = []
    for possible in place.possible:
        if possible.municipality is None:
            spots.append((possible, None))
            continue
        spots.append((possible, Spot(possible.municipality, place.layers)))
        certain = place.layers or frozenset()
        spots += [(possible, Spot(possible.municipality, certain | {layer})) for layer in place.layers_near]
    return spots


def _rule_on(release: Release, service: Service, spot: Spot | None, given: Circumstances) -> Ruling | None:
    """The ruling for this spot, remembered with all that it depends on; None outside of the territory."""
    if spot is None:
        return None
    asked = release.rulebook.answers_asked.get(service.code, ())
    answers = tuple(repr(given.answers.get(name)) for name in asked)
    # Where municipalities differ only in who their people are, one ruling serves a whole country.
    own = None if given.refusers else release.rulebook.own(service.code, spot.municipality, given.day)
    where = own.pattern if own else spot.municipality
    key = (service.code, where, spot.layers, given.day, answers, given.refusers)
    ruling: Ruling | None = release.memory.get(key)
    if ruling is None:
        ruling = release.memory[key] = release.rulebook.rule_on(service.code, spot, given)
    return ruling.of(own) if own else ruling


def _nobody(release: Release, place: Located, service: Service, ruling: Ruling | None) -> Decision:
    """A certain place for which the rules name nobody, or two who would be equal."""
    if ruling is None:
        return held(release, "uncovered", place, service, (*place.reasons, release.phrases.reason("no-rule")))
    outcome: Outcome = "ambiguous" if ruling.tied else "uncovered"
    return held(release, outcome, place, service, (*place.reasons, ruling.why), ruling.candidates)
