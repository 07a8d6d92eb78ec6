"""How is a backup laid out in its file? A zip: the dump of each schema, the records of each topic, and the manifest.

A zip, because its members can be written without knowing their length beforehand, and read by tools that everyone has.
"""

import hashlib
import os
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Self

from libs.operate.backup.manifest import Manifest, Member, parse
from libs.operate.output import Stopped, WrongUse

MANIFEST = "manifest.json"
CHUNK_BYTES = 1 << 20
OWNER_ONLY = 0o600  # what people asked for is in it

Write = Callable[[bytes], None]
Read = Callable[[int], None]


def dump_member(schema: str) -> str:
    return f"postgres/{schema}.dump"


def records_member(topic: str) -> str:
    return f"kafka/{topic}.jsonl"


class Writer:
    """A backup that is being written. Under its own name there is a whole file or none."""

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise WrongUse(f"{path} is there already; name another file")
        self._path = path
        self._draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
        self.members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        try:
            descriptor = os.open(self._draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        except OSError as error:
            raise WrongUse(f"{self._path} cannot be written ({error.strerror})") from error
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", allowZip64=True)
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        try:
            self._close(is_kept=error is None)
        except OSError as failed:
            raise Stopped(f"{self._path} could not be written ({failed.strerror}); nothing is kept of it") from failed
        finally:
            self._file.close()
            self._draft.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Stopped(f"{self._path} could not be written ({error.strerror}); nothing is kept of it") from error

    def _close(self, *, is_kept: bool) -> None:
        with nullcontext() if is_kept else suppress(OSError):
            self._zip.close()
        if is_kept:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._draft.rename(self._path)

    @contextmanager
    def member(self, name: str, *, is_packed: bool) -> Iterator[Write]:
        """`is_packed`: its bytes are compressed already."""
        info = zipfile.ZipInfo(name, time.localtime()[:6])
        info.compress_type = zipfile.ZIP_STORED if is_packed else zipfile.ZIP_DEFLATED
        digest, size = hashlib.sha256(), 0
        with self._zip.open(info, "w", force_zip64=True) as file:

            def write(data: bytes) -> None:
                nonlocal size
                file.write(data)
                digest.update(data)
                size += len(data)

            yield write
        self.members[name] = Member(sha256=digest.hexdigest(), size_bytes=size)

    def finish(self, manifest: Manifest) -> None:
        self._zip.writestr(MANIFEST, manifest.model_dump_json(indent=2), zipfile.ZIP_DEFLATED)


class Reader:
    """A backup that is there."""

    def __init__(self, path: Path) -> None:
        """Raises `WrongUse` when there is no backup in that file, `Stopped` when it is damaged."""
        try:
            self._zip = zipfile.ZipFile(path)
            text = self._zip.read(MANIFEST)
        except OSError as error:
            raise WrongUse(f"{path} cannot be read ({error.strerror})") from error
        except (zipfile.BadZipFile, zlib.error, KeyError) as error:
            raise WrongUse(f"{path} is no backup, or only a part of one ({error})") from error
        self.manifest = parse(text)
        self.id = hashlib.sha256(text).hexdigest()[:16]

    def chunks(self, name: str) -> Iterator[bytes]:
        try:
            with self._zip.open(name) as file:
                while chunk := file.read(CHUNK_BYTES):
                    yield chunk
        except (KeyError, zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise Stopped(f"the backup is damaged: {name} cannot be read ({error}); use another copy") from error

    def lines(self, name: str) -> Iterator[bytes]:
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole

    @property
    def size_bytes(self) -> int:
        return sum(member.size_bytes for member in self.manifest.members.values())

    def verify(self, read: Read) -> None:
        """Read every byte before anything is changed. Raises `Stopped` when a hash differs; reports bytes so far."""
        done = 0
        for name, member in self.manifest.members.items():
            digest = hashlib.sha256()
            for chunk in self.chunks(name):
                digest.update(chunk)
                done += len(chunk)
                read(done)
            if digest.hexdigest() != member.sha256:
                raise Stopped(f"the backup is damaged: {name} is not what was written; use another copy")
