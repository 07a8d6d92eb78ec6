"""Does deploy/ say what the code says, and keep what it promises about every container?"""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from libs.events.topics import SERVICES
from libs.operate.containers.env_example import generated_files
from libs.operate.containers.hand_out import HAND_OUT, SEEN_AT
from libs.operate.containers.knobs import Knob, knobs, settings_classes

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text(encoding="utf-8"))
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
LONG_RUNNING = {"kafka", "postgres", *SERVICES}
JOBS = {"settings", "migrate", "topics", "directory"}
UNITS = (
    "second|minute|hour|day|byte|mib|port|request|connection|mail|notice|webhook|lane|header|percent|meter|record|event"
)
FREE = [knob for knob in knobs() if not knob.is_decided]


@pytest.mark.parametrize("path", generated_files(ROOT), ids=str)
def test_what_is_made_from_the_settings_is_current(path: Path) -> None:
    text = generated_files(ROOT)[path]
    assert (ROOT / path).read_text(encoding="utf-8") == text, "run python -m libs.operate.containers.env_example"


def test_the_example_names_every_knob_once_and_sets_none() -> None:
    lines = (ROOT / "deploy/.env.example").read_text(encoding="utf-8").splitlines()
    named = [line[1:].partition("=")[0] for line in lines if re.match(r"#[A-Z_]+=", line)]
    assert sorted(named) == sorted(knob.name for knob in FREE)
    assert [line for line in lines if line and not line.startswith("#")] == []


def _is_number(knob: Knob) -> bool:
    return any(kind in str(knob.field.annotation) for kind in ("int", "float")) and "Literal" not in str(
        knob.field.annotation
    )


@pytest.mark.parametrize("knob", [knob for knob in FREE if _is_number(knob)], ids=lambda knob: knob.name)
def test_a_number_says_its_unit(knob: Knob) -> None:
    assert re.search(UNITS, f"{knob.name} {knob.field.description}", re.IGNORECASE), knob.name


def test_compose_hands_every_knob_to_the_service_that_reads_it() -> None:
    for knob in FREE:
        readers = {"compose": {"settings"}, "shared": {"settings", *SERVICES}}.get(knob.group, {"settings", knob.group})
        for reader in readers:
            assert knob.name in CONTAINERS[reader]["environment"], f"{reader} does not get {knob.name}"


def test_no_service_is_told_another_ones_settings() -> None:
    prefixes = {name: f"{name.upper()}_" for name in SERVICES}
    for name in SERVICES:
        others = tuple(prefix for other, prefix in prefixes.items() if other != name)
        assert [key for key in CONTAINERS[name]["environment"] if key.startswith(others)] == []


def test_defaults_written_into_compose_are_those_of_the_settings() -> None:
    text = (ROOT / "deploy/compose.yaml").read_text(encoding="utf-8")
    defaults = dict(re.findall(r"\$\{(GUICHET_[A-Z_]+):-([^${}]+)\}", text))
    named_volumes = {"GUICHET_SECRETS_FOLDER", "GUICHET_PACKS_FOLDER", "GUICHET_BACKUP_FOLDER"}
    for name, default in defaults.items():
        if name in named_volumes:
            assert default in COMPOSE["volumes"]
            continue
        knob = next(knob for knob in FREE if knob.name == name)
        assert str(knob.field.default) in {default, f"{default}.0"}, name


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_container_is_confined(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["networks"] == ["inside"]
    assert container["mem_limit"]
    assert container["logging"]["options"]["max-size"]
    assert "privileged" not in container
    is_ours = container["image"].startswith("guichet:")
    assert is_ours or not container["user"].startswith("0"), "only our own image has a user of its own"


def test_our_image_ends_as_a_user_without_rights() -> None:
    last = [line for line in (ROOT / "deploy/Dockerfile").read_text().splitlines() if line.startswith("USER ")][-1]
    assert last == "USER 10001:10001"


def test_only_intake_is_published_and_in_the_demo_the_mails_on_this_machine() -> None:
    published = {name: container["ports"] for name, container in CONTAINERS.items() if "ports" in container}
    assert set(published) == {"intake", "mailpit"}
    assert CONTAINERS["mailpit"]["profiles"] == ["demo"]
    assert all(port.startswith("127.0.0.1:") for port in published["mailpit"])


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_what_stays_is_watched_and_comes_back(name: str) -> None:
    container = CONTAINERS[name]
    assert container["restart"] == "unless-stopped"
    assert container["healthcheck"]["test"]
    assert "profiles" not in container


@pytest.mark.parametrize("name", SERVICES)
def test_services_wait_for_every_job_and_are_asked_at_their_own_port(name: str) -> None:
    waits = {job: each["condition"] for job, each in CONTAINERS[name]["depends_on"].items()}
    assert waits == dict.fromkeys(JOBS, "service_completed_successfully")
    port = settings_classes()[name].model_fields["http_port"].default
    assert CONTAINERS[name]["healthcheck"]["test"][-1] == str(port)


def test_a_secret_is_seen_by_its_consumer_alone() -> None:
    for consumer in HAND_OUT:
        seen_by = {
            name: mount
            for name, container in CONTAINERS.items()
            for mount in container.get("volumes", [])
            if mount.startswith(f"secrets-{consumer}:")
        }
        tools = {"guichet", "demo", "directory"} if consumer == "operator" else {consumer}
        assert set(seen_by) == {"settings", *tools}
        assert all(mount.endswith(":ro,nocopy") for name, mount in seen_by.items() if name != "settings")
    mounts = [(name, mount) for name, container in CONTAINERS.items() for mount in container.get("volumes", [])]
    assert [name for name, mount in mounts if mount.startswith("secrets:")] == ["settings", "restore"]
    assert CONTAINERS["restore"]["profiles"] == ["restore"], "it holds every secret, so it runs when it is called only"


def test_audit_cannot_open_what_is_sealed() -> None:
    assert not {"master.key", "pseudonym.key"} & set(HAND_OUT["audit"])
    assert [consumer for consumer, names in HAND_OUT.items() if "master.key" in names] == ["intake", "notifier"]


def test_files_named_to_a_container_are_handed_to_it() -> None:
    for name, container in CONTAINERS.items():
        for variable, value in container.get("environment", {}).items():
            if str(value).startswith(f"{SEEN_AT}/"):
                assert Path(value).name in HAND_OUT[name], f"{name}: {variable}"
