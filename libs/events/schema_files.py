"""What does the body of each event look like to a program in another language? JSON Schema 2020-12."""

from collections.abc import Iterable

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
    return {"$schema": DIALECT, "$id": f"urn:guichet:schema:{name_of(kind)}", **schema}


def shared_schemas(kinds: Iterable[type[EventData]], ref_template: str) -> dict[str, Schema]:
    """All events and their parts by class name, for a document that holds them together."""
    modes = [(kind, "validation") for kind in kinds]
    _, document = models_json_schema(modes, schema_generator=_Plain, ref_template=ref_template)  # type: ignore[arg-type]
    definitions: dict[str, Schema] = document["$defs"]
    return definitions
