"""What happens when a disk is full? Nothing acknowledged is lost, and with room again everything goes on.

Needs root on the engine's machine: the volume lies on a small file system made for it.
"""

import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx2
import pytest

from tests.compose.project import Project

DISK_MIB = 500
CHUNK = b"\0" * (1 << 20)
SUBMITTED_MAX = 3_000  # what fits into a segment of the write-ahead log that has room yet
BALLAST = "ballast"
LOOK_EVERY = 20
ACCEPTED, UNAVAILABLE = 202, 503


class Disk:
    """A file system of its own for one volume."""

    def __init__(self, folder: Path) -> None:
        self.image, self.mounted = folder / "disk.img", folder / "disk"

    def make(self) -> None:
        self.mounted.mkdir(parents=True)
        with self.image.open("wb") as image:
            image.truncate(DISK_MIB << 20)
        run("mkfs.ext4", "-q", "-m", "0", str(self.image))
        run("mount", "-o", "loop", str(self.image), str(self.mounted))
        (self.mounted / "lost+found").rmdir()  # PostgreSQL begins in an empty folder only

    def fill(self) -> None:
        with suppress(OSError), (self.mounted / BALLAST).open("wb", buffering=0) as ballast:
            while True:
                ballast.write(CHUNK)

    def make_room(self) -> None:
        (self.mounted / BALLAST).unlink()

    def end(self) -> None:
        run("umount", str(self.mounted))


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@pytest.fixture(params=["postgres", "kafka"])
def small(request: pytest.FixtureRequest, folder: Path, rest: None) -> Iterator[tuple[Project, Disk, str]]:
    volume: str = request.param
    disk = Disk(folder / f"small-{volume}")
    disk.make()
    system = Project(folder / f"with-small-{volume}")
    file = system.folder / "compose.yaml"
    there = f"    driver_opts: {{type: none, o: bind, device: {disk.mounted}}}\n"
    head, line, tail = file.read_text().partition(f"\n  {volume}:     ")
    assert line, "the volume stands in the list at the end"
    comment, _, others = tail.partition("\n")
    file.write_text(f"{head}\n  {volume}: {comment}\n{there}{others}")
    try:
        system.up()
        yield system, disk, volume
    finally:
        system.down("--volumes")
        disk.end()
        shutil.rmtree(disk.mounted.parent)


def status_of_a_submission(system: Project, key: str) -> int:
    """The status of the answer; zero without one."""
    try:
        return system.submit(key).status_code
    except httpx2.TransportError:
        return 0


def test_what_was_acknowledged_is_there_when_there_is_room_again(small: tuple[Project, Disk, str]) -> None:
    system, disk, volume = small
    key = system.secret("operator", "demo.key")
    assert status_of_a_submission(system, key) == ACCEPTED
    system.wait_until(system.is_quiet, "the first request is through")
    disk.fill()
    answers = Counter[int]()
    while not has_felt_it(system, volume, answers):
        answers[status_of_a_submission(system, key)] += 1
    assert set(answers) <= {ACCEPTED, UNAVAILABLE}, answers
    disk.make_room()
    system.come_back()
    system.wait_until(system.is_quiet, "everything went on")
    sums = system.asked("status")["conservation"]
    assert sums["accepted"] == sums["routed"] == 1 + answers[ACCEPTED]
    assert system.asked("audit", "verify")["ok"]


def has_felt_it(system: Project, volume: str, answers: Counter[int]) -> bool:
    """PostgreSQL refuses to write; Kafka ends, and ends again whenever it is started."""
    assert answers.total() < SUBMITTED_MAX, answers
    if volume == "postgres":
        return UNAVAILABLE in answers
    return answers.total() % LOOK_EVERY == 0 and int(system.inspected()[volume]["RestartCount"]) > 0
