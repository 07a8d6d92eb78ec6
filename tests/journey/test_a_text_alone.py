"""Does a request that says only in words what it is about find its owner, and danger faster than that?"""

from typing import Any
from uuid import uuid4

from tests.citizens import pothole
from tests.running import RunningSystem


def handed_in(system: RunningSystem, text: str, **changes: Any) -> dict[str, Any]:
    content = pothole(uuid4().hex, description=text, **changes)
    del content["service"]
    answer = system.submit(content)
    assert answer.status_code == 202, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def arrive(system: RunningSystem, kept: dict[str, Any]) -> dict[str, Any]:
    request_id = kept["request_id"]
    system.wait_until(lambda: system.request(request_id)["status"] != "accepted", f"{request_id} is decided")
    return system.request(request_id)


def subjects(system: RunningSystem, reference: str) -> list[str]:
    system.wait_for_quiet()
    return [mail["Subject"] for mail in system.mails() if reference in mail["Subject"]]


def test_a_certain_guess_is_routed_and_an_uncertain_one_is_read_by_a_person(running_system: RunningSystem) -> None:
    hole, riddle = (
        handed_in(running_system, text)
        for text in (
            "A huge pothole burst my tyre in the middle of the road",
            "Something is wrong with the bench thing",
        )
    )
    routed, held = arrive(running_system, hole), arrive(running_system, riddle)
    assert (routed["status"], routed["service"]) == ("routed", "pothole")
    assert routed["confidence"] >= 0.8
    assert (held["status"], held["outcome"], held["service"]) == ("held", "unclear", None)
    assert held["reasons"][-1]["code"] == "classifier-abstained"
    assert hole["safety"] is riddle["safety"] is None


def test_danger_is_answered_at_once_and_its_department_reads_it_first(running_system: RunningSystem) -> None:
    kept = handed_in(running_system, "Ça sent le gaz dans la cage d'escalier", language=None)
    assert "112" in kept["safety"]["fr"]
    request = arrive(running_system, kept)
    assert (request["status"], request["service"], request["urgent"]) == ("routed", "gas_leak", "gas_leak")
    assert request["language"] == "fr"  # nobody named one
    told = subjects(running_system, kept["reference"])
    assert sum(subject.startswith("URGENT") for subject in told) == 1
    assert len(told) == 2
