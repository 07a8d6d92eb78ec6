"""May this backup be restored here? Into an empty system in which nobody works, or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from libs.delivery.connections import Connection
from libs.delivery.kafka import KafkaSettings
from libs.delivery.outbox_store import RESTORING, may_lead
from libs.events.topics import SERVICES, TOPICS
from libs.operate import broker, log_keys
from libs.operate.backup import catch_up, rows
from libs.operate.backup.archive import Reader
from libs.operate.backup.keys_fit import former_setting
from libs.operate.backup.manifest import Manifest, Migration
from libs.operate.broker import Spans
from libs.operate.output import Stopped
from libs.operate.where import Addresses
from libs.service.migrate import migrations

Kind = Literal["new", "same"]
"""Whether the target's Kafka is another one, and empty; or the one of the backup, with all that happened since."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a backup may be restored. `marked` stands in the outboxes until the restore has come to its end."""

    kind: Kind
    held: Spans
    marked: str


async def examine(system: Addresses, settings: KafkaSettings, archive: Reader, conn: Connection) -> Target:
    """Raises `Stopped` with a sentence and a remedy. `conn` holds the outboxes from here on: no relay leads."""
    manifest = archive.manifest
    refuse_unknown_migrations(manifest, {(one.schema, one.name): one.checksum for one in migrations()})
    await _refuse_while_somebody_works(settings, conn)
    held = await _held_by_topics(settings, manifest)
    marked = await rows.mark(conn)
    if marked is not None:
        kind = _kind_marked(marked, archive)
    else:
        refuse_what_is_held(await rows.held(conn))
        kind = kind_of(manifest, await broker.cluster_id(settings), held)
    if kind == "same":
        await _refuse_a_forked_log(system, settings, manifest, held)
    return Target(kind, held, f"{RESTORING} {kind} {archive.id}")


def refuse_unknown_migrations(manifest: Manifest, known: Mapping[tuple[str, str], str]) -> None:
    """A database can be brought forward to the present version, never back."""
    strange = [one for one in manifest.migrations if known.get((one.schema_name, one.file_name)) != one.checksum]
    if strange:
        raise Stopped(
            f"this backup is of Guichet {manifest.version}, whose {_named(strange[0])} is not in this version; "
            "restore it with that version or a later one"
        )


def _named(migration: Migration) -> str:
    return f"migration {migration.file_name} of {migration.schema_name}"


async def _refuse_while_somebody_works(settings: KafkaSettings, conn: Connection) -> None:
    working = {service for service in SERVICES if await broker.members(settings, service)}
    working |= {schema for schema in rows.OUTBOXES if not await may_lead(conn, schema)}
    if working:
        raise Stopped(f"{', '.join(sorted(working))} is running here; stop the services, then restore")


async def _held_by_topics(settings: KafkaSettings, manifest: Manifest) -> Spans:
    present = await broker.partitions(settings, TOPICS)
    if missing := sorted({*TOPICS, *manifest.records} - set(present)):
        raise Stopped(f"Kafka has no topic {', '.join(missing)}; make them: python -m libs.delivery.provision")
    async with broker.connected(settings) as reader:
        return await broker.spans(reader, (partition for parts in present.values() for partition in parts))


def _kind_marked(marked: str, archive: Reader) -> Kind:
    _, kind, of = marked.split(" ")
    if of != archive.id:
        raise Stopped("the restore of another backup was begun here; end that one, or begin anew in an empty system")
    return "same" if kind == "same" else "new"


def refuse_what_is_held(held: rows.Held) -> None:
    found = [f"{number} {what}" for what, number in _counted(held).items() if number]
    if found:
        raise Stopped(
            f"the database holds {' and '.join(found)} already; a backup is restored into a system in which no service "
            "has run yet: name another folder (GUICHET_HOME) or an empty database"
        )


def _counted(held: rows.Held) -> dict[str, int]:
    return {"requests": held.requests, "notices": held.notices, "leaves of the audit log": held.leaves}


def kind_of(manifest: Manifest, cluster_id: str, held: Spans) -> Kind:
    """Releases of the directory may be there: they are only added to."""
    full = sorted({at.topic for at, span in held.items() if span.records and not TOPICS[at.topic].compacted})
    if not full:
        return "new"
    ends = {(at.topic, at.partition): span.end for at, span in held.items()}
    is_continued = all(
        ends.get((topic, partition), 0) >= end
        for topic, parts in manifest.ends.items()
        for partition, end in parts.items()
    )
    if cluster_id == manifest.cluster_id and is_continued:
        return "same"
    raise Stopped(
        f"Kafka holds records in {', '.join(full)} that are not those of this backup's system; "
        "restore beside an empty Kafka, or beside the one that the backup was taken from"
    )


async def _refuse_a_forked_log(system: Addresses, settings: KafkaSettings, manifest: Manifest, held: Spans) -> None:
    """A log that was signed beyond the backup would have two continuations under one name."""
    last = await catch_up.last_signed(settings, manifest, held)
    if last is None or last.size <= manifest.log.size or log_keys.origin() != last.origin:
        return
    own = log_keys.own_verifier(system.home, last.origin)
    raise Stopped(
        f"the log {last.origin} was signed up to {last.size} leaves, and this backup has {manifest.log.size}: "
        "restored, it would go on differently under the same name. Give it a new one, here and for audit, and keep it: "
        f"set {log_keys.ORIGIN_VARIABLE}={last.origin}/2 and {former_setting(str(own))}"
    )
