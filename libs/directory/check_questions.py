"""Can the questions of each service be asked, and in every language?"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from libs.directory.answers import choices_of
from libs.directory.findings import Finding
from libs.directory.pack import Entry, Pack

# What the counter page makes a field of; anything else it would show as a line of text and intake then refuse.
ASKABLE = ("string", "number", "integer", "boolean")


def check_questions(pack: Pack) -> Iterator[Finding]:
    """Each service's questions. A question that no condition uses is fine: a department wants to know, too."""
    for service in pack.services:
        schema = service["questions"]
        if schema is None:
            continue
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            yield service.found("questions-invalid", f"{service['code']}: {error.message}")
            continue
        if schema.get("type", "object") != "object" or not isinstance(schema.get("properties", {}), dict):
            yield service.found("questions-invalid", f"{service['code']}: expected an object with `properties`")
            continue
        asked: Mapping[str, Any] = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in asked:
                yield service.found("question-unasked", f"{service['code']} requires “{name}” and does not ask it")
        for name, question in asked.items():
            yield from _question(service, name, question, pack.languages)


def _question(service: Entry, name: str, question: Any, languages: Sequence[str]) -> Iterator[Finding]:
    if not is_askable(question):
        yield service.found("question-unaskable", f"{service['code']}: nobody can be asked “{name}” as it is written")
        return
    yield from _choices(service, name, question)
    options = (question, *question.get("oneOf", ()), *(question.get("items") or {}).get("oneOf", ()))
    for part in options:
        titles = part.get("titles") or {}
        if titles and (missing := [language for language in languages if not titles.get(language)]):
            what = f"“{name}”" if part is question else f"“{name}”, choice “{part['const']}”,"
            yield service.found("name-missing", f"{service['code']}: {what} has no title in {', '.join(missing)}")


def _choices(service: Entry, name: str, question: Mapping[str, Any]) -> Iterator[Finding]:
    """What the counter page offers and intake would refuse: a choice that is not of its question's type."""
    asked: Mapping[str, Any] = question["items"] if question.get("type") == "array" else question
    for choice in choices_of(asked) or ():
        if error := next(Draft202012Validator(asked).iter_errors(choice), None):
            what = f"“{name}” offers {choice!r}, and that answer is never taken: {error.message}"
            yield service.found("choice-impossible", f"{service['code']}: {what}")


def is_askable(question: Any) -> bool:
    """Text, a number, yes or no, one of several, or some of several."""
    if not isinstance(question, dict):
        return False
    if question.get("type") == "array":
        items = question.get("items")
        return isinstance(items, dict) and choices_of(items) is not None
    return question.get("type") in ASKABLE or choices_of(question) is not None
