"""Are answers that no rule tells apart one case, and those that a rule tells apart two?"""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.directory import answers
from libs.directory.conditions import holds, parse_condition
from libs.directory.model import Service


def service(**properties: Any) -> Service:
    required = [name for name, schema in properties.items() if schema.pop("required", False)]
    questions = {"properties": properties, "required": required}
    return Service("s", {}, {}, {}, "report", {}, None, questions)


def labels(condition: str, **properties: Any) -> list[str]:
    cases = answers.cases_of(parse_condition(condition), service(**properties))
    assert cases is not None
    return [" / ".join(str(kind) for kind in case) for case in cases]


CHOICES = {"oneOf": [{"const": name} for name in ("street", "park", "garden", "wood")]}


@pytest.mark.parametrize(
    ("condition", "properties", "kinds"),
    [
        ("", {}, [""]),
        ("stands = park", {"stands": CHOICES}, ["", "stands = park"]),
        ("stands = park and stands = garden", {"stands": CHOICES}, ["", "stands = garden", "stands = park"]),
        ("stands = moon", {"stands": CHOICES}, [""]),  # nobody can answer that
        ("height_m > 4", {"height_m": {"type": "number"}}, ["", "height_m > 4"]),
        (
            "height_m > 4 and height_m > 6",
            {"height_m": {"type": "number"}},
            ["", "height_m > 4 and height_m <= 6", "height_m > 4 and height_m > 6"],
        ),
        ("height_m > 4", {"height_m": {"type": "number", "maximum": 3}}, [""]),
        ("n > 1 and n < 2", {"n": {"type": "integer"}}, ["", "n > 1 and n >= 2", "n < 2 and n <= 1"]),
        ("lit = true", {"lit": {"type": "boolean"}}, ["", "lit = true"]),
        ("objects = sofa", {"objects": {"type": "array", "items": {"enum": ["sofa", "bed"]}}}, ["", "objects = sofa"]),
        ("stands != park", {"stands": {"required": True, **CHOICES}}, ["stands = park", "stands != park"]),
    ],
)
def test_cases_are_what_the_comparisons_can_tell_apart(
    condition: str, properties: dict[str, Any], kinds: list[str]
) -> None:
    found = labels(condition, **{name: dict(schema) for name, schema in properties.items()})
    assert sorted(kinds) == sorted(found)


def test_a_required_question_is_always_answered() -> None:
    asked = {"oneOf": [{"const": "a"}, {"const": "b"}]}
    assert labels("q = a and q = b", q=dict(asked)) == ["", "q = a", "q = b"]
    assert labels("q = a and q = b", q={"required": True, **asked}) == ["q = a", "q = b"]


def test_more_cases_than_anybody_follows_are_not_counted_out() -> None:
    tests = parse_condition(" and ".join(f"q{number} = x" for number in range(13)))
    assert answers.cases_of(tests, None) is None


@given(
    st.lists(st.tuples(st.sampled_from(["<", "<=", ">", ">=", "=", "!="]), st.integers(-3, 3)), min_size=1, max_size=4),
    st.one_of(st.integers(-5, 5), st.floats(-5, 5)),
)
def test_every_number_behaves_like_the_sample_of_some_kind(comparisons: list[tuple[str, int]], number: float) -> None:
    tests = parse_condition(" and ".join(f"n {operator} {value}" for operator, value in comparisons))
    kinds = answers.kinds_of("n", tests, service(n={"type": "number"}))
    met = {test for test in tests if holds(test, number)}
    assert met in [set(kind.met) for kind in kinds]
