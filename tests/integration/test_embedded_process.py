"""Does nothing outlive the process that started it, and is nobody else's process ever ended?"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from libs.operate.embedded import process
from libs.operate.embedded.errors import FolderInUse
from libs.operate.embedded.process import Holder, ProcessId

ROOT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
]
# A parent as a supervisor would be: it starts a child through us, says its id when that has begun to work, and waits.
PARENT = """
import sys, time
from pathlib import Path
from libs.operate.embedded import process
log = Path(sys.argv[1]) / "log"
child = process.start([sys.executable, "-c", "import time; print('begun', flush=True); time.sleep(60)"], log_file=log)
while "begun" not in log.read_text():
    time.sleep(0.02)
process.record(Path(sys.argv[1]) / "child.pid", child)
print(child.pid, flush=True)
time.sleep(60)
"""


def parent_of_a_child(folder: Path) -> tuple[subprocess.Popen[str], ProcessId]:
    command = [sys.executable, "-c", PARENT, str(folder)]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert parent.stdout is not None
    child = ProcessId.of(int(parent.stdout.readline()))
    assert child is not None
    return parent, child


def ended(parent: subprocess.Popen[str]) -> None:
    parent.kill()
    parent.wait()
    assert parent.stdout is not None
    parent.stdout.close()


def is_gone(child: ProcessId, seconds: float = 5) -> bool:
    deadline = time.monotonic() + seconds
    while child.is_alive and time.monotonic() < deadline:
        time.sleep(0.02)
    return not child.is_alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_child_dies_with_a_parent_that_was_killed(tmp_path: Path) -> None:
    parent, child = parent_of_a_child(tmp_path)
    ended(parent)
    assert is_gone(child)


def test_a_child_survives_the_thread_that_asked_for_it(tmp_path: Path) -> None:
    from threading import Thread

    started: list[subprocess.Popen[bytes]] = []
    asking = Thread(target=lambda: started.append(process.start(SLEEP, log_file=tmp_path / "log")))
    asking.start()
    asking.join()
    time.sleep(0.3)
    assert started[0].poll() is None
    process.end(started[0], signal.SIGTERM, 5)


def test_a_child_that_is_deaf_to_the_request_is_killed(tmp_path: Path) -> None:
    child = process.start(DEAF, log_file=tmp_path / "log")
    while "deaf" not in (tmp_path / "log").read_text():
        time.sleep(0.02)
    began = time.monotonic()
    process.end(child, signal.SIGTERM, deadline_seconds=0.3)
    assert child.returncode == -signal.SIGKILL
    assert time.monotonic() - began < 5


def test_a_server_whose_owner_lives_is_not_ended(tmp_path: Path) -> None:
    parent, child = parent_of_a_child(tmp_path)
    with pytest.raises(FolderInUse, match=f"process {parent.pid} runs a server on it"):
        process.end_orphan(tmp_path / "child.pid", signal.SIGTERM, 5)
    assert child.is_alive
    ended(parent)


def test_a_server_whose_owner_died_is_ended(tmp_path: Path) -> None:
    child = process.start(SLEEP, log_file=tmp_path / "log")
    server = ProcessId.of(child.pid)
    assert server is not None
    Holder(server, ProcessId(server.pid, "an earlier boot")).write(tmp_path / "child.pid")
    process.end_orphan(tmp_path / "child.pid", signal.SIGTERM, 5)
    assert child.wait(1) == -signal.SIGTERM
    assert not (tmp_path / "child.pid").exists()


def test_another_process_that_got_the_id_of_a_dead_server_is_not_ended(tmp_path: Path) -> None:
    bystander = process.start(SLEEP, log_file=tmp_path / "log")
    reused = ProcessId(bystander.pid, "an earlier boot")
    Holder(reused, reused).write(tmp_path / "child.pid")
    process.end_orphan(tmp_path / "child.pid", signal.SIGTERM, 5)
    assert bystander.poll() is None
    process.end(bystander, signal.SIGTERM, 5)


@pytest.mark.parametrize("content", ["", "17", "{}", '{"server": 1, "owner": 2}'])
def test_a_damaged_process_file_recognises_nobody(tmp_path: Path, content: str) -> None:
    (tmp_path / "child.pid").write_text(content)
    process.end_orphan(tmp_path / "child.pid", signal.SIGTERM, 5)
    assert not (tmp_path / "child.pid").exists()


def test_an_id_tells_two_processes_apart_in_time() -> None:
    me = ProcessId.of(os.getpid())
    assert me is not None
    assert me.is_alive
    assert not ProcessId(me.pid, me.started + "0").is_alive
