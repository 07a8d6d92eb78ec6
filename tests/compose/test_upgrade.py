"""What is lost or done twice when the services are upgraded one by one, in any order, and back again? Nothing."""

import random
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose import next_version
from tests.compose.load import Load, assert_accounted_for, assert_told_once
from tests.compose.project import Project

ROLLED = ("intake", "router", "notifier", "audit")


@pytest.fixture
def versions(project: Project, folder: Path) -> Iterator[tuple[str, str]]:
    """This version and the next; afterwards everything is as it was, but for what the next one added."""
    this = project.settings["GUICHET_VERSION"]
    image = next_version.build(folder / "next", f"guichet:{this}")
    yield this, next_version.VERSION
    project.set(**{**project.settings, "GUICHET_VERSION": this})
    project.up()
    subprocess.run(["docker", "image", "rm", image], check=False, capture_output=True)


def test_services_are_upgraded_in_any_order_under_load_and_back(project: Project, versions: tuple[str, str]) -> None:
    """Old services run against the new shape of the database and hear new events; then new ones hear old events."""
    this, following = versions
    key = project.secret("operator", "demo.key")
    project.wait_until(project.is_quiet, "nothing is on its way before the load")
    before = project.asked("status")
    order = random.sample(ROLLED, len(ROLLED))
    print(f"order: {order}")
    with Load(project, key) as load:
        project.set(**{**project.settings, "GUICHET_VERSION": following})
        for job in ("migrate", "topics"):
            project.compose("run", "--rm", "--no-TTY", "--no-deps", job)
        for service in order:
            roll(project, service, following)
        project.set(**{**project.settings, "GUICHET_VERSION": this})
        for service in order:
            roll(project, service, this)
    project.wait_until(project.is_quiet, "nothing is on its way after the load", seconds=600)
    assert load.refused == []
    assert_accounted_for(project, before, len(load.accepted))
    assert_told_once(project, load)
    verdict = project.asked("audit", "verify")
    assert verdict["ok"], verdict


def roll(project: Project, service: str, version: str) -> None:
    project.compose("up", "--detach", "--wait", "--no-deps", service, seconds=300)
    assert project.inspected()[service]["Config"]["Image"] == f"guichet:{version}"
