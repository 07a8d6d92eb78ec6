"""Does every example that was ever published still parse, and still have the same identity?"""

from typing import Any

import jsonschema
import orjson
import pytest

from libs.events import EVENTS, EventData, canonical, decode, encode, encode_structured, event_id
from libs.events.cloudevents import decode_structured
from libs.events.example_files import FOLDER, examples_of
from libs.events.identity import foreign_event_id
from libs.events.schema_files import name_of, schema_of

ALL = [
    pytest.param(kind, event, id=f"{name_of(kind)}/{situation}")
    for kind in EVENTS.values()
    for situation, event in examples_of(kind).items()
]


@pytest.mark.parametrize("kind", EVENTS.values(), ids=name_of)
def test_every_event_has_an_example(kind: type[EventData]) -> None:
    assert examples_of(kind)


def test_every_example_belongs_to_an_event() -> None:
    assert {folder.name for folder in FOLDER.iterdir()} == {name_of(kind) for kind in EVENTS.values()}


@pytest.mark.parametrize(("kind", "example"), ALL)
def test_an_example_survives_both_modes(kind: type[EventData], example: dict[str, Any]) -> None:
    event = decode_structured(orjson.dumps(example))
    assert isinstance(event.data, kind)
    for encoded in (encode(event), encode_structured(event)):
        assert decode(encoded.value, encoded.headers) == event


@pytest.mark.parametrize(("kind", "example"), ALL)
def test_nothing_in_an_example_is_lost_on_reading(kind: type[EventData], example: dict[str, Any]) -> None:
    event = decode_structured(orjson.dumps(example))
    read = orjson.loads(canonical(event.data))
    assert {name: read.get(name) for name in example["data"]} == example["data"]


@pytest.mark.parametrize(("kind", "example"), ALL)
def test_an_example_fits_its_schema(kind: type[EventData], example: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator(schema_of(kind)).validate(example["data"])


@pytest.mark.parametrize(("kind", "example"), ALL)
def test_the_identity_of_what_was_once_said_never_changes(kind: type[EventData], example: dict[str, Any]) -> None:
    """Fails when a new field gets a default other than None: a repeat after the upgrade would count as news."""
    event = decode_structured(orjson.dumps(example))
    if kind.FOREIGN:
        assert event.id == foreign_event_id(event.source, example["id"])
    else:
        assert event.id == event_id(event.id, kind.TYPE, event.causation_id, canonical(event.data))
