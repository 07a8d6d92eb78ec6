"""Who holds an API key, and what may they do with it? Read from a file that operators change while intake runs."""

import hashlib
import hmac
import json
import shlex
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator

from libs.events.fields import Code, Name, Sha256
from libs.events.identity import COUNTER_SOURCE

log = structlog.get_logger(__name__)

Scope = Literal["submit", "read", "progress", "triage", "operate"]

LOOK_AGAIN_SECONDS = 1.0  # how long a withdrawn key may still work
KEY_FILE_BYTES_MAX = 10_000_000  # some 40,000 keys


class ApiKey(BaseModel):
    """One line of the key file. `source` is the name under which this key's requests are told apart from others'."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Name
    source: Name = Field(min_length=1)
    scopes: frozenset[Scope]
    sha256: Sha256
    requests_per_second: float | None = Field(default=None, gt=0)
    burst: int | None = Field(default=None, ge=1)
    departments: frozenset[Code] | None = Field(default=None, description="the only ones this key may report for")
    territories: frozenset[Code] | None = Field(default=None, description="the only ones this key may choose in")

    @field_validator("source")
    @classmethod
    def _is_not_ours(cls, source: str) -> str:
        if source == COUNTER_SOURCE:
            raise ValueError(f"{COUNTER_SOURCE} is intake's own")
        return source


_FILE = TypeAdapter(list[ApiKey])


class KeyFileWrong(Exception):
    """The file of API keys cannot be read; the message names it and says what is wrong, without a key."""


@dataclass(slots=True)
class Keys:
    """The keys of one file. Without a file there are none, and only people at the counter can hand in requests."""

    path: Path | None
    _keys: Mapping[str, ApiKey] = field(default_factory=dict)
    _seen: tuple[int, int] | None = None
    _looked_at: float = float("-inf")

    def load(self) -> None:
        """Read the file now. Raises `KeyFileWrong`; the keys read before stay in force."""
        if self.path is None:
            return
        try:
            stat = self.path.stat()
            content = self.path.read_bytes()[:KEY_FILE_BYTES_MAX]
            keys = _FILE.validate_json(content)
        except FileNotFoundError:
            self._keys, self._seen = {}, None  # the first key creates the file
            return
        except OSError as error:
            raise KeyFileWrong(f"{self.path}: {error.strerror or type(error).__name__}") from error
        except ValidationError as error:
            raise KeyFileWrong(f"{self.path}: {_reason(error, content)}") from error
        self._keys = {key.sha256: key for key in keys}
        self._seen = (stat.st_mtime_ns, stat.st_size)

    def find(self, secret: str) -> ApiKey | None:
        """Whose key this is. Looks at the file at most once a second, and reads it only when it changed."""
        self._look_again()
        digest = hashlib.sha256(secret.encode()).hexdigest()
        key = self._keys.get(digest)
        return key if key is not None and hmac.compare_digest(key.sha256, digest) else None

    def by_sha256(self, digest: str) -> ApiKey | None:
        """The key with this hash, as long as it is in the file."""
        self._look_again()
        return self._keys.get(digest)

    def _look_again(self) -> None:
        now = time.monotonic()
        if self.path is None or now - self._looked_at < LOOK_AGAIN_SECONDS:
            return
        self._looked_at = now
        try:
            stat = self.path.stat() if self.path.exists() else None
            if (stat and (stat.st_mtime_ns, stat.st_size)) != self._seen:
                self.load()
        except (OSError, KeyFileWrong) as error:
            log.error("keys_not_read", reason=str(error), meaning="the keys read before stay in force")


def _reason(error: ValidationError, content: bytes) -> str:
    """What is wrong, with which key, and the command that takes it out."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    said = first["msg"].removeprefix("Value error, ")
    match first["loc"]:
        case (int() as index, *where):
            name = json.loads(content)[index].get("name") if where else None
            what = f"the key of {name}" if name else f"its entry {index + 1}"
            field_name = f" ({'.'.join(map(str, where))})" if where else ""
            remedy = f"; take it out with `guichet keys revoke {shlex.quote(str(name))}`" if name else ""
            return f"{what}{field_name}: {said}{remedy}"
    return f"{said}; mend the file, or restore it from a backup"
