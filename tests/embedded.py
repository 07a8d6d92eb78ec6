"""How do the tests drive an embedded system as its deployer does, by the command line alone?"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.running import HTTP, ROOT

COMMAND_SECONDS_MAX = 280


class Embedded:
    """One embedded system in a folder of its own, driven only by the command line."""

    def __init__(self, home: Path) -> None:
        self.home = home
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}
        self.environment = kept | {"GUICHET_HOME": str(home)}

    def guichet(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "libs.operate.cli", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS_MAX,
        )

    def answer(self, *arguments: str) -> dict[str, Any]:
        """What a command answers to a script; it must have done its work."""
        done = self.guichet(*arguments, "--json")
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}\n{done.stderr}"
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    @property
    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "system.json").read_text(encoding="utf-8"))
        return found

    def url(self, name: str) -> str:
        found: str = self.state["urls"][name]
        return found

    def counts(self, service: str) -> dict[str, Any]:
        found: dict[str, Any] = HTTP.get(f"{self.url(service)}/status", timeout=30).json()
        return found

    def processes(self) -> list[int]:
        """Everything alive that belongs to this system: its folder stands in each one's environment or arguments."""
        mark, found = str(self.home).encode(), []
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                if mark in (folder / "environ").read_bytes() or mark in (folder / "cmdline").read_bytes():
                    found.append(int(folder.name))
            except OSError:
                continue  # it ended while we looked
        return found


def wait_until(condition: Callable[[], Any], seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.3)
