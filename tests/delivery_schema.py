"""Where do the tests of delivery keep an outbox and an inbox, without any service's own tables?"""

from libs.delivery.partitions import maintain
from libs.service.migrate import ROOT
from libs.service.postgres import Database


async def a_schema_for_delivery(database: Database, schema: str) -> None:
    sql = (ROOT / "libs" / "delivery" / "sql" / "outbox_inbox.sql").read_text(encoding="utf-8")
    async with database.connection() as conn:
        if await conn.fetchval("SELECT to_regclass($1)", f"{schema}.outbox") is None:  # not migrated with its service
            await conn.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            await conn.execute(sql.replace("{schema}", schema))
            await maintain(conn, schema)
