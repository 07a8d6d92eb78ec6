"""Is the AsyncAPI document valid, and does it say what the map of topics says?"""

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from libs.events import EVENTS, TOPICS
from libs.events.asyncapi import document
from libs.events.generate import ASYNCAPI, ROOT
from libs.events.topics import REQUESTS_ACCEPTED

OFFICIAL = json.loads((Path(__file__).parent / "asyncapi-3.0.0.json").read_text(encoding="utf-8"))
COMMITTED = json.loads((ROOT / ASYNCAPI).read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft7Validator(OFFICIAL)


def test_the_committed_document_is_valid_asyncapi_3() -> None:
    assert [error.json_path for error in VALIDATOR.iter_errors(COMMITTED)] == []


def test_the_official_schema_does_refuse_mistakes() -> None:
    for doctored in ("partitions", "groupId", "action"):
        wrong: Any = copy.deepcopy(document())
        if doctored == "partitions":
            wrong["channels"][REQUESTS_ACCEPTED]["bindings"]["kafka"]["partitions"] = -1
        elif doctored == "groupId":
            operation = wrong["operations"][f"router.receive.{REQUESTS_ACCEPTED}"]
            operation["bindings"]["kafka"]["groupId"] = "guichet-router"
        else:
            wrong["operations"][f"router.receive.{REQUESTS_ACCEPTED}"]["action"] = "listen"
        assert not VALIDATOR.is_valid(wrong)


def resolve(reference: str) -> Any:
    found: Any = COMMITTED
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/")]
    return found


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [each for value in part.values() for each in references(value)]
    return [each for value in part for each in references(value)] if isinstance(part, list) else []


def test_every_reference_leads_somewhere() -> None:
    assert all(resolve(reference) is not None for reference in references(COMMITTED))


def test_channels_are_the_topics_with_their_settings() -> None:
    assert set(COMMITTED["channels"]) == set(TOPICS)
    for name, topic in TOPICS.items():
        kafka = COMMITTED["channels"][name]["bindings"]["kafka"]
        assert (kafka["topic"], kafka["partitions"]) == (name, topic.partitions)
        assert kafka["topicConfiguration"]["cleanup.policy"] == (["compact"] if topic.compacted else ["delete"])


@pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)
def test_examples_of_a_message_fit_its_headers_and_payload(kind: Any) -> None:
    message = COMMITTED["components"]["messages"][kind.__name__]
    payload = {**message["payload"], "components": COMMITTED["components"]}
    assert message["examples"]
    for example in message["examples"]:
        jsonschema.Draft7Validator(message["headers"]).validate(example["headers"])
        jsonschema.Draft202012Validator(payload).validate(example["payload"])


def test_every_reading_service_names_its_group_or_says_why_not() -> None:
    for name, operation in COMMITTED["operations"].items():
        if operation["action"] == "receive":
            group = operation.get("bindings", {}).get("kafka", {}).get("groupId", {}).get("enum")
            assert group == [f"guichet-{name.partition('.')[0]}"] or "without a group" in operation["description"]


def choices(part: Any) -> list[Any]:
    """Every list of values and every union of types; a field that may be null, and ways to fill fields, are neither."""
    if isinstance(part, list):
        return [found for each in part for found in choices(each)]
    if not isinstance(part, dict):
        return []
    types = [one for one in part.get("anyOf", []) if one.get("type") != "null" and "required" not in one]
    return ([part] if "enum" in part or len(types) > 1 else []) + choices(list(part.values()))


def test_a_generated_model_has_a_name_for_every_choice() -> None:
    schemas = COMMITTED["components"]["schemas"]
    titles = [choice.get("title") for choice in choices(schemas)]
    assert len(titles) > 10
    assert all(titles)
    assert len({*titles, *schemas}) == len(titles) + len(schemas)
    headers = [message["headers"]["title"] for message in COMMITTED["components"]["messages"].values()]
    assert len(set(headers)) == len(EVENTS) + 1


def test_the_document_says_how_records_are_packed_and_keyed() -> None:
    said = COMMITTED["info"]["description"]
    assert "uncompressed" in said
    assert "partitioner (murmur2)" in said
    for name, topic in TOPICS.items():
        assert f"Record key: {topic.key}" in COMMITTED["channels"][name]["description"]
