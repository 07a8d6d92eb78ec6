"""How is a backup taken while the system runs, so that whatever was acknowledged before it is in it?

The order of looking is the whole secret. First how far each outbox was published, then how far each service has read,
then where the topics end, and the database last, in one snapshot. So what a service has read is in the dump; what it
has not is copied from the topics; and what was published after the topics were looked at stands in the outbox still.
No record is copied that the dump knows nothing of.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from aiokafka import TopicPartition

from libs.delivery.kafka import KafkaSettings
from libs.events.topics import SERVICES, TOPICS
from libs.operate import broker
from libs.operate.backup import dump, records, rows
from libs.operate.backup.archive import Writer, dump_member, records_member
from libs.operate.backup.manifest import FORMAT, Manifest
from libs.operate.broker import Spans
from libs.operate.ledger_rows import snapshot
from libs.operate.output import Away
from libs.operate.where import Addresses
from libs.service.settings import SharedSettings

SENDING_SECONDS_MAX = 5.0  # one that a relay takes longer for is of unknown outcome, as after a crash
SENDING_PAUSE_SECONDS = 0.1

Tell = Callable[[str, int, int | None], None]
"""What is being done, how far it is, and of how much if that is known."""


async def take(system: Addresses, path: Path, tell: Tell) -> dict[str, Any]:
    """Write a backup of the running system. Returns the fields of the answer."""
    settings = broker.settings_for(system)
    with Writer(path) as writer:
        async with snapshot(system.dsn) as conn:
            relays = await rows.relays(conn)
        cluster_id, read, held = await look(settings)
        kept = records.kept(held, read)
        async with snapshot(system.dsn) as conn:
            exported = await rows.export(conn)
            taken_at = datetime.now(UTC)
            requests, notices = await rows.totals(conn)
            sending = await rows.sending(conn)
            facts: dict[str, Any] = {
                "server_version": await conn.fetchval("SHOW server_version"),
                "migrations": await rows.applied(conn),
                "log": await rows.log(conn),
                "samples": await rows.samples(conn),
            }
            for schema in rows.SCHEMAS:
                await _dump(writer, system.dsn, schema, exported, tell)
        counts = {topic: await _copy(writer, settings, topic, spans, tell) for topic, spans in kept.items()}
        not_sent = await _not_sent(system.dsn, sending)
        manifest = Manifest(
            format=FORMAT,
            version=SharedSettings().version,
            taken_at=taken_at,
            cluster_id=cluster_id,
            ends=records.as_offsets({at: span.end for at, span in held.items()}),
            groups={service: records.as_offsets(places) for service, places in read.items()},
            relays=relays,
            not_sent=not_sent,
            requests=requests,
            notices=notices,
            records=counts,
            members=writer.members,
            **facts,
        )
        writer.finish(manifest)
    return summary(path, manifest)


async def look(settings: KafkaSettings) -> tuple[str, dict[str, dict[TopicPartition, int]], Spans]:
    """Which Kafka this is, how far each service has read, and only then what the topics hold."""
    cluster_id = await broker.cluster_id(settings)
    read = {service: await broker.committed(settings, service) for service in SERVICES}
    present = await broker.partitions(settings, TOPICS)
    if missing := sorted(set(TOPICS) - set(present)):
        raise Away(f"Kafka has no topic {', '.join(missing)}; make them: python -m libs.delivery.provision")
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, (partition for parts in present.values() for partition in parts))
    return cluster_id, read, held


async def _dump(writer: Writer, dsn: str, schema: str, exported: str, tell: Tell) -> None:
    what, done = f"dumping {schema} (MB)", 0
    with writer.member(dump_member(schema), is_packed=True) as write:

        def counted(chunk: bytes) -> None:
            nonlocal done
            write(chunk)
            done += len(chunk)
            tell(what, done >> 20, None)

        await asyncio.to_thread(dump.dump, dsn, schema, exported, counted)


async def _copy(writer: Writer, settings: KafkaSettings, topic: str, spans: Spans, tell: Tell) -> int:
    total = sum(span.records for span in spans.values())
    with writer.member(records_member(topic), is_packed=False) as write:
        return await records.copy(settings, spans, write, lambda done: tell(f"copying {topic}", done, total))


async def _not_sent(dsn: str, sending: set[UUID]) -> tuple[UUID, ...]:
    """Which of these are planned again a moment later: the relay was away, and nothing was handed over.

    While a relay is away there are always some, and without this look a restore could not tell them from sent ones.
    """
    planned: set[UUID] = set()
    deadline = time.monotonic() + SENDING_SECONDS_MAX
    async with rows.connected(dsn) as conn:
        while open_yet := sending - planned:
            states = await rows.states(conn, open_yet)
            planned |= {notice for notice, state in states.items() if state == "planned"}
            if "sending" not in states.values() or time.monotonic() > deadline:
                break
            await asyncio.sleep(SENDING_PAUSE_SECONDS)
    return tuple(sorted(planned))


def summary(path: Path, manifest: Manifest) -> dict[str, Any]:
    """The fields that scripts rely on."""
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "taken_at": manifest.taken_at.isoformat(),
        "requests": manifest.requests,
        "notices": manifest.notices,
        "leaves": manifest.log.size,
        "root": manifest.log.root,
        "records": dict(manifest.records),
    }
