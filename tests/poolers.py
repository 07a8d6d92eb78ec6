"""Which pooler stands before PostgreSQL in the tests, and how is it started so that it lets one address through?"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from libs.operate.embedded.free_port import free_port_from
from tests.embedded import wait_until

SESSIONS = 2  # fewer than there are connections, so that each meets the others' sessions
MISSING = "statements were not sent through a pooler: no PgBouncer was found (on Debian: apt-get install pgbouncer)"


def find_pooler() -> str | None:
    """The path of a PgBouncer on this machine; Debian keeps it where only an administrator's shell looks."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin")


@contextmanager
def pooler(folder: Path, dsn: str, mode: str, *, takes: str = "") -> Iterator[str]:
    """A PgBouncer before that database; yields its address. `takes`: startup parameters that it lets pass unseen."""
    parts, port = urlsplit(dsn), free_port_from(16432)
    where = parse_qs(parts.query)
    host = parts.hostname or where["host"][0]
    server = f"host={host} port={parts.port or 5432} user={parts.username}"
    if parts.password:
        server += f" password={unquote(parts.password)}"
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "any",
        "pool_mode": mode,
        "default_pool_size": SESSIONS if mode == "transaction" else 20,
        "ignore_startup_parameters": takes,
    }
    file = folder / f"pgbouncer-{port}.ini"
    lines = [f"{name} = {value}" for name, value in settings.items()]
    file.write_text("\n".join(["[databases]", f"* = {server}", "[pgbouncer]", *lines, ""]))
    file.chmod(0o644)
    # It refuses to run as root; the socket's owner may enter the folder of an embedded server.
    owner = Path(host).owner() if host.startswith("/") else "nobody"
    as_user = ["-u", owner] if Path.home() == Path("/root") else []
    program = find_pooler()
    assert program is not None
    with (folder / f"pgbouncer-{port}.log").open("w") as log:
        child = subprocess.Popen([program, "-q", *as_user, str(file)], stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: _listens(port))
        yield f"postgresql://{parts.username}@127.0.0.1:{port}{parts.path}"
    finally:
        child.terminate()
        child.wait(30)


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0
