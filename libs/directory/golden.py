"""Do the cases that a territory's people are sure of still come out as they say?"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from libs.directory.clues import Where
from libs.directory.conditions import parse_condition
from libs.directory.decide import Question, decide
from libs.directory.decision import Decision
from libs.directory.findings import Finding
from libs.directory.pack import Entry, Pack
from libs.directory.place import last_day
from libs.directory.release import Release

WORDS = ("lat", "lon", "accuracy_m", "municipality_code", "postal_code", "municipality_name")
NOBODY = "-"  # in a cell of golden.csv that expects nobody
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Golden:
    """How many cases came out as expected, how many did not, and how many wait for outlines or layers."""

    passed: int
    failed: int
    waiting: int

    def as_dict(self) -> dict[str, int]:
        """For `--json`."""
        return asdict(self)


def check_golden(pack: Pack, release: Release) -> tuple[list[Finding], Golden]:
    """A case with a point waits until the pack has outlines; all others are always decided."""
    findings: list[Finding] = []
    passed = waiting = 0
    for entry in pack.golden:
        if entry["lat"] is not None and not release.has_boundaries:
            waiting += 1
            continue
        problems = list(_problems(entry, release))
        findings += problems
        passed += not problems
    return findings, Golden(passed, len(pack.golden) - passed - waiting, waiting)


def _problems(entry: Entry, release: Release) -> Iterator[Finding]:
    try:
        question = question_of(entry, release)
    except ValueError as error:
        yield entry.found("value-invalid", f"{entry['case']}: {error}")
        return
    if untaken := list(_untaken(question, release)):
        yield entry.found("golden-failed", f"{entry['case']}: {'; '.join(untaken)}")
        return
    decision = decide(release, question)
    if differences := list(_differences(entry, question, decision, release)):
        why = decision.sentence[release.territory.languages[0]]
        yield entry.found("golden-failed", f"{entry['case']}: {'; '.join(differences)}. {why}")


def question_of(entry: Entry, release: Release) -> Question:
    """The case as a request. Without a moment it is asked once everything has taken effect. ValueError says why not."""
    if (entry["lat"] is None) != (entry["lon"] is None):
        raise ValueError("a point needs both lat and lon")
    if entry["due"] and not entry["at"]:
        raise ValueError("when it is due depends on when it is asked: fill in at")
    return Question(
        service=entry["service"],
        place=Where(**{name: entry[name] for name in WORDS}),
        at=_moment(entry["at"], release),
        answers=_answers(entry["answers"], _asked(entry["service"], release)),
    )


def _moment(text: str | None, release: Release) -> datetime:
    """On the territory's clock unless a zone is named; a day alone means noon."""
    if text is None:
        moment = datetime.combine(date.fromordinal(last_day(release)), NOON)
    else:
        moment = datetime.fromisoformat(text)
        moment = moment if len(text) > len("2026-12-31") else datetime.combine(moment.date(), NOON)
    return moment if moment.tzinfo else moment.replace(tzinfo=release.calendar.zone)


def _asked(service: str | None, release: Release) -> Mapping[str, Any]:
    """What the service asks, by name."""
    known = release.services.get(service or "")
    asked: Mapping[str, Any] = ((known and known.questions) or {}).get("properties", {})
    return asked


def _untaken(question: Question, release: Release) -> Iterator[str]:
    """Answers that nobody can give, because intake would refuse them; what is not answered may be left open."""
    asked = _asked(question.service, release)
    for name, answer in question.answers.items():
        if name not in asked:
            yield f"“{name}” is not asked"
        elif error := best_match(Draft202012Validator(asked[name]).iter_errors(answer)):
            yield f"“{name}” cannot be answered like that: {error.message}"


def _answers(text: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """`height_m = 6 and stands = park`; a question named twice has several answers, as the question's type has them."""
    answers: dict[str, Any] = {}
    for test in parse_condition(text):
        if test.operator != "=":
            raise ValueError(f"an answer is written with =, not with {test.operator}")
        question = asked.get(test.answer, {})
        is_several = question.get("type") == "array"
        value = _typed(test.value, (question.get("items") or {}) if is_several else question)
        known = answers.get(test.answer)
        several = known if isinstance(known, list) else [] if known is None else [known]
        answers[test.answer] = [*several, value] if is_several or known is not None else value
    return answers


def _typed(text: str, question: Mapping[str, Any]) -> Any:
    """Text, unless the question takes no text and this reads as what it takes."""
    fits = Draft202012Validator(question).is_valid
    if fits(text):
        return text
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value if fits(value) else text


def _differences(entry: Entry, question: Question, decision: Decision, release: Release) -> Iterator[str]:
    """An empty cell expects nothing; a dash expects nobody. A municipality may go by a code that it had on the day."""
    due = f"{release.calendar.local(decision.due):%Y-%m-%d}" if decision.due else NOBODY
    seen = {
        "outcome": decision.outcome,
        "municipality": decision.municipality.code if decision.municipality else NOBODY,
        "authority": decision.authority.code if decision.authority else NOBODY,
        "department": decision.department.code if decision.department else NOBODY,
        "due": due,
    }
    day = release.calendar.local(question.at).toordinal()
    meant = release.codes.meant(entry["municipality"] or NOBODY, day).municipalities
    for name, got in seen.items():
        if entry[name] and entry[name] != got and not (name == "municipality" and meant == (got,)):
            yield f"expected {name} {entry[name]}, got {got}"
