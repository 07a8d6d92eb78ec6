"""What does a test of backups need? A system whose database is gone, and an empty database beside the same Kafka."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from uuid import UUID

from aiokafka import TopicPartition

from libs.delivery.kafka import KafkaSettings, make_offset_keeper
from libs.delivery.publisher import Publisher
from libs.events.envelope import Event
from libs.events.identity import make_event, source_of
from libs.events.models import NoticeSent
from libs.events.topics import NOTICES_SENT, consumer_group
from libs.ledger.note import Signer
from libs.operate import broker
from libs.operate.backup.archive import Reader
from libs.operate.backup.restore import restore, verified
from libs.operate.backup.take import take
from libs.operate.where import DEFAULTS, Addresses
from tests.brokers import free_port
from tests.heard import MOMENT
from tests.integration.notifier_parts import MASTER_KEY, PSEUDONYM_KEY, SMALL, Notifier

LOG = Signer("guichet.example/audit", bytes(range(64, 96)))
NOTICES = TopicPartition(NOTICES_SENT, 0)


@dataclass
class Lost:
    """`old` was backed up and is gone; `new` is empty; Kafka goes on."""

    old: Notifier
    new: Notifier
    source: Addresses
    target: Addresses
    kafka: KafkaSettings
    file: Path

    @classmethod
    def between(cls, old_dsn: str, new_dsn: str, bootstrap: str, folder: Path) -> Self:
        _write_keys(folder / "secrets")
        source, target = (
            Addresses(**{**DEFAULTS, "kafka": bootstrap, "dsn": dsn}, home=folder) for dsn in (old_dsn, new_dsn)
        )
        old, new = (Notifier.on(dsn, free_port(), SMALL) for dsn in (old_dsn, new_dsn))
        return cls(old, new, source, target, KafkaSettings(bootstrap_servers=bootstrap), folder / "backup")

    async def close(self) -> None:
        for notifier in (self.old, self.new):
            await notifier.database.close()

    async def back_up(self) -> dict[str, Any]:
        return await take(self.source, self.file, lambda *_: None)

    async def restore(self, *, holds_mails: bool = False) -> dict[str, Any]:
        archive = Reader(self.file)
        verified(self.target.home, archive, lambda *_: None)
        return await restore(self.target, archive, lambda *_: None, holds_mails=holds_mails)

    async def publish(self, *events: Event) -> None:
        publisher = Publisher(self.kafka)
        await publisher.publish(events)
        await publisher.stop()

    async def commit(self, service: str, offset: int) -> None:
        """As if the service had read the first partition of the notices so far."""
        keeper = make_offset_keeper(self.kafka, consumer_group(service))
        async with keeper:
            keeper.assign([NOTICES])
            await keeper.commit({NOTICES: offset})

    async def read_on(self, service: str) -> int | None:
        return (await broker.committed(self.kafka, service)).get(NOTICES)


def _write_keys(folder: Path) -> None:
    folder.mkdir()
    for name, key in {"master": MASTER_KEY, "pseudonym": PSEUDONYM_KEY, "audit": LOG.seed}.items():
        (folder / f"{name}.key").write_text(base64.b64encode(key).decode())


async def told_of(notifier: Notifier, event: Event) -> list[Event]:
    """What the notifier would say after it had sent everything that it planned for this event."""
    rows = await notifier.rows("SELECT * FROM notifier.notices WHERE event_id = $1", event.id)
    names = ("audience", "kind", "channel", "recipient", "language")
    of = UUID(event.subject)
    notices = [
        NoticeSent(
            notice_id=UUID(int=row["notice_id"].int),
            request_id=of,
            attempts=1,
            message_id=f"<{row['notice_id']}@town.example>",
            **{name: row[name] for name in names},
        )
        for row in rows
    ]
    return [make_event(one, source=source_of("notifier"), of=of, time=MOMENT, causation_id=event.id) for one in notices]
