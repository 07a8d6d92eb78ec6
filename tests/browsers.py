"""Which browser looks at the pages, and how is it started so that it talks to nobody but the system under test?"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
MISSING = "the pages were not looked at in a browser: no Chromium was found (on Debian: apt-get install chromium)"


def find_browser() -> str | None:
    """The path of a Chromium on this machine."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


def is_required() -> bool:
    """Whether its absence is a failure."""
    return os.environ.get("GUICHET_BROWSER_REQUIRED", "") not in ("", "0")


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser of its own, closed at the end."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_browser(), args=list(ARGUMENTS))
        yield started
        started.close()
