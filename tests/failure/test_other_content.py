"""What does a record change that comes under the id of an event and says something else? Nothing but the log."""

from dataclasses import replace
from uuid import uuid4

import orjson

from tests.citizens import pothole
from tests.running import HTTP, RunningSystem
from tests.wire import Raw, read_all, send

ACCEPTED, ROUTED = "requests.accepted.v1", "requests.routed.v1"


def of_request(system: RunningSystem, topic: str, request_id: str) -> list[Raw]:
    return [one for one in read_all(system.kafka.bootstrap, topic) if one.key == request_id.encode()]


def repaired(record: Raw, **fields: str) -> Raw:
    """As somebody sends it again who has put other words into the body and left key and headers alone."""
    return replace(record, value=orjson.dumps(orjson.loads(record.value or b"") | fields))


def history(system: RunningSystem, request_id: str) -> list[str]:
    answer = HTTP.get(f"{system.audit_url}/api/v1/requests/{request_id}/history", timeout=30).json()
    return [event["type"].removeprefix("guichet.").removesuffix(".v1") for event in answer["events"]]


def test_nobody_is_told_twice_with_different_answers_when_a_record_is_changed_and_sent_again(
    running_system: RunningSystem,
) -> None:
    who = uuid4().hex
    request_id = running_system.submit(pothole(who)).json()["request_id"]
    running_system.wait_for_quiet()
    before = running_system.request(request_id), len(running_system.mails()), history(running_system, request_id)
    (accepted,) = of_request(running_system, ACCEPTED, request_id)
    (routed,) = of_request(running_system, ROUTED, request_id)
    others = [repaired(accepted, service=service) for service in ("streetlight", "noise", "no-such-service")]
    send(running_system.kafka.bootstrap, [*others, others[0], repaired(routed, language="sv")])
    running_system.wait_for_quiet()
    assert running_system.request(request_id) == before[0]
    assert len(running_system.mails()) == before[1]
    assert of_request(running_system, ROUTED, request_id) == [routed, repaired(routed, language="sv")]
    assert history(running_system, request_id) == [*before[2], *["OtherContentHeard"] * 4]
    assert running_system.verdict()["ok"]
    for service, heard in {"router": 4, "notifier": 5}.items():
        letters = of_request(running_system, f"{service}.dead.v1", request_id)
        assert [one.header("guichet-dead-slug") for one in letters] == ["other-content"] * heard
    assert running_system.counts("audit")["counts"]["other_contents"] >= 4
