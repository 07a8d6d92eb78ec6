"""What is lost or done twice when each of the six containers is killed in turn, under a steady load? Nothing."""

import time

import pytest

from tests.compose.load import Load, assert_accounted_for, assert_told_once, seconds_until_served
from tests.compose.project import SIX, Project

STEADY_SECONDS = 5.0  # of load before each kill, so that it falls into the middle of work


def test_killing_each_container_under_load_loses_nothing_and_repeats_nothing(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    key = project.secret("operator", "demo.key")
    project.wait_until(project.is_quiet, "nothing is on its way before the load")
    before = project.asked("status")
    recoveries = {}
    with Load(project, key) as load:
        for victim in SIX:
            time.sleep(STEADY_SECONDS)
            since = time.monotonic()
            project.compose("kill", "--signal", "KILL", victim)
            # For the engine this was a stop that somebody wanted, so it is for us to start the container again; that
            # one whose process dies comes back by itself is shown in test_day_one.py.
            project.compose("up", "--detach", "--no-deps", "--no-recreate", victim)
            recoveries[victim] = seconds_until_served(project, key, since)
            with capsys.disabled():
                print(f"\n{victim} killed: a citizen who came then was served after {recoveries[victim]:.1f} s")
    project.wait_healthy(*SIX)
    project.wait_until(project.is_quiet, "nothing is on its way after the load", seconds=1200)
    with capsys.disabled():
        slowest = max(recoveries, key=lambda name: recoveries[name])
        print(f"\n{load.begun} requests at {load.rate:.0f}/s; longest recovery {recoveries[slowest]:.1f} s ({slowest})")
    assert load.refused == []
    assert len(load.accepted) == load.begun
    assert_accounted_for(project, before, len(load.accepted) + len(SIX))
    assert_told_once(project, load)
    verdict = project.asked("audit", "verify")
    assert verdict["ok"], verdict
