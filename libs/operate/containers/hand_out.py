"""Who gets which secret? All are kept in one volume that only the job `settings` sees, and each is handed its own."""

import json
import os
import secrets as random
from collections.abc import Mapping
from pathlib import Path

from libs.operate.containers import kafka_grants
from libs.operate.secrets import KEY_FILES, OWN_HOLDERS, Secrets
from libs.privacy.errors import KeyFileInvalid
from libs.privacy.keyfile import create_key, load_key
from libs.service import roles
from libs.service.password_files import password_in
from libs.service.settings import SettingsWrong

FOLDER_VARIABLE = "GUICHET_SECRETS_FOLDER"
VERIFIER = "audit.verifier"  # what the log's signatures are checked with; no secret, but it must come from us

POSTGRES_ROLES = tuple(f"postgres-{name}.password" for name in roles.ROLES)
KAFKA_USERS = tuple(f"kafka-{name}.password" for name in kafka_grants.USERS)
KAFKA_ADMIN = f"kafka-{kafka_grants.ADMIN}.password"
PASSWORDS = ("postgres-superuser.password", "postgres-owner.password", *POSTGRES_ROLES, KAFKA_ADMIN, *KAFKA_USERS)
JAAS = "kafka.jaas"  # how Kafka itself learns the admin's password: its variables would show it to `docker inspect`
# Nobody can make these for the deployer; they are handed on when the folder of given secrets has them.
ONLY_GIVEN = ("smtp.password", "smtp-ca.pem")
NAMED_BY = {"NOTIFIER_SMTP_PASSWORD_FILE": "smtp.password", "NOTIFIER_SMTP_CA_FILE": "smtp-ca.pem"}
SEEN_AT = "/run/guichet"  # where each consumer finds its own

HAND_OUT: Mapping[str, tuple[str, ...]] = {
    "postgres": ("postgres-superuser.password", "postgres-owner.password"),
    "migrate": ("postgres-owner.password", *POSTGRES_ROLES),
    "kafka": (JAAS,),
    "topics": (KAFKA_ADMIN, *KAFKA_USERS),
    "intake": ("master.key", "postgres-intake.password", "kafka-intake.password"),
    "router": ("kafka-router.password",),
    "notifier": ("master.key", "pseudonym.key", "postgres-notifier.password", "kafka-notifier.password", *ONLY_GIVEN),
    "audit": ("audit.key", "postgres-audit.password", "kafka-audit.password"),
    "operator": (
        *(f"{holder}.key" for holder in OWN_HOLDERS),
        "postgres-operator.password",
        "kafka-operator.password",
        VERIFIER,
    ),
}
# Their images run as users of their own. What keeps others out is the volume, which nobody else mounts.
READ_BY_ANOTHER_USER = {"postgres", "kafka"}


def keep(store: Path, keys_file: Path, given: Path | None) -> None:
    """Have every secret in the store: those that are given, and those of the first start. Raises `SettingsWrong`.

    With a folder of given secrets, the three keys must be in it: what they protect is lost with them, so whoever keeps
    secrets of their own keeps these. One that differs from the key used so far is refused, never taken.
    """
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    if given is not None:
        _take_keys(store, given)
        _take_others(store, given)
    Secrets(store, keys_file).create_missing()
    for name in PASSWORDS:
        if not (store / name).exists():
            create_key(store / name)  # 32 random bytes in base64 make a password as well
    _write(store / JAAS, _jaas(password_in(store / KAFKA_ADMIN)).encode(), 0o600)


def _jaas(password: str) -> str:
    """Users come by SCRAM, whose passwords Kafka keeps itself; the admin, who makes them, must be known before."""
    quoted = json.dumps(password)
    return (
        "KafkaServer {\n"
        "  org.apache.kafka.common.security.scram.ScramLoginModule required;\n"
        "  org.apache.kafka.common.security.plain.PlainLoginModule required\n"
        f'    username="{kafka_grants.ADMIN}" password={quoted} user_{kafka_grants.ADMIN}={quoted};\n'
        "};\n"
    )


def take_back(store: Path, consumers: Path) -> None:
    """Refill a store that was lost from what was handed out, before anything new is made: a new master key in its place
    would make everything sealed so far unreadable.
    """
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    for consumer, names in HAND_OUT.items():
        for name in names:
            copy = consumers / consumer / name
            if copy.exists() and not (store / name).exists():
                _write(store / name, copy.read_bytes(), 0o600)


def _take_keys(store: Path, given: Path) -> None:
    for name in KEY_FILES:
        try:
            key = load_key(given / name)
        except KeyFileInvalid as error:
            raise _refused(name, str(error).removeprefix(f"{given / name}").lstrip(": ")) from error
        if not (store / name).exists():
            _write(store / name, (given / name).read_bytes(), 0o600)
        elif load_key(store / name) != key:
            raise _refused(name, "is not the key that this system has used so far; put that one there")


def _take_others(store: Path, given: Path) -> None:
    for name in (*PASSWORDS, *ONLY_GIVEN):
        if not (given / name).exists():
            continue
        try:
            if name.endswith(".password"):
                password_in(given / name)
            _write(store / name, (given / name).read_bytes(), 0o600)
        except (OSError, ValueError) as error:
            raise _refused(name, str(error).removeprefix(f"{given / name}").lstrip(": ")) from error


def _refused(name: str, what: str) -> SettingsWrong:
    return SettingsWrong(
        f"{FOLDER_VARIABLE} is wrong: {name} in it {what}; or leave it out to have secrets made for you"
    )


def refuse_missing(store: Path, environment: Mapping[str, str]) -> None:
    """Raises `SettingsWrong` when a variable names a file that only the deployer can give, and it is not given."""
    for variable, name in NAMED_BY.items():
        named = environment.get(variable)
        if named and (named != f"{SEEN_AT}/{name}" or not (store / name).exists()):
            remedy = f"put the file as {name} into {FOLDER_VARIABLE}, and write {variable}={SEEN_AT}/{name}"
            raise SettingsWrong(f"{variable} is wrong: {named} is not there for the notifier; {remedy}")


def hand_out(store: Path, consumers: Path) -> None:
    """Give each consumer its own, and nothing more; what is right already is not touched."""
    for consumer, names in HAND_OUT.items():
        folder, mode = consumers / consumer, 0o444 if consumer in READ_BY_ANOTHER_USER else 0o400
        for name in names:
            if (store / name).exists():
                _write(folder / name, (store / name).read_bytes(), mode)
        for stray in {file.name for file in folder.iterdir()} - set(names):
            (folder / stray).unlink()


def _write(file: Path, content: bytes, mode: int) -> None:
    """All of it or nothing, and nobody else may read it meanwhile."""
    if file.exists() and file.read_bytes() == content:
        return
    draft = file.with_name(f".{file.name}.{random.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as opened:
        opened.write(content)
    draft.replace(file)
