"""Is the lock of Kafka's jars what it must be, and is a damaged one seen?"""

from hashlib import sha256
from pathlib import Path

import pytest

from libs.operate.embedded.jars import LOCK_FILE, Jar, parse_lock

CONTENT = b"a jar"
LINE = f"org.example:thing:1.0 sha256:{sha256(CONTENT).hexdigest()} bytes:{len(CONTENT)}"


def test_the_lock_names_kafka_and_everything_it_runs_from() -> None:
    jars = parse_lock(LOCK_FILE.read_text())
    assert {"kafka_2.13-4.3.1.jar", "kafka-tools-4.3.1.jar", "slf4j-simple-1.7.36.jar"} <= {j.filename for j in jars}
    assert len(jars) == len({jar.filename for jar in jars}) == 92


def test_the_lock_names_no_host() -> None:
    assert "//" not in LOCK_FILE.read_text()


@pytest.mark.parametrize("line", ["org.example:thing sha256:00 bytes:1", LINE.upper(), LINE + " more"])
def test_a_line_that_is_not_understood_is_named(line: str) -> None:
    with pytest.raises(ValueError, match=r"jars\.lock line 2"):
        parse_lock(f"# comment\n{line}\n")


@pytest.mark.parametrize(("content", "intact"), [(CONTENT, True), (b"A jar", False), (b"a ja", False), (b"", False)])
def test_a_jar_is_intact_only_with_its_own_bytes(tmp_path: Path, content: bytes, intact: bool) -> None:
    (jar,) = parse_lock(LINE)
    (tmp_path / jar.filename).write_bytes(content)
    assert jar.is_intact(tmp_path / jar.filename) is intact


def test_a_jar_is_named_as_its_coordinate_says() -> None:
    assert Jar("org.example:thing_2.13:1.0-GA", "", 0).filename == "thing_2.13-1.0-GA.jar"
