"""Do the answers of a request meet the condition of a rule?"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OPPOSITES = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
PART = re.compile(r"^\s*([\w.-]+)\s*(!=|<=|>=|=|<|>)\s*(.+?)\s*$")
AND = re.compile(r"\s+and\s+")


@dataclass(frozen=True, slots=True)
class Test:
    """One comparison. `number` is set when the value reads as one."""

    __test__ = False  # pytest takes every class of this name for tests

    answer: str
    operator: str
    value: str
    number: float | None

    @property
    def opposite(self) -> "Test":
        """What an answer meets that does not meet this."""
        return Test(self.answer, OPPOSITES[self.operator], self.value, self.number)

    def __str__(self) -> str:
        return f"{self.answer} {self.operator} {self.value}"


def parse_condition(text: str) -> tuple[Test, ...]:
    """The comparisons of a condition, all of which must hold. ValueError names the part that cannot be read."""
    if not text.strip():
        return ()
    return tuple(_parse(part) for part in AND.split(text.strip()))


def _parse(part: str) -> Test:
    match = PART.match(part)
    if not match:
        raise ValueError(f"“{part}” is not a comparison")
    answer, operator, value = match.groups()
    value = value.strip("\"'")
    number = _number(value)
    if number is None and operator[0] in "<>":
        raise ValueError(f"“{part}” compares with {operator}, so its value must be a number")
    return Test(answer, operator, value, number)


def first_unmet(tests: Sequence[Test], answers: Mapping[str, Any]) -> Test | None:
    """The first comparison that does not hold. A question nobody answered meets no comparison, not even `!=`."""
    return next((test for test in tests if not holds(test, answers.get(test.answer))), None)


def holds(test: Test, answer: Any) -> bool:
    """Does this answer meet it? Of several answers one must, or with `!=` all."""
    if answer is None or answer == "":
        return False
    if isinstance(answer, list | tuple):
        return bool(answer) and (all if test.operator == "!=" else any)(holds(test, one) for one in answer)
    text = str(answer).lower() if isinstance(answer, bool) else str(answer).strip()
    number = None if isinstance(answer, bool) else _number(text)
    if test.number is not None and number is not None:
        return _compares(test.operator, number, test.number)
    if test.operator == "=":
        return text.casefold() == test.value.casefold()
    return test.operator == "!=" and text.casefold() != test.value.casefold()


def exclude_each_other(ours: Sequence[Test], theirs: Sequence[Test]) -> bool:
    """True only when no single-valued answer can meet both; a proof, so “do not know” is False."""
    return any(a.answer == b.answer and _excludes(a, b) for a in ours for b in theirs)


def _excludes(a: Test, b: Test) -> bool:
    if a.operator == "=":
        return not holds(b, a.value)
    if b.operator == "=":
        return not holds(a, b.value)
    if a.number is None or b.number is None or "!=" in (a.operator, b.operator):
        return False
    low, high = (a, b) if a.operator[0] == ">" else (b, a)
    if low.operator[0] == high.operator[0] or low.number is None or high.number is None:
        return False
    touches = low.operator == ">=" and high.operator == "<="
    return low.number > high.number or (low.number == high.number and not touches)


def _compares(operator: str, left: float, right: float) -> bool:
    if operator[0] == "<":
        return left < right or (operator == "<=" and left == right)
    if operator[0] == ">":
        return left > right or (operator == ">=" and left == right)
    return (left == right) == (operator == "=")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
