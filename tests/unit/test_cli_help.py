"""Does the command line say what it has without loading what it does not need?"""

import subprocess
import sys

import pytest

from libs.operate import cli
from libs.operate.commands import explain
from libs.operate.output import counted
from tests.running import ROOT
from tests.unit.test_cli_answers import code_of

HEAVY = ("aiokafka", "faststream", "asyncpg", "shapely", "numpy", "pydantic", "yaml")


def test_help_loads_nothing_that_a_command_needs_to_work() -> None:
    """It took more than a second of a processor, for a screen of text."""
    script = (
        "import sys, atexit; atexit.register(lambda: print(*sys.modules)); "
        "from libs.operate import cli; cli.main(['--help'])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=120)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert done.returncode == 0, done.stderr
    assert "libs.operate.cli" in loaded
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize("name", [*cli.COMMANDS, *cli.GROUPS])
def test_what_help_says_of_a_command_is_what_the_command_says_of_itself(name: str) -> None:
    module = cli._module(name)
    said = module.app.info.help if name in cli.GROUPS else getattr(module, name).__doc__
    assert cli.summary_of(name).splitlines()[0] == str(said).splitlines()[0]


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("--version") == 0
    assert capsys.readouterr().out.startswith("guichet 0.")


def test_a_word_that_is_nearly_a_command_is_understood(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("statsu") == 2
    assert "Did you mean 'status'?" in capsys.readouterr().err


def test_the_options_of_a_command_are_completed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in (("_GUICHET_COMPLETE", "complete_bash"), ("COMP_WORDS", "guichet keys r"), ("COMP_CWORD", "2")):
        monkeypatch.setenv(name, value)
    assert code_of() == 0
    assert capsys.readouterr().out.split() == ["revoke"]


def test_a_service_that_is_nearly_another_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    explain._suggest("potholes", "val-de-brume", "val-de-brume")
    explain._suggest("xyz", "val-de-brume", "val-de-brume")
    first, second = capsys.readouterr().err.splitlines()
    assert first == "Did you mean pothole?"
    assert second.startswith("Services are: ")


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 municipalities"), (1, "1 municipality"), (1200, "1,200 municipalities")]
)
def test_one_thing_is_no_things(number: int, said: str) -> None:
    assert counted(number, "municipality", "municipalities") == said
