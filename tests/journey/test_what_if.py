"""Does an operator see, before publishing, exactly which of the requests that really came in would move?"""

import json
import shutil
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

from libs.directory import compile_pack, parse_pack
from libs.events.topics import REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED
from libs.operate.demo.requests import planned
from libs.operate.packs import SHIPPED, read_pack
from tests.offices import in_the_valley
from tests.running import HTTP, RunningSystem
from tests.wire import read_all

PACK = "val-de-brume"
RULE, INSTEAD = "traffic-light,traffic_light,*,,metropole,@decides:voirie", "vdb-mobilite"
REQUESTS = 300


def hand_in(system: RunningSystem) -> None:
    """A varied stream as the demo makes it, some of it refused at the door, and some about the service that moves."""
    release = compile_pack(parse_pack(read_pack(SHIPPED / PACK))).release
    assert release is not None
    bodies = [one.body for one in planned([release], REQUESTS, 5, uuid4().hex)]
    bodies += [in_the_valley(uuid4().hex, service="traffic_light") for _ in range(20)]
    with ThreadPoolExecutor(4) as doors:
        statuses = Counter(answer.status_code for answer in doors.map(system.submit, bodies))
    assert statuses[202] > REQUESTS * 0.9, statuses


def with_another_owner(folder: Path) -> Path:
    pack = folder / PACK
    shutil.copytree(SHIPPED / PACK, pack)
    text = (pack / "competences.csv").read_text(encoding="utf-8")
    assert text.count(RULE) == 1
    instead = RULE.replace("@decides:voirie", INSTEAD)
    (pack / "competences.csv").write_text(text.replace(RULE, instead), encoding="utf-8")
    return pack


def last_decisions(system: RunningSystem) -> dict[str, dict[str, Any]]:
    """What the router itself said of each request, the latest of it; without those that a person has in hand."""
    found = {}
    for record in read_all(system.kafka.bootstrap, REQUESTS_ROUTED):
        data = json.loads(record.value or b"{}")
        if data["territory"] == PACK:
            found[data["request_id"]] = data["decision"]
    for record in read_all(system.kafka.bootstrap, REQUESTS_PROGRESSED):
        data = json.loads(record.value or b"{}")
        if "RequestAssigned" in str(record.header("ce_type")) or data.get("was_assigned"):
            found.pop(data["request_id"], None)
    return found


def accepted(system: RunningSystem) -> set[str]:
    """The requests of the territory on the topic, which other tests write to as well."""
    records = read_all(system.kafka.bootstrap, REQUESTS_ACCEPTED)
    own = (record for record in records if f'"territory":"{PACK}"'.encode() in (record.value or b""))
    return {json.loads(record.value or b"")["request_id"] for record in own}


def test_what_would_move_is_what_the_router_gave_by_the_rule_that_changes(
    running_system: RunningSystem, tmp_path: Path
) -> None:
    hand_in(running_system)
    running_system.wait_for_quiet()
    counts, topics = running_system.counts("router"), running_system.guichet("topics", "--json").stdout
    decisions = last_decisions(running_system)
    by_rule = {request for request, one in decisions.items() if one.get("rule") == "traffic-light"}
    assert len(by_rule) >= 20
    page = tmp_path / "what-if.html"
    pack = with_another_owner(tmp_path)
    answer = running_system.guichet("directory", "what-if", str(pack), "--since", "1d", "--json", "--html", str(page))
    found = json.loads(answer.stdout)
    assert (found["compared"], found["moved"], found["changed"]) == (len(decisions), len(by_rule), len(by_rule))
    assert sum(move["requests"] for move in found["moves"]) == len(by_rule)
    assert {move["to"]["department"]["code"] for move in found["moves"]} == {INSTEAD}
    assert {request for move in found["moves"] for request in move["sample"]} <= by_rule
    assert found["compared"] + found["in_hands"]["compared"] == len(accepted(running_system))
    assert (found["skipped"]["erased"], found["skipped"]["undecidable"]) == (0, 0)
    assert found["moves"][0]["sample"][0] in page.read_text(encoding="utf-8")
    after = running_system.counts("router"), running_system.guichet("topics", "--json").stdout
    assert (counts["lag"], json.loads(topics)) == (after[0]["lag"], json.loads(after[1]))


def test_what_a_person_has_chosen_stays_and_is_shown_apart(running_system: RunningSystem, tmp_path: Path) -> None:
    kept = running_system.submit(in_the_valley(uuid4().hex, service="traffic_light")).json()
    running_system.wait_for_quiet()
    url = f"{running_system.intake_url}/api/v1/triage/requests/{kept['request_id']}/assignment"
    choice = {"department": "vdb-nature"}
    assert HTTP.post(url, json=choice, headers=running_system.authorization, timeout=30).status_code == 202
    running_system.wait_for_quiet()
    plain = running_system.guichet("directory", "what-if", str(with_another_owner(tmp_path)), "--since", "1d", "--json")
    found = json.loads(plain.stdout)
    assert kept["request_id"] in found["in_hands"]["proposed_sample"]
    assert kept["request_id"] not in [request for move in found["moves"] for request in move["sample"]]
    assert running_system.request(kept["request_id"])["department"]["code"] == "vdb-nature"


def test_wrong_use_and_nothing_to_compare_have_their_exit_codes(running_system: RunningSystem) -> None:
    cases = {
        ("atlantis", "--since", "1d"): (2, "no territory pack"),
        (PACK, "--since", "2999-01-01"): (2, "in the future"),
        (PACK, "--since", "soon"): (2, "write it as"),
        (PACK, "--since", "0h"): (1, "earlier --since"),
    }
    for arguments, (code, remedy) in cases.items():
        refused = running_system.guichet("directory", "what-if", *arguments, check=False)
        assert (refused.returncode, refused.stdout) == (code, ""), arguments
        assert remedy in refused.stderr
