"""Which kinds of answer can the rules of a service tell apart?

Two answers that meet the same comparisons are one kind. So a question with forty choices of which a rule names one has
two kinds, and a rule about the effect of a pack looks at two cases instead of forty.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

from libs.directory.conditions import Test, exclude_each_other, holds
from libs.directory.model import Service

CASES_MAX = 4_096  # combinations of answers looked at for one service; with more, its rules are too many to be followed
OTHER_TEXT = "…"  # an answer in words that no rule names


@dataclass(frozen=True, slots=True)
class Kind:
    """Answers to one question that meet the same comparisons. `sample` stands for all of them; None is no answer."""

    question: str
    sample: Any
    met: tuple[Test, ...]
    unmet: tuple[Test, ...]

    def __str__(self) -> str:
        """What is met, and the opposite of what is not, as far as that says more; empty when no answer is one, too."""
        if self.sample is None and not self.met:
            return ""
        more = [test.opposite for test in self.unmet if not exclude_each_other(self.met, [test])]
        return " and ".join(str(test) for test in (*self.met, *more))


Case = tuple[Kind, ...]
"""One kind of answer for each question that the rules look at."""


def cases_of(tests: Iterable[Test], service: Service | None) -> list[Case] | None:
    """All combinations; one empty case when nothing is looked at. None when there are more than `CASES_MAX`."""
    by_question: dict[str, list[Test]] = {}
    for test in sorted(set(tests), key=str):
        by_question.setdefault(test.answer, []).append(test)
    kinds = [kinds_of(question, by_question[question], service) for question in sorted(by_question)]
    if math.prod(len(each) for each in kinds) > CASES_MAX:
        return None
    return list(product(*kinds))


def answers_in(case: Case) -> dict[str, Any]:
    """The case as a request would hold it."""
    return {kind.question: kind.sample for kind in case if kind.sample is not None}


def kinds_of(question: str, tests: Sequence[Test], service: Service | None) -> list[Kind]:
    """The kinds of answer to one question, the one that meets nothing first."""
    questions = (service.questions if service else None) or {}
    schema = (questions.get("properties") or {}).get(question)
    is_required = question in (questions.get("required") or ())
    found: dict[tuple[Test, ...], Kind] = {}
    for sample in [*([] if is_required else [None]), *samples_of(schema, tests)]:
        met = tuple(test for test in tests if holds(test, sample))
        found.setdefault(met, Kind(question, sample, met, tuple(test for test in tests if test not in met)))
    return sorted(found.values(), key=lambda kind: (len(kind.met), str(kind)))


def samples_of(schema: Mapping[str, Any] | None, tests: Sequence[Test]) -> list[Any]:
    """Answers that a person could give, at least one for each set of comparisons that one answer can meet."""
    schema = schema or {}
    if isinstance(schema.get("items"), dict):
        return samples_of(schema["items"], tests)  # one of several is enough to meet a comparison
    if (closed := choices_of(schema)) is not None:
        return closed
    if schema.get("type") in ("number", "integer"):
        return list(_numbers(tests, schema))
    words = [test.value for test in tests if test.number is None or test.operator in ("=", "!=")]
    return [*words, OTHER_TEXT, *_numbers(tests, schema)]


def choices_of(schema: Mapping[str, Any]) -> list[Any] | None:
    """The only answers that a question takes; None when it takes more than a list."""
    if schema.get("type") == "boolean":
        return [True, False]
    if isinstance(schema.get("enum"), list):
        return list(schema["enum"])
    if isinstance(schema.get("oneOf"), list) and all("const" in option for option in schema["oneOf"]):
        return [option["const"] for option in schema["oneOf"]]
    return None


def _numbers(tests: Sequence[Test], schema: Mapping[str, Any]) -> Iterator[float]:
    """Every number compared with, one between each two of them, and one beyond each end, as far as they are allowed."""
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    is_whole = schema.get("type") == "integer"
    inside = sorted({test.number for test in tests if test.number is not None and low <= test.number <= high})
    first, last = (inside[0], inside[-1]) if inside else (0.0, 0.0)
    ends = [low if math.isfinite(low) else first - 1, high if math.isfinite(high) else last + 1]
    marks = sorted({*inside, *ends})
    between = [(one + other) / 2 for one, other in pairwise(marks)]
    for number in sorted({*marks, *(math.floor(one) if is_whole else one for one in between)}):
        if low <= number <= high and not (is_whole and number != math.floor(number)):
            yield number
