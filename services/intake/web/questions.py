"""How do a service's own questions, a small JSON Schema, become fields of a form, and the fields answers?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from libs.events.given import is_too_long
from services.intake.web.filled import Filled, Problem
from services.intake.web.texts import pick

PREFIX = "answer."
TEXT_CHARACTERS_MAX = 500  # where the schema sets no limit of its own
YES, NO = "yes", "no"

Kind = Literal["text", "number", "integer", "boolean", "one", "some"]


@dataclass(frozen=True, slots=True)
class Field:
    """One question as it is asked. `choices` are pairs of value and label."""

    name: str
    kind: Kind
    title: str
    is_required: bool
    choices: tuple[tuple[str, str], ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    characters_max: int = TEXT_CHARACTERS_MAX

    @property
    def input_name(self) -> str:
        """Its name in the form."""
        return PREFIX + self.name


def fields_of(questions: Mapping[str, Any] | None, language: str) -> tuple[Field, ...]:
    """The questions in the order in which the pack lists them."""
    if not questions:
        return ()
    required = questions.get("required", ())
    asked = questions.get("properties", {})
    return tuple(_field(name, schema, name in required, language) for name, schema in asked.items())


def answers_in(fields: Sequence[Field], filled: Filled) -> tuple[dict[str, Any], list[Problem]]:
    """The answers given, and what is wrong with them. An empty field is no answer."""
    answers: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        given = [value.strip() for value in filled.several(field.input_name) if value.strip()]
        if not given:
            if field.is_required:
                problems.append(Problem(field.input_name, "error-required"))
            continue
        answer = _answer(field, given)
        if isinstance(answer, Problem):
            problems.append(answer)
        else:
            answers[field.name] = answer
    return answers, problems


def _field(name: str, schema: Mapping[str, Any], is_required: bool, language: str) -> Field:
    kind, options = _kind(schema)
    return Field(
        name,
        kind,
        pick(schema.get("titles"), language) or name,
        is_required,
        tuple(_choice(option, language) for option in options),
        schema.get("minimum"),
        schema.get("maximum"),
        schema.get("maxLength", TEXT_CHARACTERS_MAX),
    )


def _choice(option: Mapping[str, Any], language: str) -> tuple[str, str]:
    value = str(option["const"])
    return value, pick(option.get("titles"), language) or value


def _kind(schema: Mapping[str, Any]) -> tuple[Kind, Sequence[Mapping[str, Any]]]:
    kinds: Mapping[str, Kind] = {"number": "number", "integer": "integer", "boolean": "boolean"}
    if schema.get("type") == "array":
        return "some", schema.get("items", {}).get("oneOf", ())
    if "oneOf" in schema:
        return "one", schema["oneOf"]
    return kinds.get(str(schema.get("type")), "text"), ()


def _answer(field: Field, given: list[str]) -> Any:
    """One answer of the right type, or the problem with it."""
    if field.kind in ("one", "some"):
        known = {value for value, _ in field.choices}
        if not known.issuperset(given):
            return Problem(field.input_name, "error-invalid")
        return given if field.kind == "some" else given[0]
    if field.kind == "boolean":
        return given[0] == YES if given[0] in (YES, NO) else Problem(field.input_name, "error-invalid")
    if field.kind == "text":
        if not is_too_long(given[0], field.characters_max):
            return given[0]
        return Problem(field.input_name, "error-long", {"maximum": field.characters_max})
    return _number(field, given[0])


def _number(field: Field, text: str) -> float | int | Problem:
    try:
        number = int(text) if field.kind == "integer" else float(text.replace(",", "."))
    except ValueError:
        return Problem(field.input_name, "error-number")
    low, high = field.minimum, field.maximum
    if (low is not None and not number >= low) or (high is not None and not number <= high):
        if low is None or high is None:
            return Problem(field.input_name, "error-number")
        return Problem(field.input_name, "error-range", {"minimum": f"{low:g}", "maximum": f"{high:g}"})
    return number
