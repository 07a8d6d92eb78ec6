"""What becomes of accepted requests whose records were deleted, or expired, before they were read?"""

import asyncio
import json

import pytest

from libs.delivery.kafka import KafkaSettings
from libs.delivery.positions import Gap
from libs.events.topics import REQUESTS_ACCEPTED
from libs.operate.commands.topics import look
from tests.citizens import Stream, assert_nothing_lost_nothing_twice
from tests.running import HTTP, RunningSystem
from tests.wire import Raw, delete_all, send

LOST, GARBAGE = 40, 45


@pytest.fixture(scope="module")
def lost(running_system: RunningSystem) -> Stream:
    """Requests that everybody but the router has heard of, and after them as much garbage on the same topic."""
    running_system.wait_for_quiet()
    router = running_system.processes["router"]
    router.stop()
    with Stream(running_system, count=LOST) as stream:
        pass
    running_system.wait_until(lambda: others_have_read(running_system), "notifier and audit have heard of them")
    delete_all(running_system.kafka.bootstrap, REQUESTS_ACCEPTED)
    send(running_system.kafka.bootstrap, [Raw(REQUESTS_ACCEPTED, b"%d" % n, b"not json") for n in range(GARBAGE)])
    router.start()
    running_system.wait_for_quiet()
    return stream


def others_have_read(system: RunningSystem) -> bool:
    topics = asyncio.run(look(KafkaSettings(bootstrap_servers=system.kafka.bootstrap)))
    lag = topics[REQUESTS_ACCEPTED]["lag"]
    return (system.counts("intake")["outbox_rows"], lag["notifier"], lag["audit"]) == (0, 0, 0)


def metrics_of(system: RunningSystem, service: str) -> dict[str, float]:
    text = HTTP.get(f"http://127.0.0.1:{system.ports[service]}/metrics", timeout=30).text
    pairs = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def test_a_loss_is_said_whatever_garbage_there_is_and_is_an_alarm(running_system: RunningSystem, lost: Stream) -> None:
    done = running_system.guichet("status", "--json", check=False)
    found = json.loads(done.stdout)
    assert done.returncode == 1
    assert (found["conservation"]["balance"], found["conservation"]["in_flight"]) == (LOST, 0)
    assert found["conservation"]["dead"] == 0  # garbage is no request
    sums = found["conservation"]
    assert sums["accepted"] == sum(sums[name] for name in ("routed", "held", "dead", "in_flight", "balance"))
    running_system.wait_until(
        lambda: metrics_of(running_system, "intake")["intake_balance_requests"] == LOST, "the metric says so"
    )
    assert metrics_of(running_system, "intake")['intake_alarms{kind="requests-lost"}'] == 1
    (alarm,) = [one for one in running_system.counts("intake")["alarms"] if one["kind"] == "requests-lost"]
    assert alarm["requests"] == LOST
    assert set(alarm["request_ids"]) <= {kept["request_id"] for kept in lost.accepted.values()}


def test_the_gap_is_named_with_topic_partition_offsets_and_group(running_system: RunningSystem, lost: Stream) -> None:
    done = running_system.guichet("status", check=False)
    gaps = [Gap(**one) for one in running_system.counts("router")["skipped"]]
    assert {one.topic for one in gaps} == {REQUESTS_ACCEPTED}
    assert sum(one.records for one in gaps) == LOST
    for one in gaps:
        named = (
            f"records of topic {one.topic} partition {one.partition} offsets {one.first}-{one.after - 1} were deleted"
        )
        assert f"{named} or expired before group guichet-router read them" in done.stdout
    assert f"{LOST} accepted requests have no decision" in done.stdout
    skipped = metrics_of(running_system, "router")[f'router_records_skipped_total{{topic="{REQUESTS_ACCEPTED}"}}']
    assert skipped == LOST
    assert '"event": "records_skipped"' in (running_system.logs / "router.log").read_text()


def test_lost_requests_are_announced_again_and_decided_and_nobody_is_told_twice(
    running_system: RunningSystem, lost: Stream
) -> None:
    preview = json.loads(running_system.guichet("republish", "--undecided", "--preview", "--json").stdout)
    assert (preview["lost"], preview["would_announce"]) == (LOST, LOST)
    assert running_system.counts("intake")["conservation"]["balance"] == LOST
    done = json.loads(running_system.guichet("republish", "--undecided", "--json").stdout)
    assert (done["announced"], done["unknown"]) == (LOST, [])
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, lost)
    mails, leaves = len(running_system.mails()), running_system.verdict()["leaves"]
    again = json.loads(running_system.guichet("republish", "--undecided", "--json").stdout)
    assert (again["lost"], again["announced"]) == (0, 0)
    running_system.wait_for_quiet()
    assert (len(running_system.mails()), running_system.verdict()["leaves"]) == (mails, leaves)
    assert running_system.guichet("status", check=False).returncode == 0
