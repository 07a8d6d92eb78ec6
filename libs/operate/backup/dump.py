"""How does a schema get out of PostgreSQL and into another one? With PostgreSQL's own programs, as streams.

Everything that is restored goes through one psql in one transaction: all of it is there afterwards, or nothing.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

from libs.operate.backup.archive import CHUNK_BYTES, Write
from libs.operate.embedded.postgres_programs import program
from libs.operate.output import Stopped

CONNECT_SECONDS_MAX = 10
LOCK_SECONDS_MAX = 60  # a dump that must wait longer for a table is in the way of something else
WORDS_SHOWN = 3  # of a program's last lines: the first of them says what was wrong, the others where


def dump(dsn: str, schema: str, snapshot: str, write: Write) -> None:
    """One schema as another connection's exported snapshot shows it. Owners and rights are the target's own affair."""
    options = ("--format=custom", "--no-owner", "--no-acl", f"--lock-wait-timeout={LOCK_SECONDS_MAX}s")
    with _running(_client("pg_dump", dsn, *options, f"--schema={schema}", f"--snapshot={snapshot}")) as child:
        for chunk in iter(lambda: _out(child).read(CHUNK_BYTES), b""):
            write(chunk)


def as_sql(schema: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """What a dump says, as statements that make everything in the schema, but not the schema itself."""
    words = [str(program("pg_restore")), "--no-owner", "--no-acl", f"--schema={schema}", "--file=-"]
    # The program ends before the thread is waited for, which would otherwise go on feeding it for ever.
    with ThreadPoolExecutor(max_workers=1) as feeder, _running(_Command(words, os.environ), has_input=True) as child:
        fed = feeder.submit(_feed, child, chunks)
        yield from iter(lambda: _out(child).read(CHUNK_BYTES), b"")
        fed.result()


def run_script(dsn: str, statements: Iterable[bytes]) -> None:
    """Run all of them in one transaction. Raises `Stopped` with PostgreSQL's words when one fails, and nothing is kept.

    The transaction ends with its own COMMIT, not with psql's --single-transaction: that would keep the half that had
    arrived when we are killed.
    """
    options = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", f"--output={os.devnull}")
    with _running(_client("psql", dsn, *options), has_input=True) as child:
        _feed(child, chain((b"BEGIN;\n",), statements, (b"COMMIT;\n",)))


@dataclass(frozen=True, slots=True)
class _Command:
    words: list[str]
    environment: Mapping[str, str]


def _client(name: str, dsn: str, *options: str) -> _Command:
    """The password goes by the environment: everybody on the machine can read a process's arguments."""
    parts = urlsplit(dsn)
    user, _, host = parts.netloc.rpartition("@")
    user, _, password = user.partition(":")
    bare = urlunsplit(parts._replace(netloc=f"{user}@{host}" if user else host))
    environment = {**os.environ, "PGCONNECT_TIMEOUT": str(CONNECT_SECONDS_MAX), "PGAPPNAME": f"guichet-{name}"}
    if password:
        environment["PGPASSWORD"] = unquote(password)
    return _Command([str(program(name)), "--no-password", *options, f"--dbname={bare}"], environment)


@contextmanager
def _running(command: _Command, *, has_input: bool = False) -> Iterator["subprocess.Popen[bytes]"]:
    """The program's life; whatever ends the block early ends it too."""
    with tempfile.TemporaryFile() as words:
        child = subprocess.Popen(
            command.words,
            stdin=subprocess.PIPE if has_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=words,
            env=command.environment,
        )
        try:
            yield child
            code = child.wait()
        finally:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()
        if code != 0:
            words.seek(0)
            raise Stopped(_what_failed(command.words[0], words.read().decode(errors="replace")))


def _what_failed(name: str, words: str) -> str:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    first = next((at for at, line in enumerate(lines) if "error" in line.lower() or "fatal" in line.lower()), 0)
    said = " ".join(lines[first : first + WORDS_SHOWN]) or "without a word"
    return f"{os.path.basename(name)} failed: {said}"  # noqa: PTH119  the path of a program that we chose


def _feed(child: "subprocess.Popen[bytes]", chunks: Iterable[bytes]) -> None:
    """Until the program has it all, or has ended: its exit code then says why. With half of it, it is ended."""
    assert child.stdin is not None
    is_whole = False
    try:
        for chunk in chunks:
            child.stdin.write(chunk)
        child.stdin.close()
        is_whole = True
    except BrokenPipeError:
        return
    finally:
        if not is_whole:
            child.kill()


def _out(child: "subprocess.Popen[bytes]") -> IO[bytes]:
    assert child.stdout is not None
    return child.stdout
