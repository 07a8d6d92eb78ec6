"""Is a backup whole or refused, and does it say what it needs before anything is changed?"""

import base64
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from aiokafka import TopicPartition

from libs.ledger.checkpoint import Checkpoint
from libs.ledger.note import Signer
from libs.operate.backup.archive import Reader, Writer, records_member
from libs.operate.backup.dump import _client
from libs.operate.backup.keys_fit import refuse_other_keys
from libs.operate.backup.manifest import Log, Manifest, Migration, Samples
from libs.operate.backup.records import kept, line_of, lines_of
from libs.operate.backup.rows import Held
from libs.operate.backup.target import kind_of, refuse_unknown_migrations, refuse_what_is_held
from libs.operate.broker import Span
from libs.operate.cli import main
from libs.operate.output import AWAY, NO, WRONG_USE, Stopped, WrongUse
from libs.privacy.pseudonym import pseudonym
from libs.privacy.seal import wrap

REQUEST = UUID("019ab0c2-7000-7000-8000-000000000001")
KEY, OTHER = bytes(range(32)), bytes(32)
ACCEPTED = "requests.accepted.v1"
MAILBOX = "roads@town.example"


def a_manifest(**changes: Any) -> Manifest:
    fields: dict[str, Any] = {
        "format": 1,
        "version": "dev",
        "taken_at": datetime(2026, 5, 4, tzinfo=UTC),
        "cluster_id": "ours",
        "ends": {ACCEPTED: {0: 10, 1: 5}},
        "groups": {},
        "server_version": "18",
        "migrations": (),
        "relays": {},
        "log": Log(size=0, root="", checkpoint=None),
        "samples": Samples(),
        "requests": 0,
        "notices": 0,
        "records": {},
        "members": {},
    }
    return Manifest(**(fields | changes))


def written(path: Path, *lines: bytes, topic: str = ACCEPTED) -> Reader:
    with Writer(path) as writer:
        with writer.member(records_member(topic), is_packed=False) as write:
            for line in lines:
                write(line)
        writer.finish(a_manifest(members=writer.members, records={topic: len(lines)}))
    return Reader(path)


def a_record(**changes: Any) -> Any:
    fields = {"partition": 1, "offset": 7, "timestamp": 1700, "key": b"k", "value": b"\x00\xff", "headers": ()}
    return SimpleNamespace(**(fields | changes))


@pytest.mark.parametrize("headers", [(), (("ce_id", b"\xff"), ("empty", None)), (("\\xff name", b""),)])
@pytest.mark.parametrize("key", [b"\xfe", None])
def test_a_record_comes_back_as_it_was(tmp_path: Path, key: bytes | None, headers: Any) -> None:
    archive = written(tmp_path / "b", line_of(a_record(key=key, headers=headers)))
    ((at, offset, record),) = lines_of(archive, ACCEPTED)
    assert (at, offset) == (TopicPartition(ACCEPTED, 1), 7)
    assert (record.key, record.value, record.timestamp_ms) == (key, b"\x00\xff", 1700)
    assert tuple(record.headers) == headers


def test_a_backup_is_read_whole_and_belongs_to_its_owner(tmp_path: Path) -> None:
    archive, seen = written(tmp_path / "b", b"x" * 3_000_000, b"\n"), list[int]()
    archive.verify(seen.append)
    assert seen[-1] == archive.size_bytes == 3_000_001
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0


def test_a_changed_byte_is_found(tmp_path: Path) -> None:
    archive = written(tmp_path / "b", b"one\n")
    with zipfile.ZipFile(tmp_path / "c", "w") as other:
        other.writestr(records_member(ACCEPTED), b"two\n")
        other.writestr("manifest.json", archive.manifest.model_dump_json())
    with pytest.raises(Stopped, match="is not what was written"):
        Reader(tmp_path / "c").verify(lambda _: None)


def test_bytes_that_rotted_on_the_disk_are_found(tmp_path: Path) -> None:
    written(tmp_path / "b", b"".join(f"{number} {number * number}\n".encode() for number in range(5000)))
    data = bytearray((tmp_path / "b").read_bytes())
    data[len(data) // 3] ^= 0xFF
    (tmp_path / "b").write_bytes(data)
    with pytest.raises(Stopped, match="damaged"):
        Reader(tmp_path / "b").verify(lambda _: None)


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut short"])
def test_what_is_no_backup_is_wrong_use(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "b").write_bytes(content)
    assert code_of("restore", str(tmp_path / "b")) == WRONG_USE


def test_a_file_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    assert code_of("restore", str(tmp_path / "nothing")) == WRONG_USE


def test_a_later_format_is_told_from_damage(tmp_path: Path) -> None:
    for text, message in (('{"format": 2, "more": 1}', "later version"), ('{"format": 1}', "manifest .* damaged")):
        path = tmp_path / message[:5]
        with zipfile.ZipFile(path, "w") as file:
            file.writestr("manifest.json", text)
        with pytest.raises(Stopped, match=message):
            Reader(path)


def test_an_existing_file_is_never_written_over(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    with pytest.raises(WrongUse, match="there already"):
        Writer(tmp_path / "b")


def fail_in_the_middle(path: Path) -> None:
    with Writer(path) as writer, writer.member("postgres/intake.dump", is_packed=True) as write:
        write(b"half")
        raise OSError(28, "No space left on device")


def test_a_backup_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(Stopped, match="No space"):
        fail_in_the_middle(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("topic", "read", "copied"),
    [
        (ACCEPTED, {"router": 4, "notifier": 9, "audit": 9}, (4, 9)),  # what the slowest has not read
        (ACCEPTED, {"router": 9, "notifier": 9, "audit": 9}, None),
        (ACCEPTED, {"notifier": 9, "audit": 9}, (2, 9)),  # who never read anything begins at the first
        (ACCEPTED, {"router": 0, "notifier": 9, "audit": 9}, (2, 9)),  # what retention took is gone
        ("directory.published.v1", {"audit": 9}, (2, 9)),  # requests are stamped with old releases
        ("router.dead.v1", {}, (2, 9)),  # dead letters are never dropped
        ("audit.checkpoints.v1", {}, None),  # the database has every note
    ],
)
def test_what_is_nowhere_else_is_copied(topic: str, read: dict[str, int], copied: tuple[int, int] | None) -> None:
    at = TopicPartition(topic, 0)
    positions = {
        service: {at: read[service]} if service in read else {} for service in ("intake", "router", "notifier", "audit")
    }
    wanted = {} if copied is None else {topic: {at: Span(*copied)}}
    assert kept({at: Span(2, 9)}, positions) == wanted


def test_a_migration_that_is_not_known_here_is_refused() -> None:
    one = Migration(schema_name="intake", file_name="0099_later.sql", checksum="c")
    refuse_unknown_migrations(a_manifest(migrations=(one,)), {("intake", "0099_later.sql"): "c", ("audit", "x"): "y"})
    with pytest.raises(Stopped, match=r"0099_later\.sql of intake"):
        refuse_unknown_migrations(a_manifest(migrations=(one,)), {})


def test_a_database_that_holds_something_is_refused() -> None:
    refuse_what_is_held(Held(0, 0, 0))
    with pytest.raises(Stopped, match=r"2 requests and 7 leaves .*GUICHET_HOME"):
        refuse_what_is_held(Held(2, 0, 7))


def test_kafka_is_empty_or_that_of_the_backup_or_refused() -> None:
    parts = {TopicPartition(ACCEPTED, 0): Span(0, 0), TopicPartition("directory.published.v1", 0): Span(0, 4)}
    assert kind_of(a_manifest(), "another", parts) == "new"
    gone_on = {TopicPartition(ACCEPTED, 0): Span(8, 12), TopicPartition(ACCEPTED, 1): Span(0, 5)}
    assert kind_of(a_manifest(), "ours", gone_on) == "same"
    begun_anew = {TopicPartition(ACCEPTED, 0): Span(0, 12), TopicPartition(ACCEPTED, 1): Span(0, 4)}
    for cluster_id, held in (("another", gone_on), ("ours", begun_anew)):
        with pytest.raises(Stopped, match="not those of this backup"):
            kind_of(a_manifest(), cluster_id, held)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for variable in ("GUICHET_MASTER_KEY_FILE", "GUICHET_PSEUDONYM_KEY_FILE", "AUDIT_KEY_FILE", "AUDIT_ORIGIN"):
        monkeypatch.delenv(variable, raising=False)
    (tmp_path / "secrets").mkdir()
    for name in ("master", "pseudonym", "audit"):
        put_key(tmp_path, name, KEY)
    return tmp_path


def put_key(home: Path, name: str, key: bytes) -> None:
    (home / "secrets" / f"{name}.key").write_text(base64.b64encode(key).decode())


def a_keyed_manifest(origin: str = "guichet.example/audit") -> Manifest:
    sealed = Samples(
        wrapped_for=REQUEST,
        wrapped=base64.b64encode(wrap(KEY, REQUEST, OTHER)).decode(),
        address=MAILBOX,
        recipient=pseudonym(KEY, MAILBOX),
    )
    note = Checkpoint(origin, 3, bytes(32)).signed_by(Signer(origin, KEY))
    return a_manifest(samples=sealed, log=Log(size=3, root="", checkpoint=note))


def test_the_keys_of_the_backup_fit(home: Path) -> None:
    refuse_other_keys(home, a_keyed_manifest())
    assert KEY not in a_keyed_manifest().model_dump_json().encode()


@pytest.mark.parametrize("name", ["master", "pseudonym", "audit"])
def test_another_key_is_refused_by_the_name_of_its_file(home: Path, name: str) -> None:
    put_key(home, name, OTHER)
    with pytest.raises(Stopped, match=rf"{name}\.key is not the"):
        refuse_other_keys(home, a_keyed_manifest())
    (home / "secrets" / f"{name}.key").unlink()
    with pytest.raises(Stopped, match="holds no secrets: put the secrets"):
        refuse_other_keys(home, a_keyed_manifest())


def test_nothing_that_was_never_used_is_asked_for(tmp_path: Path) -> None:
    refuse_other_keys(tmp_path, a_manifest())


def test_a_log_of_another_name_asks_for_the_former_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = a_keyed_manifest("ville.example/log")
    with pytest.raises(Stopped, match="AUDIT_FORMER_VERIFIER_KEYS=") as refused:
        refuse_other_keys(home, manifest)
    former = str(refused.value).partition("AUDIT_FORMER_VERIFIER_KEYS='")[2].partition("'")[0]
    assert json.loads(former) == [str(Signer("ville.example/log", KEY).verifier)]
    monkeypatch.setenv("AUDIT_FORMER_VERIFIER_KEYS", former)
    refuse_other_keys(home, manifest)


def test_a_password_is_no_argument_of_a_program() -> None:
    command = _client("psql", "postgresql://me:s%40cret@db:5432/guichet?sslmode=require")
    assert "--dbname=postgresql://me@db:5432/guichet?sslmode=require" in command.words
    assert not any("cret" in word for word in command.words)
    assert command.environment["PGPASSWORD"] == "s@cret"


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    assert isinstance(ended.value.code, int)
    return ended.value.code


def test_checking_a_backup_needs_no_system(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GUICHET_HOME", str(home))
    with Writer(tmp_path / "b") as writer:
        writer.finish(a_keyed_manifest())
    with pytest.raises(SystemExit) as ended:
        main(["restore", str(tmp_path / "b"), "--check", "--json"])
    assert ended.value.code in (0, None)
    put_key(home, "master", OTHER)
    assert code_of("restore", str(tmp_path / "b"), "--check") == NO


def test_backing_up_without_a_system_ends_with_3(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("GUICHET_KAFKA_BOOTSTRAP", "GUICHET_INTAKE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path))
    assert code_of("backup", str(tmp_path / "b")) == AWAY
