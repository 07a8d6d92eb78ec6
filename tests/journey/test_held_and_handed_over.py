"""Does a request that no rule decides, or that nobody wants, always end with somebody who deals with it?"""

from typing import Any
from uuid import uuid4

import httpx2

from tests.citizens import notices_of
from tests.offices import ON_THE_STATE_ROAD, answer_link, in_the_valley, mails_about
from tests.running import HTTP, RunningSystem

DESK = "orientation@val-de-brume.example"
ARBITRATION = "arbitrage@val-de-brume.example"
ADDRESS_OF = {"etat-routes": "routes@etat-brume.example", "vdb-voirie": "voirie@val-de-brume.example"}


def handed_in(system: RunningSystem, **changes: Any) -> dict[str, Any]:
    answer = system.submit(in_the_valley(uuid4().hex, **changes))
    assert answer.status_code == 202, answer.text
    kept: dict[str, Any] = answer.json()
    return kept


def settled(system: RunningSystem, kept: dict[str, Any]) -> dict[str, Any]:
    """Once every decision has been made and every mail sent."""
    system.wait_for_quiet()
    return system.request(kept["request_id"])


def assign(system: RunningSystem, kept: dict[str, Any], **choice: Any) -> httpx2.Response:
    url = f"{system.intake_url}/api/v1/triage/requests/{kept['request_id']}/assignment"
    return HTTP.post(url, json=choice, headers=system.authorization, timeout=30)


def the_only_mail(system: RunningSystem, kept: dict[str, Any], address: str) -> str:
    (text,) = mails_about(system, kept["reference"], address)
    return text


def answered(link: str, **fields: str) -> httpx2.Response:
    return HTTP.post(link, data=fields, timeout=30, follow_redirects=True)


def test_a_held_request_is_assigned_told_and_resolved_by_a_link(running_system: RunningSystem) -> None:
    kept = handed_in(running_system, description="Tags on the railing of the bridge")
    assert settled(running_system, kept)["status"] == "held"
    asked = the_only_mail(running_system, kept, DESK)
    assert f"{running_system.intake_url}/triage/{kept['request_id']}" in asked
    assert "railing" not in asked
    case = HTTP.get(
        f"{running_system.intake_url}/api/v1/triage/requests/{kept['request_id']}",
        headers=running_system.authorization,
        timeout=30,
    ).json()
    assert case["description"] == "Tags on the railing of the bridge"
    chosen = case["candidates"][0]["department"]
    assert chosen == "saint-aubin-sur-brume-accueil"
    for _ in range(3):
        assert assign(running_system, kept, department=chosen, comment="ask for the ladder").status_code == 202
    routed = settled(running_system, kept)
    assert (routed["status"], routed["department"]["code"]) == ("routed", chosen)
    assert "a person has decided" in routed["sentence"]["en"]
    told = the_only_mail(running_system, kept, "mairie@saint-aubin-sur-brume.example")
    assert "railing" in told
    assert "ask for the ladder" in told
    link = answer_link(told)
    assert HTTP.get(link, timeout=30).status_code == 200  # a scanner looks first
    assert running_system.request(kept["request_id"])["status"] == "routed"
    thanks = answered(link, state="resolved", outcome_code="solved", note="painted over")
    assert thanks.status_code == 200
    resolved = settled(running_system, kept)
    assert (resolved["status"], resolved["outcome_code"]) == ("resolved", "solved")
    notices = notices_of(running_system, kept["request_id"])
    assert sorted((one["audience"], one["kind"], one["state"]) for one in notices) == [
        ("citizen", "acknowledged", "superseded"),
        ("citizen", "held", "sent"),
        ("citizen", "resolved", "sent"),
        ("citizen", "routed", "sent"),
        ("department", "new_request", "sent"),
        ("desk", "to_decide", "sent"),
    ]
    history = HTTP.get(f"{running_system.audit_url}/api/v1/requests/{kept['request_id']}/history", timeout=30).json()
    assert sum("RequestAssigned" in event["type"] for event in history["events"]) == 1
    assert running_system.verdict()["ok"]


def test_departments_that_send_it_to_each_other_end_at_the_arbitration_desk(running_system: RunningSystem) -> None:
    """The state says it is the metropolis's, the metropolis says it is the state's; nobody is asked twice by a rule."""
    kept = handed_in(running_system, service="pothole", place=ON_THE_STATE_ROAD)
    owners = []
    while (request := settled(running_system, kept))["status"] == "routed":
        owner = request["department"]["code"]
        assert owner not in owners
        owners.append(owner)
        refused = answered(
            answer_link(the_only_mail(running_system, kept, ADDRESS_OF[owner])), state="refused", reason="not our road"
        )
        assert refused.status_code == 200
    assert owners == ["etat-routes", "vdb-voirie"]
    assert (request["status"], request["held_by"]) == ("held", "vdb-tri")
    for chosen in ("vdb-voirie", "etat-routes"):
        assert assign(running_system, kept, department=chosen).status_code == 202
        assert settled(running_system, kept)["department"]["code"] == chosen
        link = answer_link(mails_about(running_system, kept["reference"], ADDRESS_OF[chosen])[-1])
        assert answered(link, state="refused", reason="still not our road").status_code == 200
        settled(running_system, kept)  # until the router has heard of it, nobody can choose again
    disputed = settled(running_system, kept)
    assert (disputed["status"], disputed["held_by"]) == ("held", "vdb-arbitrage")
    assert "4 departments said" in disputed["sentence"]["en"]
    assert len(mails_about(running_system, kept["reference"], DESK)) == 2
    assert "settle" not in "".join(mails_about(running_system, kept["reference"], DESK))
    assert "se renvoient" in the_only_mail(running_system, kept, ARBITRATION)
    assert running_system.status()["conservation"]["balance"] == 0


def test_a_department_that_loses_a_request_is_told_and_its_link_says_so(running_system: RunningSystem) -> None:
    kept = handed_in(running_system, service="pothole", place=ON_THE_STATE_ROAD)
    assert settled(running_system, kept)["department"]["code"] == "etat-routes"
    link = answer_link(the_only_mail(running_system, kept, ADDRESS_OF["etat-routes"]))
    assert answered(link, state="started").status_code == 200
    assert assign(running_system, kept, department="vdb-voirie").status_code == 202
    assert settled(running_system, kept)["department"]["code"] == "vdb-voirie"
    _, lost = mails_about(running_system, kept["reference"], ADDRESS_OF["etat-routes"])
    assert "un autre service" in lost
    assert "ne vous revient plus" in HTTP.get(link, timeout=30).text
    late = answered(link, state="resolved", outcome_code="solved")
    assert late.status_code == 409
    assert running_system.request(kept["request_id"])["status"] == "routed"


def test_a_direct_report_needs_no_link_and_the_link_then_shows_it(running_system: RunningSystem) -> None:
    contact = {"email": "walker@citizen.example"}
    kept = handed_in(running_system, service="pothole", place=ON_THE_STATE_ROAD, contact=contact)
    settled(running_system, kept)
    url = f"{running_system.intake_url}/api/v1/requests/{kept['request_id']}/progress"
    report = {
        "state": "resolved",
        "department": "etat-routes",
        "outcome_code": "no_action",
        "reason": "planned for May",
    }
    assert HTTP.post(url, json=report, headers=running_system.authorization, timeout=30).status_code == 202
    settled(running_system, kept)
    link = answer_link(the_only_mail(running_system, kept, ADDRESS_OF["etat-routes"]))
    assert "Cette demande est close" in HTTP.get(link, timeout=30).text
    assert "planned for May" in mails_about(running_system, kept["reference"], "walker@citizen.example")[-1]


def test_what_a_person_corrected_can_be_exported(running_system: RunningSystem) -> None:
    text = f"The lamp {uuid4().hex} is out"
    kept = handed_in(running_system, service=None, place={"municipality_name": "Brumeval"}, description=text)
    assert settled(running_system, kept)["status"] == "held"
    assert assign(running_system, kept, department="brumeval-technique").status_code == 422  # about what?
    assert assign(running_system, kept, department="brumeval-technique", service="street_lighting").status_code == 202
    routed = settled(running_system, kept)
    assert (routed["service"], routed["department"]["code"]) == ("street_lighting", "brumeval-technique")
    plain = running_system.guichet("triage", "corrections").stdout
    assert f"{kept['request_id']},en,street_lighting\n" in plain
    assert text not in plain
    assert f"{text},en,street_lighting\n" in running_system.guichet("triage", "corrections", "--with-text").stdout
