"""Does a system restored from a backup finish what was on its way, once, and still know everything it had promised?"""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.citizens import Stream, pothole
from tests.embedded import Embedded, wait_until
from tests.running import ROOT, SERVICES, SOURCE, RunningSystem, is_quiet
from tests.wire import binary_submission, read_all, send

PACK = ROOT / "deploy" / "territories" / "bordeaux-metropole"
pytestmark = pytest.mark.timeout(900)  # two whole systems are started
ALL_KINDS = Counter([("citizen", "acknowledged"), ("citizen", "routed"), ("department", "new_request")])


@dataclass
class Restored:
    """Two systems: one that was backed up in the middle of its work, and one that was made of the backup."""

    old: RunningSystem
    new: Embedded
    finished: Stream  # routed and told before the backup
    on_its_way: Stream  # accepted before the backup, with no router and no mail relay there
    sent_before: set[str]  # Message-IDs
    backup: dict[str, Any]
    restore: dict[str, Any]
    client: httpx2.Client

    def get(self, service: str, path: str, **parameters: Any) -> Any:
        url = f"{self.new.url(service)}{path}"
        answer = self.client.get(url, params=parameters, headers=self.old.authorization)
        return answer.raise_for_status().json()

    def mails(self) -> list[str]:
        """The Message-IDs of what the new system sent."""
        found = self.get("mailbox", "/api/v1/messages", limit=1000)
        assert found["total"] <= 1000
        return [mail["MessageID"].strip("<>") for mail in found["messages"]]


@pytest.fixture(scope="module")
def restored(running_system: RunningSystem, work_folder: Path) -> Iterator[Restored]:
    old, new, file = running_system, Embedded(work_folder / "new"), work_folder / "system.backup"
    bad = uuid4().hex
    send(old.kafka.bootstrap, [binary_submission(SOURCE, bad, pothole(bad, service="teleportation"))])
    with Stream(old, count=30) as finished:
        pass
    old.wait_for_quiet()
    sent_before = {mail["MessageID"].strip("<>") for mail in old.mails()}
    for name in ("router", "mailbox"):
        old.processes[name].stop()
    try:
        with Stream(old, count=30) as on_its_way:
            pass
        publish(old, another_pack(work_folder))
        with Stream(old, count=200) as meanwhile:
            meanwhile.wait_for(10)
            backup = json.loads(old.guichet("backup", str(file), "--json").stdout)
        assert meanwhile.refused == {}
    finally:
        for name in ("router", "mailbox"):
            old.processes[name].start()
        publish(old, PACK)
    shutil.copytree(old.home / "secrets", new.home / "secrets")
    restore = new.answer("restore", str(file))
    up = new.guichet("up", "--no-requests")
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        wait_until(lambda: is_quiet(new.counts, new.state["kafka"]), seconds=150)
        with httpx2.Client(timeout=30) as client:
            yield Restored(old, new, finished, on_its_way, sent_before, backup, restore, client)
    finally:
        new.guichet("down")


def another_pack(folder: Path) -> Path:
    shutil.copytree(PACK, folder / PACK.name)
    territory = folder / PACK.name / "territory.yaml"
    changed = territory.read_text(encoding="utf-8").replace("hops_max: 3", "hops_max: 2")
    territory.write_text(changed, encoding="utf-8")
    return folder / PACK.name


def publish(system: RunningSystem, pack: Path) -> None:
    assert json.loads(system.guichet("directory", "publish", str(pack), "--json").stdout)["published"] is True


def releases_by_request(bootstrap: str, topic: str, stream: Stream) -> dict[bytes, str | None]:
    ours = {kept["request_id"].encode() for kept in stream.accepted.values()}
    return {one.key: one.header("ce_directoryversion") for one in read_all(bootstrap, topic) if one.key in ours}


def test_what_was_acknowledged_is_there_and_what_was_on_its_way_arrived(restored: Restored) -> None:
    for stream in (restored.finished, restored.on_its_way):
        assert len(stream.accepted) == 30
        for kept in stream.accepted.values():
            assert restored.get("intake", f"/api/v1/requests/{kept['request_id']}")["status"] == "routed"
    kept = next(iter(restored.on_its_way.accepted.values()))
    assert restored.client.get(f"{restored.new.url('intake')}/r/{kept['token']}").status_code == 200


def test_nobody_is_told_again_and_everybody_is_told_once(restored: Restored) -> None:
    mails = restored.mails()
    assert len(mails) == len(set(mails))
    assert restored.sent_before.isdisjoint(mails)
    for kept in restored.on_its_way.accepted.values():
        notices = restored.get("notifier", f"/api/v1/requests/{kept['request_id']}/notices")["notices"]
        assert Counter((one["audience"], one["kind"]) for one in notices) == ALL_KINDS, notices
        assert {one["state"] for one in notices} <= {"sent", "superseded"}
        sent = [one for one in notices if one["channel"] == "email" and one["state"] == "sent"]
        assert {one["message_id"].strip("<>") for one in sent} <= set(mails)


def test_every_request_is_accounted_for_and_the_log_is_what_was_signed(restored: Restored) -> None:
    sums = restored.new.answer("status")["conservation"]
    assert sums["balance"] == 0
    assert sums["in_flight"] == 0
    assert sums["accepted"] == restored.backup["requests"] == restored.restore["requests"]
    verdict = restored.new.answer("audit", "verify")
    assert verdict["ok"]
    assert verdict["leaves"] > restored.backup["leaves"]
    assert restored.backup["leaves"] == restored.restore["leaves"]


def test_what_was_on_its_way_is_decided_by_the_release_it_was_stamped_with(restored: Restored) -> None:
    stamped = releases_by_request(restored.old.kafka.bootstrap, "requests.accepted.v1", restored.on_its_way)
    decided = releases_by_request(restored.new.state["kafka"], "requests.routed.v1", restored.on_its_way)
    assert len(stamped) == 30
    assert decided == stamped


def test_the_same_submission_gets_the_same_answer(restored: Restored) -> None:
    source_id, kept = next(iter(restored.on_its_way.accepted.items()))
    url = f"{restored.new.url('intake')}/api/v1/requests"
    again = restored.client.post(url, json=pothole(source_id), headers=restored.old.authorization)
    assert {**again.json(), "links": None} == {**kept, "links": None}


def test_dead_letters_are_kept_as_they_were(restored: Restored) -> None:
    for service in SERVICES:
        before = read_all(restored.old.kafka.bootstrap, f"{service}.dead.v1")
        assert read_all(restored.new.state["kafka"], f"{service}.dead.v1") == before
        assert before or service != "intake"


def test_a_running_system_is_not_restored_into(restored: Restored, work_folder: Path) -> None:
    refused = restored.new.guichet("restore", str(work_folder / "system.backup"))
    assert refused.returncode == 1
    assert "guichet down" in refused.stderr
