"""How does an outbox go on after its dump was restored into another cluster? `python -m libs.delivery.rebase SCHEMA`.

Transaction ids begin anew in another cluster, so the saved snapshots mean nothing there. The rows still carry the ids
they were written with, and those the old snapshots do tell apart: published ones go, the others are written as new.
"""

import asyncio
import os
import sys

import asyncpg

from libs.delivery.connections import Connection
from libs.delivery.outbox_store import cluster_of

FORGET_PUBLISHED = """
DELETE FROM {schema}.outbox o USING {schema}.outbox_relay r
WHERE pg_visible_in_snapshot(o.xid, r.done)
   OR (r.doing IS NOT NULL AND o.seq <= r.doing_seq AND pg_visible_in_snapshot(o.xid, r.doing))
"""
RENEW = "UPDATE {schema}.outbox SET xid = pg_current_xact_id()"
SET_OUT = """
UPDATE {schema}.outbox_relay
SET cluster = $1, done = $2::text::pg_snapshot, doing = NULL, doing_seq = 0, epoch = epoch + 1
"""


async def rebase(conn: Connection, schema: str) -> int:
    """Returns how many rows are still to be published. Run it while the service is stopped."""
    cluster = await cluster_of(conn)
    async with conn.transaction():
        await conn.execute(f"LOCK TABLE {schema}.outbox IN EXCLUSIVE MODE")
        # Before the first write: no snapshot lists its own transaction's id, so a later one would hide these rows.
        done = await conn.fetchval("SELECT pg_current_snapshot()::text")
        await conn.execute(FORGET_PUBLISHED.format(schema=schema))
        await conn.execute(RENEW.format(schema=schema))
        await conn.execute(SET_OUT.format(schema=schema), cluster, done)
        return int(await conn.fetchval(f"SELECT count(*) FROM {schema}.outbox"))  # noqa: S608  a schema of ours


async def _main(schema: str) -> None:
    conn = await asyncpg.connect(os.environ["GUICHET_POSTGRES_DSN"])
    try:
        sys.stdout.write(f"{await rebase(conn, schema)} events of {schema} are still to be published\n")
    finally:
        await conn.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1]))
