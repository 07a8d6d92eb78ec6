"""Are jars fetched once, verified, and fetched again when they are damaged? Seen at a mirror of our own."""

import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from libs.operate.embedded import jars
from libs.operate.embedded.errors import JarsUnavailable

CONTENTS = {"one": b"first jar" * 1_000, "two": b"second jar" * 1_000}


class Mirror(ThreadingHTTPServer):
    """Serves the contents as a Maven repository would, and counts."""

    def __init__(self) -> None:
        self.contents = {f"/org/example/{name}/1.0/{name}-1.0.jar": content for name, content in CONTENTS.items()}
        self.asked: list[str] = []
        self.damaged_once: set[str] = set()
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answer(BaseHTTPRequestHandler):
    server: Mirror

    def do_GET(self) -> None:
        content = self.server.contents.get(self.path)
        if self.path in self.server.damaged_once:
            self.server.damaged_once.remove(self.path)
            content = b"X" + (content or b"")[1:]
        if self.path.endswith(".jar"):
            self.server.asked.append(self.path.rpartition("/")[2])
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Mirror]:
    lock = [f"org.example:{n}:1.0 sha256:{sha256(c).hexdigest()} bytes:{len(c)}" for n, c in CONTENTS.items()]
    (tmp_path / "jars.lock").write_text("\n".join(lock))
    monkeypatch.setattr(jars, "LOCK_FILE", tmp_path / "jars.lock")
    with Mirror() as server:
        monkeypatch.setenv(jars.MIRROR_VARIABLE, server.url)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def fetched(folder: Path) -> tuple[list[bytes], str]:
    said = StringIO()
    paths = jars.fetch_jars(folder, Console(file=said, width=500))
    return [path.read_bytes() for path in paths], said.getvalue()


def test_jars_are_fetched_once(mirror: Mirror, tmp_path: Path) -> None:
    assert fetched(tmp_path / "cache")[0] == list(CONTENTS.values())
    assert fetched(tmp_path / "cache")[0] == list(CONTENTS.values())
    assert sorted(mirror.asked) == ["one-1.0.jar", "two-1.0.jar"]


def test_a_damaged_jar_is_named_and_only_it_is_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    fetched(tmp_path / "cache")
    mirror.asked.clear()
    damaged = tmp_path / "cache" / "two-1.0.jar"
    damaged.write_bytes(b"X" + damaged.read_bytes()[1:])
    contents, said = fetched(tmp_path / "cache")
    assert contents == list(CONTENTS.values())
    assert f"{damaged} is damaged" in said
    assert mirror.asked == ["two-1.0.jar"]


def test_a_jar_that_is_served_with_other_bytes_is_never_used(mirror: Mirror, tmp_path: Path) -> None:
    mirror.contents["/org/example/two/1.0/two-1.0.jar"] = b"something else"
    with pytest.raises(JarsUnavailable, match=r"org\.example:two:1\.0 .* another SHA-256 than jars\.lock"):
        fetched(tmp_path / "cache")
    assert not (tmp_path / "cache" / "two-1.0.jar").exists()
    assert [path for path in (tmp_path / "cache").iterdir() if path.name.startswith(".")] == []


def test_a_jar_that_was_damaged_on_its_way_is_fetched_once_more(mirror: Mirror, tmp_path: Path) -> None:
    mirror.damaged_once.add("/org/example/two/1.0/two-1.0.jar")
    assert fetched(tmp_path / "cache")[0] == list(CONTENTS.values())
    assert sorted(mirror.asked) == ["one-1.0.jar", "two-1.0.jar", "two-1.0.jar"]


def test_a_jar_that_nobody_serves_is_named_with_a_remedy(mirror: Mirror, tmp_path: Path) -> None:
    mirror.contents.clear()
    with pytest.raises(JarsUnavailable, match="GUICHET_MAVEN_MIRROR"):
        fetched(tmp_path / "cache")
