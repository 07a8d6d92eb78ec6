"""What is lost or done twice when a process is killed, or the broker or the database is away? Nothing."""

import time

import pytest

from tests.citizens import Stream, assert_nothing_lost_nothing_twice, pothole
from tests.running import HTTP, SERVICES, RunningSystem


@pytest.mark.parametrize("victim", SERVICES)
def test_killing_a_service_in_mid_stream_loses_nothing(running_system: RunningSystem, victim: str) -> None:
    with Stream(running_system, count=240) as stream:
        for answered in (40, 120):
            stream.wait_for(answered)
            running_system.processes[victim].kill()
            time.sleep(0.5)
            running_system.processes[victim].start()
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, stream)


def test_intake_accepts_while_kafka_is_away_and_all_of_it_arrives_later(running_system: RunningSystem) -> None:
    with Stream(running_system, count=150) as stream:
        stream.wait_for(30)
        running_system.kafka.stop()
        try:
            stream.wait_for(120)  # nobody is turned away
        finally:
            running_system.kafka.start()
    running_system.wait_until(running_system.is_ready, "every service has found the broker again")
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, stream)


def test_a_killed_broker_is_survived(running_system: RunningSystem) -> None:
    with Stream(running_system, count=150) as stream:
        stream.wait_for(60)
        running_system.kafka.kill()
        running_system.kafka.start()
    running_system.wait_until(running_system.is_ready, "every service has found the broker again")
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, stream)


def test_nobody_is_promised_anything_while_the_database_is_away(running_system: RunningSystem) -> None:
    with Stream(running_system, count=150) as stream:
        stream.wait_for(40)
        running_system.postgres.kill()
        try:
            refused = HTTP.post(
                f"{running_system.intake_url}/api/v1/requests",
                json=pothole("while-the-database-is-away"),
                headers=running_system.authorization,
                timeout=30,
            )
        finally:
            running_system.postgres.start()
    assert refused.status_code == 503
    assert refused.json()["type"].endswith("database-away")
    assert int(refused.headers["retry-after"]) >= 1
    running_system.wait_until(running_system.is_ready, "every service has found the database again")
    running_system.wait_for_quiet()
    assert_nothing_lost_nothing_twice(running_system, stream)
