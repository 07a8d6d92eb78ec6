"""What does a backup say about itself? Written last into the file, read first."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, ValidationError

from libs.operate.output import Stopped, WrongUse

FORMAT = 1  # raised when an older command could not restore a newer file

Offsets = dict[str, dict[int, int]]
"""By topic and partition."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Member(_Part):
    """One file inside the backup."""

    sha256: str
    size_bytes: int


class Relay(_Part):
    """How far an outbox was published, as `outbox_relay` keeps it."""

    done: str
    doing: str | None
    doing_seq: int


class Migration(_Part):
    schema_name: str
    file_name: str
    checksum: str


class Log(_Part):
    """The audit log: its head, and the last note that was signed."""

    size: int
    root: str
    checkpoint: str | None


class Samples(_Part):
    """One thing that each key has made. Whoever holds the key can tell that it is the one; nobody else learns more."""

    wrapped_for: UUID | None = None
    wrapped: str | None = None
    address: str | None = None
    recipient: str | None = None


class Manifest(_Part):
    """Everything a restore must know before it changes anything."""

    format: int
    version: str
    taken_at: datetime
    cluster_id: str
    ends: Offsets
    groups: dict[str, Offsets]
    server_version: str
    migrations: tuple[Migration, ...]
    relays: dict[str, Relay]
    log: Log
    samples: Samples
    not_sent: tuple[UUID, ...] = ()
    """Notices that the dump calls being sent, and of which it was known a moment later that they were not."""
    requests: int
    notices: int
    records: dict[str, int]
    members: dict[str, Member]


class _Format(BaseModel):
    format: int


def parse(text: bytes) -> Manifest:
    """The manifest in `text`. A file of a later format is told apart from a damaged one."""
    try:
        if _Format.model_validate_json(text).format > FORMAT:
            raise WrongUse("this backup was written by a later version of Guichet; restore it with that version")
        return Manifest.model_validate_json(text)
    except ValidationError as error:
        where = ".".join(str(step) for step in error.errors(include_url=False)[0]["loc"]) or "its form"
        raise Stopped(f"the manifest of this backup is damaged ({where}); use another copy of the file") from error
