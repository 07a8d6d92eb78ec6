"""What does the body of each event look like to a program in another language? JSON Schema 2020-12."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic.config import JsonDict
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from libs.events.envelope import EventData

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = JsonDict


class _Plain(GenerateJsonSchema):
    """Without a title on each field that only repeats its name."""

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def name_of(kind: type[EventData]) -> str:
    """The file name of an event: its type without the project, like `RequestAccepted.v1`."""
    return kind.TYPE.removeprefix("guichet.")


def schema_of(kind: type[EventData]) -> Schema:
    """One self-contained document."""
    schema: Schema = kind.model_json_schema(schema_generator=_Plain)
    name_choices({kind.__name__: schema, **schema.get("$defs", {})})  # type: ignore[dict-item]
    return {"$schema": DIALECT, "$id": f"urn:guichet:schema:{name_of(kind)}", **schema}


def shared_schemas(kinds: Iterable[type[EventData]], ref_template: str) -> dict[str, Schema]:
    """All events and their parts by class name, for a document that holds them together."""
    modes = [(kind, "validation") for kind in kinds]
    _, document = models_json_schema(modes, schema_generator=_Plain, ref_template=ref_template)  # type: ignore[arg-type]
    definitions: dict[str, Schema] = document["$defs"]
    name_choices(definitions)
    return definitions


def name_choices(models: dict[str, Any]) -> None:
    """Gives each list of values and each union a title, of its model and field: generators name their types by it."""
    for name, schema in models.items():
        _name_choices(schema, name)


def _name_choices(schema: Any, name: str) -> None:
    for word, part in _parts(schema):
        _name_choices(part, name + word)
    if not ({"enum", "anyOf"} & schema.keys()) or "title" in schema:
        return
    types = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    if len(types) == 1:  # a field that may be left out is no choice, what it may hold can be one
        _name_choices(types[0], name)
    else:
        schema["title"] = name


def _parts(schema: Any) -> Iterator[tuple[str, Any]]:
    for field, part in schema.get("properties", {}).items():
        yield "".join(word.capitalize() for word in field.split("_")), part
    if isinstance(schema.get("items"), dict):
        yield "Item", schema["items"]
    values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    for part in values:
        if isinstance(part, dict):
            yield "Value", part
