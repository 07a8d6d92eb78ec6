"""What does a backup ask of the database, and what does a restore change there beside the dump? All of their SQL."""

import base64
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.delivery.connections import Connection
from libs.delivery.outbox_store import RESTORING
from libs.operate.backup.manifest import Log, Manifest, Migration, Relay, Samples
from libs.operate.database import connect
from libs.service.migrate import CREATE_LEDGER, migrations

OUTBOXES = tuple(sorted({each.schema for each in migrations()}))
SCHEMAS = (*OUTBOXES, "vault")

RELAY = "SELECT done::text, doing::text, doing_seq FROM {schema}.outbox_relay"
MIGRATIONS = "SELECT schema_name, file_name, checksum FROM public.guichet_migrations ORDER BY schema_name, file_name"
LOG = """
    SELECT size, root, (SELECT note FROM audit.checkpoints ORDER BY size DESC LIMIT 1) AS note FROM audit.tree
"""
WRAPPED = "SELECT request_id, wrapped FROM vault.request_keys ORDER BY request_id DESC LIMIT 1"
RECIPIENT = "SELECT address, recipient FROM notifier.notices WHERE address IS NOT NULL LIMIT 1"
REQUESTS = "SELECT coalesce(sum(requests), 0)::bigint FROM intake.state_counts"
NOTICES = "SELECT coalesce(sum(notices), 0)::bigint FROM notifier.tallies WHERE outcome = 'planned'"

SENDING = "SELECT notice_id FROM notifier.notices WHERE state = 'sending'"
STATES = "SELECT notice_id, state FROM notifier.notices WHERE notice_id = ANY($1::uuid[])"

EXISTS = "SELECT to_regclass($1) IS NOT NULL"
MARK = "SELECT cluster FROM {schema}.outbox_relay WHERE cluster LIKE $1 || '%'"
KNOWN = "SELECT request_id FROM intake.requests WHERE request_id = ANY($1::uuid[])"

# What is sent no more: as if the notifier had died while sending these mails, which is what it knows how to treat.
HOLD_MAILS = """
    UPDATE notifier.notices SET state = 'sending', sender = gen_random_uuid(), attempts = attempts + 1
    WHERE state = 'planned' AND channel = 'email'
"""
PLAN_AGAIN = """
    UPDATE notifier.notices SET state = 'planned', sender = NULL
    WHERE state = 'sending' AND notice_id = ANY($1::uuid[])
"""
SETTLE_KNOWN = """
    UPDATE notifier.notices AS kept
    SET state = new.state, sender = NULL, settled_at = new.at, attempts = greatest(kept.attempts, new.attempts),
        message_id = new.message_id, reason = new.reason,
        sealed = CASE WHEN new.state NOT IN ('sent', 'failed') THEN kept.sealed END,
        facts = CASE WHEN new.state NOT IN ('sent', 'failed') THEN kept.facts END
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[], $6::text[])
         AS new (notice_id, state, at, attempts, message_id, reason)
    WHERE kept.notice_id = new.notice_id AND kept.state IN ('planned', 'sending')
    RETURNING kept.state
"""
# Where it went is not announced, and nothing is sent from such a row: so its destination is nowhere.
KEEP_UNKNOWN = """
    INSERT INTO notifier.notices (notice_id, event_id, request_id, audience, kind, channel, recipient, language,
                                  destination, directory_version, state, planned_at, settled_at, attempts,
                                  message_id, reason)
    SELECT notice_id, event_id, request_id, audience, kind, channel, recipient, language,
           '', directory_version, state, at, at, attempts, message_id, reason
    FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::integer[], $5::text[], $6::text[], $7::uuid[],
                $8::uuid[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[])
         AS new (notice_id, state, at, attempts, message_id, reason, event_id,
                 request_id, audience, kind, channel, recipient, language, directory_version)
    ON CONFLICT DO NOTHING
    RETURNING state
"""
ADD_TO_TALLIES = """
    INSERT INTO notifier.tallies AS kept (outcome, shard, notices)
    SELECT outcome, 0, notices FROM unnest($1::text[], $2::bigint[]) AS new (outcome, notices)
    ON CONFLICT (outcome, shard) DO UPDATE SET notices = kept.notices + excluded.notices
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """One notice whose end was announced."""

    notice_id: UUID
    state: str
    at: datetime
    attempts: int
    message_id: str | None
    reason: str | None
    event_id: UUID
    request_id: UUID
    audience: str
    kind: str
    channel: str
    recipient: str
    language: str
    directory_version: str | None


@dataclass(frozen=True, slots=True)
class Held:
    """What a database holds already; `leaves` are those of the audit log."""

    requests: int
    notices: int
    leaves: int


@asynccontextmanager
async def connected(dsn: str) -> AsyncIterator[Connection]:
    conn = await connect(dsn)
    try:
        yield conn
    finally:
        await conn.close()


# -- what a backup asks ------------------------------------------------------------------------------------------------


async def relays(conn: Connection) -> dict[str, Relay]:
    return {schema: Relay(**await conn.fetchrow(RELAY.format(schema=schema))) for schema in OUTBOXES}


async def export(conn: Connection) -> str:
    """The name of this transaction's snapshot, for other sessions. The dump takes longer than a session may idle."""
    await conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    return str(await conn.fetchval("SELECT pg_export_snapshot()"))


async def applied(conn: Connection) -> tuple[Migration, ...]:
    return tuple(Migration(**row) for row in await conn.fetch(MIGRATIONS))


async def log(conn: Connection) -> Log:
    row = await conn.fetchrow(LOG)
    return Log(size=row["size"], root=base64.b64encode(row["root"]).decode(), checkpoint=row["note"])


async def samples(conn: Connection) -> Samples:
    key, notice = await conn.fetchrow(WRAPPED), await conn.fetchrow(RECIPIENT)
    return Samples(
        wrapped_for=UUID(int=key["request_id"].int) if key else None,
        wrapped=base64.b64encode(key["wrapped"]).decode() if key else None,
        address=notice["address"] if notice else None,
        recipient=notice["recipient"] if notice else None,
    )


async def totals(conn: Connection) -> tuple[int, int]:
    """Requests ever accepted, notices ever planned."""
    return int(await conn.fetchval(REQUESTS)), int(await conn.fetchval(NOTICES))


async def sending(conn: Connection) -> set[UUID]:
    """Notices that some notifier has taken to send them: nobody else can tell yet whether it did."""
    return {UUID(int=row["notice_id"].int) for row in await conn.fetch(SENDING)}


async def states(conn: Connection, notices: Iterable[UUID]) -> dict[UUID, str]:
    return {UUID(int=row["notice_id"].int): row["state"] for row in await conn.fetch(STATES, list(notices))}


# -- what a restore asks and changes -----------------------------------------------------------------------------------


async def held(conn: Connection) -> Held:
    """A database without our tables holds nothing."""
    if not all([await conn.fetchval(EXISTS, f"{schema}.outbox") for schema in OUTBOXES]):
        return Held(0, 0, 0)
    return Held(*await totals(conn), (await log(conn)).size)


async def mark(conn: Connection) -> str | None:
    """What an earlier restore wrote that did not come to its end."""
    for schema in OUTBOXES:
        if await conn.fetchval(EXISTS, f"{schema}.outbox_relay"):
            found = await conn.fetchval(MARK.format(schema=schema), RESTORING)
            if found is not None:
                return str(found)
    return None


def after_the_dump(manifest: Manifest, marked: str, *, is_new_kafka: bool) -> str:
    """Statements that follow the dumps in their transaction.

    The outboxes are marked, so that no relay leads before the restore has come to its end, and set to how far they were
    published *before* the ends of the topics were read: what is later than that is published again.
    """
    rows = ", ".join(
        f"({_text(one.schema_name)}, {_text(one.file_name)}, {_text(one.checksum)})" for one in manifest.migrations
    )
    statements = [
        CREATE_LEDGER,
        "DELETE FROM public.guichet_migrations",
        f"INSERT INTO public.guichet_migrations (schema_name, file_name, checksum) VALUES {rows}",  # noqa: S608
    ]
    for schema in (schema for schema in OUTBOXES if schema in manifest.relays):
        relay = manifest.relays[schema]
        doing = _text(relay.doing) if relay.doing is not None else "NULL"
        statements.append(
            f"UPDATE {schema}.outbox_relay SET cluster = {_text(marked)}, done = {_text(relay.done)}, "  # noqa: S608
            f"doing = {doing}, doing_seq = {relay.doing_seq}"
        )
    if is_new_kafka:
        # Of topics that are no more. A backup of an earlier version has no positions.
        statements.append("DELETE FROM audit.offsets")
        kept = [one.schema_name for one in manifest.migrations if one.file_name == "delivery/positions.sql"]
        statements += [f"DELETE FROM {schema}.positions WHERE topic <> 'outbox'" for schema in kept]  # noqa: S608
    return "".join(f"{statement};\n" for statement in statements)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


async def unknown_among(conn: Connection, request_ids: Sequence[UUID]) -> list[UUID]:
    known = {UUID(int=row["request_id"].int) for row in await conn.fetch(KNOWN, list(request_ids))}
    return [request_id for request_id in request_ids if request_id not in known]


async def plan_again(conn: Connection, notices: Sequence[UUID]) -> None:
    await conn.execute(PLAN_AGAIN, list(notices))


async def hold_mails(conn: Connection) -> int:
    return int((await conn.execute(HOLD_MAILS)).rpartition(" ")[2])


async def settle(conn: Connection, ended: Iterable[Ended]) -> int:
    """Keep in the ledger that these notices ended; how many of them it did not know to have ended."""
    columns: list[list[Any]] = [list(column) for column in zip(*map(_columns, ended), strict=True)]
    if not columns:
        return 0
    async with conn.transaction():
        known = await conn.fetch(SETTLE_KNOWN, *columns[:6])
        unknown = await conn.fetch(KEEP_UNKNOWN, *columns)
        tallies = {"planned": len(unknown)}
        for row in (*known, *unknown):
            tallies[row["state"]] = tallies.get(row["state"], 0) + 1
        await conn.execute(ADD_TO_TALLIES, list(tallies), list(tallies.values()))
    return len(known) + len(unknown)


def _columns(one: Ended) -> tuple[Any, ...]:
    return tuple(getattr(one, name) for name in Ended.__slots__)
