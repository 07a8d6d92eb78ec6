"""When are containers started? Only when GUICHET_COMPOSE=1 asks for it: it takes an engine, the images and minutes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.project import Project

if os.environ.get("GUICHET_COMPOSE") != "1":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="guichet-compose-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def project(folder: Path) -> Iterator[Project]:
    """One project for all tests; nothing of it is left behind."""
    made = Project(folder / "system")
    try:
        made.up()
        yield made
    finally:
        made.down("--volumes")


@pytest.fixture(scope="module")
def rest(project: Project) -> Iterator[None]:
    """For a module that has a project of its own."""
    with project.resting():
        yield
