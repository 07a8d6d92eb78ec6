"""Is a CloudEvent taken over HTTP, once, and is what is none refused in words?"""

import json

from tests.integration.test_intake_http import MACHINE, REQUESTS, Door, assert_problem, door
from tests.unit.intake_submissions import body

__all__ = ["door"]  # the fixture

EVENT = {"ce-specversion": "1.0", "ce-id": "7", "ce-source": "/x", "ce-type": "guichet.RequestSubmitted.v1"}


async def test_a_cloudevent_that_its_sender_repeats_is_one_request(door: Door) -> None:
    first = await door.post(REQUESTS, json=body(), headers=MACHINE | EVENT)
    document = {name.removeprefix("ce-"): value for name, value in EVENT.items()} | {"data": body()}
    media = {"content-type": "application/cloudevents+json"}
    again = await door.post(REQUESTS, content=json.dumps(document), headers=MACHINE | media)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert await door.intake.number_of("intake.requests") == 1


async def test_a_batch_of_cloudevents_is_told_to_come_one_by_one(door: Door) -> None:
    media = {"content-type": "application/cloudevents-batch+json"}
    answer = await door.post(REQUESTS, content=b"[]", headers=MACHINE | media)
    problem = assert_problem(answer, 415, "wrong-content-type", "content-type")
    assert "one event at a time" in problem["detail"]
