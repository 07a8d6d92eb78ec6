"""Does a wrong .env stop the start, with one sentence that names the variable and the remedy?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.compose.project import SIX, Project


@pytest.fixture(scope="module")
def other(folder: Path) -> Iterator[Project]:
    """A project that never gets to run anything but the first job."""
    made = Project(folder / "wrong")
    yield made
    made.down("--volumes")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("INTAKE_ANONYMOUS_BURST", "many", "INTAKE_ANONYMOUS_BURST is wrong: Input should be a valid integer"),
        ("INTAK_ANONYMOUS_BURST", "5", "did you mean INTAKE_ANONYMOUS_BURST?"),
        ("GUICHET_POSTGRES_DSN", "postgresql://x", "decided by deploy/compose.yaml; remove it from .env"),
        ("GUICHET_SECRETS_FOLDER", "./mine", "master.key in it cannot be read"),
        ("NOTIFIER_SMTP_PASSWORD_FILE", "/run/guichet/smtp.password", "as smtp.password into GUICHET_SECRETS_FOLDER"),
    ],
)
def test_a_wrong_variable_stops_the_start(other: Project, variable: str, value: str, said: str) -> None:
    right = {name: value for name, value in other.settings.items() if name.startswith("GUICHET_VERSION")}
    (other.folder / "mine").mkdir(exist_ok=True)
    other.set(**right, GUICHET_PUBLISH_PORT=str(other.port), **{variable: value})
    done = other.compose("up", "--detach", "--wait", check=False)
    assert done.returncode != 0
    assert 'service "settings" didn\'t complete successfully: exit 2' in done.stderr
    sentences = other.said_by("settings")
    assert len(sentences) == 1
    assert sentences[0].startswith(variable)
    assert said in sentences[0]
    assert [name for name in SIX if other.inspected()[name]["State"]["Status"] == "running"] == []
