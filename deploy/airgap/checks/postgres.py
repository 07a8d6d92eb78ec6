"""Does `postgres` make a cluster as its variables and files say, and keep it over a restart?"""

import asyncio
import gzip
import subprocess
import tempfile
from pathlib import Path

import asyncpg
from checks.containers import NAMES, docker, expect, running, runs_without_root, until

from libs.operate.embedded.free_port import free_port_from

USER, PASSWORD = "guichet", "only-for-this-check"  # of a container that lives for seconds, on 127.0.0.1


def check() -> None:
    refused = subprocess.run(
        ["docker", "run", "--rm", NAMES["postgres"]], capture_output=True, text=True, timeout=60, check=False
    )
    expect(refused.returncode == 1 and "POSTGRES_PASSWORD" in refused.stderr, "postgres: refuses an empty password")
    port = free_port_from(35432)
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder)
        given.chmod(0o755)
        (given / "password").write_text(PASSWORD + "\n")
        (given / "1.sh").write_text(
            'psql --username "$POSTGRES_USER" "$POSTGRES_DB" -c "CREATE TABLE by_shell (n int)"\n'
        )
        (given / "2.sql").write_text("CREATE TABLE by_sql (word text); INSERT INTO by_sql VALUES ('é'), ('f'), ('E');")
        (given / "3.sql.gz").write_bytes(gzip.compress(b"CREATE TABLE by_gzip (n int);"))
        options = ["--user", "999:999", "--tmpfs", "/tmp", "--tmpfs", "/var/run/postgresql"]  # noqa: S108
        options += ["--publish", f"127.0.0.1:{port}:5432", "--volume", f"{given / 'password'}:/run/secrets/password:ro"]
        for file in ("1.sh", "2.sql", "3.sql.gz"):
            options += ["--volume", f"{given / file}:/docker-entrypoint-initdb.d/{file}:ro"]
        options += ["--env", "POSTGRES_PASSWORD_FILE=/run/secrets/password", "--env", f"POSTGRES_USER={USER}"]
        options += ["--env", "POSTGRES_INITDB_ARGS=--data-checksums"]
        with running("postgres", *options, command=("postgres", "-c", "max_connections=33")) as name:
            use_postgres(name, port)


def use_postgres(name: str, port: int) -> None:
    def ask(sql: str, password: str = PASSWORD) -> object:
        return asyncio.run(answer_of(port, password, sql))

    until("postgres: starts", lambda: ask("SELECT 1"))
    runs_without_root(name, "postgres")
    tables = ask("SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'")
    expect(tables == "by_gzip by_shell by_sql", "postgres: a new cluster runs .sh, .sql and .sql.gz", tables)
    words = ask("SELECT string_agg(word, '' ORDER BY word) FROM by_sql")
    expect(words == "Eéf", "postgres: sorts as the public image does (en_US.utf8)", words)
    settings = ask("SELECT current_setting('max_connections') || ' ' || current_setting('data_checksums')")
    expect(settings == "33 on", "postgres: takes arguments, for initdb too", settings)
    try:
        ask("SELECT 1", "wrong")
    except asyncpg.InvalidPasswordError:
        print("postgres: takes the password of the file, and no other")
    else:
        raise SystemExit("does not hold: postgres: refuses a wrong password")
    docker("restart", "--time", "60", name)
    rows = until("postgres: starts again", lambda: ask("SELECT count(*) FROM by_sql"))
    clean = "database system was interrupted" not in docker("logs", name)
    expect(rows == 3 and clean, "postgres: a restart ends it in order and keeps data", rows)


async def answer_of(port: int, password: str, sql: str) -> object:
    connection = await asyncpg.connect(host="127.0.0.1", port=port, user=USER, password=password, timeout=10)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()
