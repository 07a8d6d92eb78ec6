"""Who holds an API key? The key file that intake reads, and the only code that writes it.

The file holds a hash of each key, never the key: it is shown once, when it is made.
"""

import fcntl
import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from libs.events.fields import Code, Name
from libs.events.identity import COUNTER_SOURCE

SCOPES = ("submit", "read", "progress", "triage", "operate")
PREFIX = "gk_"  # so that a key is recognised where it does not belong, by people and by secret scanners
KEY_BYTES = 32
NAME_CHARACTERS_MAX = 200  # as intake reads it
NAME, CODE = TypeAdapter[str](Name), TypeAdapter[str](Code)
URI_REFERENCE = re.compile(r"[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")  # by its characters alone, RFC 3986


class KeyRefused(Exception):
    """What was asked for cannot be; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One holder. `source` is the ce_source under which this holder's requests are told apart from others'.

    `territories` are the only ones in which it may choose for people; None means all.
    """

    name: str
    source: str
    scopes: tuple[str, ...]
    sha256: str
    territories: tuple[str, ...] | None = None
    made: str | None = None
    """The day, ISO 8601; unknown of keys older than this field."""


def new_key() -> str:
    return PREFIX + secrets.token_urlsafe(KEY_BYTES)


def sha256_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class KeyFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[KeyEntry]:
        names = {field.name for field in fields(KeyEntry)}
        found = [{name: _as_tuple(value) for name, value in raw.items() if name in names} for raw in self._read()]
        return [KeyEntry(**entry) for entry in found]

    def add(
        self,
        name: str,
        source: str,
        scopes: Sequence[str],
        key: str | None = None,
        territories: Sequence[str] | None = None,
    ) -> str:
        """Returns the key, which is kept nowhere else. Raises `KeyRefused`."""
        _check(name, source, scopes, territories or ())
        key = new_key() if key is None else key
        with self._held():
            raw = self._read()
            if any(entry["name"] == name for entry in raw):
                raise KeyRefused(f"there is a key named {name!r}; revoke it first, or choose another name")
            only_in = tuple(territories) if territories else None
            entry = asdict(KeyEntry(name, source, tuple(scopes), sha256_of(key), only_in, _today()))
            self._write([*raw, {field: value for field, value in entry.items() if value is not None}])
        return key

    def renew(self, name: str, key: str) -> None:
        """The holder has this key from now on; nothing is written when it has it already. Raises `KeyRefused`."""
        with self._held():
            raw, hashed = self._read(), sha256_of(key)
            old = [entry for entry in raw if entry["name"] == name and entry["sha256"] != hashed]
            for entry in old:
                entry.update(sha256=hashed, made=_today())
            if old:
                self._write(raw)

    def revoke(self, name: str) -> None:
        """Works within a second, as intake looks at the file that often. Raises `KeyRefused`."""
        with self._held():
            raw = self._read()
            kept = [entry for entry in raw if entry["name"] != name]
            if len(kept) == len(raw):
                raise KeyRefused(f"there is no key named {name!r}; `guichet keys list` names them all")
            self._write(kept)

    def _read(self) -> list[dict[str, Any]]:
        """Everything, also fields that only intake knows (limits, departments): writing must not lose them."""
        try:
            return list(json.loads(self._path.read_text()))
        except FileNotFoundError:
            return []
        except ValueError as error:
            raise KeyRefused(f"{self._path} is not JSON ({error}); mend it or restore it from a backup") from error

    def _write(self, raw: list[dict[str, Any]]) -> None:
        draft = self._path.with_suffix(".draft")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(raw, file, indent=2)
            file.write("\n")
        draft.replace(self._path)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Two that change the file at once would lose one of the changes."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _today() -> str:
    return datetime.now(UTC).date().isoformat()


def _as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _check(name: str, source: str, scopes: Sequence[str], territories: Sequence[str]) -> None:
    """What intake would not read must not be written: it refuses to start with such a file."""
    _fits(NAME, name, f"a name has between 1 and {NAME_CHARACTERS_MAX} characters")
    _fits(NAME, source, f"a source has between 1 and {NAME_CHARACTERS_MAX} characters")
    if not URI_REFERENCE.fullmatch(source):
        raise KeyRefused(f"the source {source!r} is no URI: write it like urn:example:town or https://app.example")
    if source == COUNTER_SOURCE:
        raise KeyRefused(f"{COUNTER_SOURCE} is what intake itself calls the counter; choose another source")
    for territory in territories:
        _fits(CODE, territory, f"{territory!r} is no code of a territory, such as val-de-brume")
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise KeyRefused(f"scopes are among {', '.join(SCOPES)}; give at least one (not known: {unknown or 'none'})")


def _fits(kind: TypeAdapter[str], text: str, sentence: str) -> None:
    try:
        is_kept = bool(kind.validate_python(text))
    except ValidationError:
        is_kept = False
    if not is_kept:
        raise KeyRefused(sentence)
