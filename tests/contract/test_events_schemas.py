"""Are the committed schemas current, and is a change that breaks somebody refused?"""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from libs.events import EVENTS, EventData
from libs.events.compatibility import breaking_changes
from libs.events.generate import BEGIN, END, ROOT, SCHEMAS, generated_files, main, outdated
from libs.events.models import RequestAccepted, RequestRouted, RequestSubmitted
from libs.events.schema_files import name_of, schema_of

Schema = dict[str, Any]


def test_generated_files_are_current() -> None:
    assert outdated(ROOT) == []


@pytest.mark.parametrize("kind", EVENTS.values(), ids=name_of)
def test_a_schema_is_valid_json_schema(kind: type[EventData]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


@pytest.mark.parametrize("kind", EVENTS.values(), ids=name_of)
def test_no_model_breaks_its_committed_schema(kind: type[EventData]) -> None:
    committed = json.loads((ROOT / SCHEMAS / f"{name_of(kind)}.json").read_text(encoding="utf-8"))
    assert breaking_changes(committed, schema_of(kind)) == []


def properties(schema: Schema) -> Schema:
    found: Schema = schema["properties"]
    return found


BREAKING: dict[str, tuple[type[EventData], Callable[[Schema], object]]] = {
    "channel: the field is gone": (RequestAccepted, lambda s: properties(s).pop("channel")),
    "service: the field became required": (RequestAccepted, lambda s: s["required"].append("service")),
    "the value 'counter' is gone": (RequestAccepted, lambda s: properties(s)["channel"]["enum"].remove("counter")),
    "language: the type string is no longer allowed": (
        RequestAccepted,
        lambda s: properties(s).__setitem__("language", {"type": "integer"}),
    ),
    "service: the type null is no longer allowed": (RequestAccepted, lambda s: properties(s)["service"]["anyOf"].pop()),
    "maxLength went down from 24000 to 23999": (
        RequestSubmitted,
        lambda s: properties(s)["description"]["anyOf"][0].__setitem__("maxLength", 23999),
    ),
    "maxProperties went down": (RequestSubmitted, lambda s: properties(s)["answers"].__setitem__("maxProperties", 5)),
    "minLength went up from 1 to 2": (
        RequestAccepted,
        lambda s: properties(s)["reference"].__setitem__("minLength", 2),
    ),
    "pattern changed": (RequestAccepted, lambda s: properties(s)["language"].__setitem__("pattern", "^fr$")),
    "unknown fields became forbidden": (RequestAccepted, lambda s: s.__setitem__("additionalProperties", False)),
    "postal_code: the field is gone": (
        RequestRouted,
        lambda s: s["$defs"]["Place"]["properties"].pop("postal_code"),
    ),
    "of which one is needed": (RequestSubmitted, lambda s: s["$defs"]["PlaceGiven"]["allOf"][0]["anyOf"].pop()),
    "decision.reasons.items.code: maxLength": (
        RequestRouted,
        lambda s: s["$defs"]["Reason"]["properties"]["code"].__setitem__("maxLength", 9),
    ),
    "answers.*: the type array is no longer allowed": (
        RequestSubmitted,
        lambda s: properties(s)["answers"]["patternProperties"]["^[^\\x00]*$"]["anyOf"].pop(-2),
    ),
}


@pytest.mark.parametrize("said", BREAKING)
def test_a_breaking_change_is_named(said: str) -> None:
    kind, doctor = BREAKING[said]
    new = copy.deepcopy(schema_of(kind))
    doctor(new)
    found = breaking_changes(schema_of(kind), new)
    assert len(found) == 1
    assert said in found[0]


def test_an_additive_change_is_allowed() -> None:
    old = schema_of(RequestAccepted)
    new: Schema = copy.deepcopy(old)
    new["properties"]["mood"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    new["properties"]["channel"]["enum"].append("letter")
    new["properties"]["reference"]["maxLength"] = 200
    new["required"].remove("language")
    assert breaking_changes(old, new) == []


def doctored_project(folder: Path, doctor: Callable[[Schema], object]) -> Path:
    """A copy of the generated files, in which the committed schema of RequestAccepted was another one."""
    for path, text in generated_files(ROOT).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    committed = folder / SCHEMAS / "RequestAccepted.v1.json"
    schema = json.loads(committed.read_text(encoding="utf-8"))
    doctor(schema)
    committed.write_text(json.dumps(schema), encoding="utf-8")
    return folder


def test_generating_does_not_overwrite_what_it_would_break(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = doctored_project(tmp_path, lambda s: properties(s).__setitem__("mood", {"type": "string"}))
    assert main([], root) == 1
    assert "mood: the field is gone" in capsys.readouterr().err


def test_checking_tells_and_writes_nothing_while_generating_writes(tmp_path: Path) -> None:
    root = doctored_project(tmp_path, lambda s: properties(s).pop("source_id"))
    assert main(["--check"], root) == 1
    assert main(["--check"], root) == 1
    assert main([], root) == 0
    assert main(["--check"], root) == 0


def test_an_event_that_is_gone_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = doctored_project(tmp_path, lambda s: None)
    (root / SCHEMAS / "RequestForgotten.v1.json").write_text("{}", encoding="utf-8")
    assert main(["--check"], root) == 1
    assert "RequestForgotten.v1: the event is gone" in capsys.readouterr().err


def test_the_table_of_topics_is_written_between_its_markers(tmp_path: Path) -> None:
    root = doctored_project(tmp_path, lambda s: None)
    (root / "README.md").write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert main([], root) == 0
    text = (root / "README.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "`requests.accepted.v1`" in text
    assert "old" not in text
