"""How does an empty system come to know everything that a backup knows?

The database first, all of it in one transaction, with its outboxes marked so that no relay leads; then Kafka; the mark
goes last. A restore that is interrupted is run again, and does it all again: what Kafka gets twice, services absorb.
"""

import asyncio
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from aiokafka import TopicPartition

from libs.delivery.connections import Connection
from libs.delivery.kafka import KafkaSettings
from libs.delivery.rebase import rebase
from libs.operate import broker
from libs.operate.backup import catch_up, dump, records, rows, target
from libs.operate.backup.archive import Reader, dump_member
from libs.operate.backup.keys_fit import refuse_other_keys
from libs.operate.backup.rights import Rights, rights_in
from libs.operate.backup.take import Tell
from libs.operate.backup.target import Target
from libs.operate.output import Stopped
from libs.operate.where import Addresses
from libs.service.migrate import migrations


def verified(home: Path, archive: Reader, tell: Tell) -> None:
    """Every byte is what was written, and the keys at hand are those of the backup. Changes nothing."""
    total = archive.size_bytes >> 20
    archive.verify(lambda done: tell("reading the backup (MB)", done >> 20, total))
    refuse_other_keys(home, archive.manifest)


async def restore(system: Addresses, archive: Reader, tell: Tell, *, holds_mails: bool) -> dict[str, Any]:
    """Fill an empty system with a backup that was `verified`. Returns the fields of the answer."""
    settings = broker.settings_for(system)
    async with rows.connected(system.dsn) as conn:
        found = await target.examine(system, settings, archive, conn)
        rights = await rights_in(conn, rows.SCHEMAS)
        await asyncio.to_thread(_restore_database, system.dsn, archive, found, rights, tell)
        await _compare(conn, archive)
        tell("writing records", 0, None)
        written = await records.write_back(settings, archive, _missing(found))
        await rows.plan_again(conn, archive.manifest.not_sent)
        caught_up = await _catch_up(settings, archive, found, conn)
        held_mails = await rows.hold_mails(conn) if holds_mails else 0
        unpublished = {
            schema: await rebase(conn, schema) for schema in rows.OUTBOXES if schema in archive.manifest.relays
        }
    manifest = archive.manifest
    return {
        "taken_at": manifest.taken_at.isoformat(),
        "kafka": found.kind,
        "requests": manifest.requests,
        "notices": manifest.notices,
        "leaves": manifest.log.size,
        "root": manifest.log.root,
        "records": written,
        "unpublished": unpublished,
        "held_mails": held_mails,
        **caught_up,
        "migrations_pending": len(list(migrations())) - len(manifest.migrations),
    }


def _restore_database(dsn: str, archive: Reader, found: Target, rights: Rights, tell: Tell) -> None:
    with closing(_statements(archive, found, rights, tell)) as statements:
        dump.run_script(dsn, statements)


def _statements(archive: Reader, found: Target, rights: Rights, tell: Tell) -> Generator[bytes, None, None]:
    """Everything that is done to the database, in its order."""
    for schema in rows.SCHEMAS:
        yield f"DROP SCHEMA IF EXISTS {schema} CASCADE;\n".encode()
        if dump_member(schema) in archive.manifest.members:
            yield rights.begin(schema).encode()
            yield from dump.as_sql(schema, _told(archive, schema, tell))
            yield b"RESET ROLE;\n"
    is_new = found.kind == "new"
    yield rows.after_the_dump(archive.manifest, found.marked, is_new_kafka=is_new).encode()
    yield rights.end().encode()


def _told(archive: Reader, schema: str, tell: Tell) -> Iterator[bytes]:
    name, done = dump_member(schema), 0
    for chunk in archive.chunks(name):
        yield chunk
        done += len(chunk)
        tell(f"restoring {schema} (MB)", done >> 20, archive.manifest.members[name].size_bytes >> 20)


async def _compare(conn: Connection, archive: Reader) -> None:
    """What is there now must be what the backup says of itself."""
    manifest = archive.manifest
    now = (*await rows.totals(conn), await rows.log(conn))
    if now != (manifest.requests, manifest.notices, manifest.log):
        raise Stopped(f"what was restored is not what the backup says: {now}; use another copy of the file")


def _missing(found: Target) -> Callable[[TopicPartition, int], bool]:
    """Which records of the backup this Kafka does not have: all; or those that the same one has let go of since."""
    if found.kind == "new":
        return lambda _at, _offset: True
    return lambda at, offset: at not in found.held or offset < found.held[at].first


async def _catch_up(settings: KafkaSettings, archive: Reader, found: Target, conn: Connection) -> dict[str, Any]:
    if found.kind == "new":
        return {"settled_notices": 0, "lost_requests": []}
    manifest = archive.manifest
    settled = await catch_up.settle_notices(settings, manifest, found.held, conn)
    lost = await catch_up.lost_requests(settings, manifest, found.held, conn)
    await catch_up.set_back(settings, manifest)
    return {"settled_notices": settled, "lost_requests": [str(request_id) for request_id in lost]}
