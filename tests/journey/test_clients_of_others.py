"""Can other systems' clients read what is published, whatever their languages bring along?"""

import json
from uuid import uuid4

import pytest
from aiokafka import codec

from libs.events import TOPICS, decode
from tests.citizens import Stream, pothole
from tests.running import HTTP, SOURCE, RunningSystem
from tests.wire import read_all


def test_a_client_that_knows_gzip_alone_reads_every_topic(
    running_system: RunningSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stream(running_system, count=20):
        pass
    running_system.wait_for_quiet()
    monkeypatch.setattr(
        codec, "cramjam", None
    )  # which brings aiokafka lz4, snappy and zstd, as kafkajs has none of them
    read = {name: read_all(running_system.kafka.bootstrap, name) for name in TOPICS}
    assert len(read["requests.routed.v1"]) + len(read["requests.accepted.v1"]) >= 40
    assert decode(read["requests.accepted.v1"][-1].value, read["requests.accepted.v1"][-1].headers).type


def test_a_senders_own_number_is_on_every_event_about_its_request(running_system: RunningSystem) -> None:
    mark = uuid4().hex
    number = f"order n° {mark}"
    kept = running_system.submit(pothole(mark) | {"source_id": number}).json()
    running_system.wait_until(lambda: running_system.request(kept["request_id"])["status"] == "routed", "it is routed")
    department = running_system.request(kept["request_id"])["department"]["code"]
    url = f"{running_system.intake_url}/api/v1/requests/{kept['request_id']}/progress"
    for report in ({"state": "started"}, {"state": "refused", "reason": "not our road"}):
        said = {**report, "department": department}
        assert HTTP.post(url, json=said, headers=running_system.authorization, timeout=30).status_code == 202
    running_system.wait_for_quiet()
    topics = ("requests.accepted.v1", "requests.routed.v1", "requests.progressed.v1", "notices.sent.v1")
    records = [record for topic in topics for record in read_all(running_system.kafka.bootstrap, topic)]
    about = [record for record in records if json.loads(record.value or b"{}").get("request_id") == kept["request_id"]]
    kinds = {(record.header("ce_type") or "..").split(".")[1] for record in about}
    assert kinds >= {"RequestAccepted", "RequestRouted", "RequestStarted", "RequestRefused", "NoticeSent"}
    origins = {(record.header("ce_origin"), record.header("ce_originid")) for record in about}
    assert origins == {(SOURCE, number)}
