"""How is a container started for a check, waited for, and judged?"""

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import uuid4

NAMES = {
    "python": "python:3.11-slim-bookworm",
    "kafka": "apache/kafka:4.3.1",
    "postgres": "postgres:17",
    "mailpit": "axllent/mailpit:v1.27.11",
}
READY_SECONDS_MAX = 120.0  # It takes 8 s on an idle machine; two cores may be shared with a whole system.
CALL_SECONDS_MAX = 120.0
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--memory", "1g")

Answer = TypeVar("Answer")


def docker(*words: str) -> str:
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=CALL_SECONDS_MAX, check=False)
    if done.returncode != 0:
        raise SystemExit(f"docker {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout + done.stderr  # a server's log may be on either


@contextmanager
def running(image: str, *options: str, command: tuple[str, ...] = ()) -> Iterator[str]:
    """A container without privileges on a read-only file system; it and its unnamed volumes are gone afterwards."""
    name = f"guichet-check-{uuid4().hex[:8]}"
    try:
        docker("run", "--detach", "--name", name, *HARDENED, *options, NAMES[image], *command)
        yield name
    finally:
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, timeout=60, check=False)


def until(what: str, attempt: Callable[[], Answer]) -> Answer:
    deadline, trouble = time.monotonic() + READY_SECONDS_MAX, ""
    while time.monotonic() < deadline:
        try:
            return attempt()
        except Exception as error:  # noqa: BLE001  # whatever a client says of a server that is not there yet
            trouble = f"{type(error).__name__}: {error}"
            time.sleep(0.3)
    raise SystemExit(f"{what}: not within {READY_SECONDS_MAX:.0f} s; last trouble: {trouble}")


def expect(holds: object, fact: str, seen: object = "") -> None:
    if not holds:
        raise SystemExit(f"does not hold: {fact}; seen: {seen}")
    print(fact, flush=True)


def runs_without_root(name: str, image: str) -> None:
    seen = docker("top", name, "-eo", "pid,uid").split()[3::2]
    expect(seen and "0" not in seen, f"{image}: runs without root, read-only, with no capability", seen)
