"""What went into the images, and what of the machine that built them must not have?"""

import os
import re
from pathlib import Path

from checks.containers import NAMES, docker, expect

LOCK_FILE = Path(__file__).parents[1] / "debian.lock"
WITH_DEBIAN = ("python", "kafka", "postgres")  # Mailpit is one program and nothing else.
LOOK = """\
grep -rlF -- "$0" /etc /var/lib /root /home 2>/dev/null
ls /etc/apt/sources.list* /run/secrets 2>/dev/null
true"""


def check_forgotten() -> None:
    """Of the machine that built them the images know nothing: no source of packages, no certificate of its own."""
    source = os.environ["MACHINE_SOURCE"].rstrip("/")
    for image in WITH_DEBIAN:
        found = docker("run", "--rm", "--user", "0", "--entrypoint", "sh", NAMES[image], "-c", LOOK, source)
        history = docker("history", "--no-trunc", NAMES[image])
        expect(
            re.fullmatch(r"(/etc/apt/sources\.list\.d:?\s*)?", found) and source not in history,
            f"{image}: names no source",
            found,
        )


def packages() -> list[str]:
    lines = []
    for image in WITH_DEBIAN:
        text = docker("run", "--rm", "--entrypoint", "cat", NAMES[image], "/usr/share/guichet/packages")
        lines += [f"{image} {line}" for line in text.splitlines() if not line.startswith("#")]
    return lines


def check_lock() -> None:
    """Debian's updates move on, and old versions vanish from its archive: so this tells, and does not fail."""
    locked, here = set(LOCK_FILE.read_text().splitlines()[1:]), set(packages())
    for sign, lines in (("-", locked - here), ("+", here - locked)):
        for line in sorted(lines):
            print(f"{sign} {line}")
    print(f"{len(here & locked)} Debian packages as in debian.lock, {len(here - locked)} not")


def write_lock() -> None:
    head = "# image, Debian package, version: what the images were last proved with. Written by `check write-lock`."
    LOCK_FILE.write_text("\n".join([head, *packages()]) + "\n")
