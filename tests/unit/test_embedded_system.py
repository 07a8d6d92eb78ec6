"""Does a command find the system that it is meant to talk to?"""

import os
from pathlib import Path
from threading import Timer

import pytest

from libs.operate.embedded.process import ProcessId
from libs.operate.output import Away
from libs.operate.system import HeldByAnother, Home, Step, System, held, running_system
from libs.operate.where import VARIABLES, find_system


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    for variable in VARIABLES.values():
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path))
    return Home(tmp_path)


def written(home: Home, *, started: str | None = None, kafka: str = "127.0.0.1:9999") -> System:
    me = ProcessId.of(os.getpid())
    assert me is not None
    system = System(me.pid, started or me.started, state="up", kafka=kafka, dsn="postgresql://x")
    system.urls = {"intake": "http://127.0.0.1:9080"}
    system.steps = [Step("secrets", 0.1)]
    system.processes = {"router": me}
    system.write(home.system_file)
    return system


def test_what_was_written_is_read_back(home: Home) -> None:
    system = written(home)
    assert System.read(home.system_file) == system


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": 1}', '{"other": true}'])
def test_a_file_that_is_cut_or_foreign_is_no_system(home: Home, content: str) -> None:
    home.system_file.write_text(content)
    assert System.read(home.system_file) is None


def test_a_running_system_is_found_in_its_folder(home: Home) -> None:
    written(home)
    found = find_system()
    assert (found.kafka, found.intake_url, found.home) == ("127.0.0.1:9999", "http://127.0.0.1:9080", home.folder)


def test_another_process_with_the_same_id_is_not_taken_for_the_system(home: Home) -> None:
    written(home, started="a boot long ago/1")
    with pytest.raises(Away, match="No system runs in"):
        find_system()


def test_a_system_that_has_only_begun_to_start_is_not_there_yet(home: Home) -> None:
    written(home, kafka="")
    with pytest.raises(Away, match="No system runs in"):
        find_system()


def test_the_environment_names_a_system_elsewhere(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUICHET_INTAKE_URL", "http://intake.example")
    found = find_system()
    assert (found.intake_url, found.kafka) == ("http://intake.example", "127.0.0.1:9092")


def test_the_environment_wins_over_what_runs_here(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    written(home)
    monkeypatch.setenv("GUICHET_KAFKA_BOOTSTRAP", "kafka.example:9092")
    found = find_system()
    assert (found.kafka, found.intake_url) == ("kafka.example:9092", "http://127.0.0.1:9080")


def test_a_system_that_has_the_lock_is_waited_for_until_it_says_who_it_is(home: Home) -> None:
    introduced = Timer(0.3, lambda: written(home))
    with held(home.lock_file):
        introduced.start()
        assert running_system(home) is not None
    introduced.join()


def test_only_one_holds_the_lock(home: Home) -> None:
    with held(home.lock_file), pytest.raises(HeldByAnother), held(home.lock_file):
        raise AssertionError("two hold it")
    with held(home.lock_file):
        assert home.lock_file.exists()
