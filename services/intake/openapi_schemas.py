"""What must a schema say, and not say, so that generators make of it what is meant?"""

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

REFERENCE = "#/components/schemas/{model}"
FASTAPIS_OWN = ("HTTPValidationError", "ValidationError")  # wrong parameters are told with problems too


def add_models(schemas: dict[str, Any], *models: type[BaseModel]) -> None:
    """The models of bodies that operations read by themselves, under their own limits."""
    for model in models:
        schema = model.model_json_schema(ref_template=REFERENCE)
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema


def make_plain(document: dict[str, Any]) -> None:
    """Numbers are doubles; what may be left out has no default, which makes it required for some; and no field has a
    title: generators name a choice after its model and field, but after a title alone, which many models share."""
    schemas = document["components"]["schemas"]
    for name in FASTAPIS_OWN:
        schemas.pop(name, None)
    for schema in _parts(document):
        if schema.get("type") == "number":
            schema.setdefault("format", "double")
        if schema.get("default", 0) is None:
            del schema["default"]
    for model in schemas.values():
        for field in _parts(model.get("properties", {})):
            for word in ("title", "default"):
                if not isinstance(field.get(word), dict) or not field[word]:  # a field may have such a name
                    field.pop(word, None)


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in list(part.values() if isinstance(part, dict) else part):
            yield from _parts(inner)
