"""Does one request go all the way, by each door, and can everybody concerned see it?"""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.citizens import notices_of, pothole
from tests.running import HTTP, SOURCE, RunningSystem
from tests.wire import Raw, binary_submission, read_all, send, structured_submission


def arrive(system: RunningSystem, request_id: str, status: str) -> dict[str, Any]:
    system.wait_until(lambda: system.request(request_id)["status"] == status, f"{request_id} is {status}")
    return system.request(request_id)


def accepted(system: RunningSystem, **changes: Any) -> dict[str, Any]:
    answer = system.submit(pothole(uuid4().hex, **changes))
    assert answer.status_code == 202, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def test_a_request_is_routed_told_and_recorded(running_system: RunningSystem) -> None:
    kept = accepted(running_system)
    request = arrive(running_system, kept["request_id"], "routed")
    assert request["authority"]["code"]
    assert request["department"]["code"]
    assert request["sentence"]
    running_system.wait_for_quiet()
    kinds = {(n["audience"], n["kind"], n["state"]) for n in notices_of(running_system, kept["request_id"])}
    assert kinds >= {
        ("citizen", "acknowledged", "superseded"),
        ("citizen", "routed", "sent"),
        ("department", "new_request", "sent"),
    }
    history = HTTP.get(f"{running_system.audit_url}/api/v1/requests/{kept['request_id']}/history", timeout=30).json()
    types = [event["type"] for event in history["events"]]
    assert any("RequestAccepted" in one for one in types)
    assert any("RequestRouted" in one for one in types)
    assert sum("NoticeSent" in one for one in types) == 2


def test_the_citizens_page_shows_the_sentence_without_any_script(running_system: RunningSystem) -> None:
    kept = accepted(running_system)
    arrive(running_system, kept["request_id"], "routed")
    page = HTTP.get(f"{running_system.intake_url}/r/{kept['token']}", timeout=30)
    assert page.status_code == 200
    assert kept["reference"] in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    unknown = HTTP.get(f"{running_system.intake_url}/r/{'x' * 43}", timeout=30)
    assert unknown.status_code == 404


def test_the_department_resolves_and_the_citizen_is_told(running_system: RunningSystem) -> None:
    kept = accepted(running_system)
    request = arrive(running_system, kept["request_id"], "routed")
    url = f"{running_system.intake_url}/api/v1/requests/{kept['request_id']}/progress"
    for step in ({"state": "started"}, {"state": "resolved", "outcome_code": "solved"}):
        report = step | {"department": request["department"]["code"]}
        assert HTTP.post(url, json=report, headers=running_system.authorization, timeout=30).status_code == 202
    arrive(running_system, kept["request_id"], "resolved")
    running_system.wait_for_quiet()
    told = {(notice["audience"], notice["kind"]) for notice in notices_of(running_system, kept["request_id"])}
    assert ("citizen", "resolved") in told


@pytest.mark.parametrize("as_event", [binary_submission, structured_submission])
def test_another_system_emits_and_the_bad_event_beside_it_is_put_aside(
    running_system: RunningSystem, as_event: Any
) -> None:
    good, bad = uuid4().hex, uuid4().hex
    send(
        running_system.kafka.bootstrap,
        [
            as_event(SOURCE, bad, pothole(bad, service="teleportation")),
            as_event(SOURCE, good, pothole(good)),
        ],
    )
    running_system.wait_for_quiet()
    answer = running_system.submit(pothole(good))  # the other door knows it already
    arrive(running_system, answer.json()["request_id"], "routed")
    letters = [one for one in read_all(running_system.kafka.bootstrap, "intake.dead.v1") if one.key == bad.encode()]
    assert [letter.header("guichet-dead-slug") for letter in letters] == ["unknown-service"]


def test_the_same_thing_by_both_doors_at_once_is_one_request(running_system: RunningSystem) -> None:
    source_id = uuid4().hex

    async def by_http() -> list[httpx2.Response]:
        async with httpx2.AsyncClient(base_url=running_system.intake_url, timeout=30) as client:
            headers = running_system.authorization
            calls = [client.post("/api/v1/requests", json=pothole(source_id), headers=headers) for _ in range(20)]
            by_kafka = asyncio.to_thread(
                send, running_system.kafka.bootstrap, [binary_submission(SOURCE, source_id, pothole(source_id))] * 5
            )
            *answers, _ = await asyncio.gather(*calls, by_kafka)
            return answers

    answers = asyncio.run(by_http())
    assert {answer.status_code for answer in answers} == {202}
    assert len({json.dumps(answer.json(), sort_keys=True) for answer in answers}) == 1
    running_system.wait_for_quiet()
    request_id = answers[0].json()["request_id"].encode()
    records = read_all(running_system.kafka.bootstrap, "requests.accepted.v1")
    assert len({r.header("ce_id") for r in records if r.key == request_id}) == 1


def test_a_foreign_record_that_is_no_event_at_all_is_put_aside(running_system: RunningSystem) -> None:
    mark = uuid4().hex.encode()
    send(running_system.kafka.bootstrap, [Raw("requests.inbound.v1", mark, b"hello")])
    running_system.wait_for_quiet()
    letters = [one for one in read_all(running_system.kafka.bootstrap, "intake.dead.v1") if one.key == mark]
    assert len(letters) == 1
    assert letters[0].value == b"hello"
