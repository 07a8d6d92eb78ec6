"""Does every shape of input become the events that it means?"""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from libs.events import EVENTS, decode
from libs.events.example_files import FOLDER
from libs.events.models import RequestSubmitted
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_INBOUND
from libs.operate.emitting import Emission, checked, documents, record_of
from libs.operate.output import WrongUse

EXAMPLE = FOLDER / "RequestSubmitted.v1" / "pothole-at-coordinates.json"
BARE = b'{"place": {"address": "1 rue Haute"}, "source_id": "row 7"}'
PLAIN = Emission(source="urn:example:test")
SUBMITTED = Emission(type=RequestSubmitted.TYPE, source="urn:example:test")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"a":1}\n{"a":2}\n', [{"a": 1}, {"a": 2}]),
        (b'\n\n{"a":1}\n\n{"a":2}', [{"a": 1}, {"a": 2}]),
        (b'[{"a":1},{"a":2}]', [{"a": 1}, {"a": 2}]),
        (b'[\n {"a":1},\n {"a":2}\n]\n', [{"a": 1}, {"a": 2}]),
        (b'{\n "a": 1\n}\n', [{"a": 1}]),
        (b"", []),
        (b"\n \n", []),
    ],
)
def test_one_an_array_or_one_a_line(text: bytes, expected: list[Any]) -> None:
    assert [json.loads(document) for document in documents(io.BytesIO(text))] == expected


def test_lines_are_read_as_they_come() -> None:
    class Pipe(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("the whole pipe was waited for")

    stream = documents(Pipe(b'{"a":1}\n{"a":2}\n'))
    assert next(stream) == b'{"a":1}'


def test_a_wrong_first_line_does_not_hide_the_others() -> None:
    assert list(documents(io.BytesIO(b'{"a":\n{"a":2}\n'))) == [b'{"a":', b'{"a":2}']


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*/*.json")), ids=lambda path: f"{path.parent.name}/{path.stem}")
@pytest.mark.parametrize("is_structured", [True, False])
def test_every_example_can_be_emitted_in_both_modes(path: Path, is_structured: bool) -> None:
    record = record_of(path.read_bytes(), Emission(source="urn:x", is_structured=is_structured))
    event = decode(record.value, record.headers)
    assert event.type in EVENTS
    assert record.key == event.subject.encode()


def test_an_event_goes_to_the_topic_of_its_type_unless_told_otherwise() -> None:
    assert record_of(EXAMPLE.read_bytes(), PLAIN).topic == REQUESTS_INBOUND
    assert record_of(EXAMPLE.read_bytes(), Emission(source="urn:x", topic="elsewhere")).topic == "elsewhere"


def test_bare_data_become_an_event_with_the_sender_s_own_number() -> None:
    record = record_of(BARE, SUBMITTED)
    event = decode(record.value, record.headers)
    assert (event.source, event.source_id, record.key) == ("urn:example:test", "row 7", b"row 7")


def test_bare_data_need_their_type() -> None:
    with pytest.raises(WrongUse, match="--type"):
        record_of(BARE, PLAIN)


def test_the_first_wrong_document_is_named() -> None:
    with pytest.raises(WrongUse, match=r"document 2: .*unknown-field"):
        list(checked(iter([BARE, b'{"plaice": {}, "place": {"address": "a"}}']), SUBMITTED))


def test_raw_sends_what_is_wrong_as_it_is() -> None:
    record = record_of(b"no json", Emission(source="urn:x", topic=REQUESTS_ACCEPTED, is_raw=True))
    assert (record.topic, record.value, record.key) == (REQUESTS_ACCEPTED, b"no json", None)


def test_raw_keeps_wrong_attributes_in_their_headers() -> None:
    document = b'{"specversion": "0.3", "id": "1", "type": "x", "subject": "s", "data": {"a": 1}}'
    record = record_of(document, Emission(source="urn:x", topic=REQUESTS_INBOUND, is_raw=True))
    assert dict(record.headers)["ce_specversion"] == b"0.3"
    assert (record.key, record.value) == (b"s", b'{"a":1}')


def test_raw_needs_a_topic() -> None:
    with pytest.raises(WrongUse, match="--topic"):
        record_of(BARE, Emission(source="urn:x", is_raw=True))
