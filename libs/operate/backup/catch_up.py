"""What happened after the backup, when Kafka still knows it? Only PostgreSQL was lost then.

Every service hears again what the topics hold since the backup. What the notifier did meanwhile is put into its ledger
first, so that nobody is told twice.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from libs.delivery.connections import Connection
from libs.delivery.kafka import STOP_SECONDS_MAX, KafkaSettings, make_offset_keeper, within
from libs.events.audit import CheckpointPublished
from libs.events.cloudevents import decode
from libs.events.envelope import Event, InvalidEvent
from libs.events.models import NoticeFailed, NoticeIndeterminate, NoticeSent, RequestAccepted
from libs.events.topics import (
    AUDIT_CHECKPOINTS,
    NOTICES_SENT,
    REQUESTS_ACCEPTED,
    SERVICES,
    TOPICS,
    consumer_group,
)
from libs.operate import broker
from libs.operate.backup import rows
from libs.operate.backup.manifest import Manifest
from libs.operate.backup.records import groups_of
from libs.operate.backup.rows import Ended
from libs.operate.broker import Span, Spans
from libs.operate.output import Away

PAGE_EVENTS = 1000
STATES = {NoticeSent: "sent", NoticeFailed: "failed", NoticeIndeterminate: "indeterminate"}


async def last_signed(settings: KafkaSettings, manifest: Manifest, held: Spans) -> CheckpointPublished | None:
    """The longest log that was signed since the backup, as far as the topic knows."""
    longest: CheckpointPublished | None = None
    async for page in _pages(settings, manifest, held, AUDIT_CHECKPOINTS):
        for event in page:
            if isinstance(event.data, CheckpointPublished) and (longest is None or event.data.size > longest.size):
                longest = event.data
    return longest


async def settle_notices(settings: KafkaSettings, manifest: Manifest, held: Spans, conn: Connection) -> int:
    """Put into the ledger how notices ended since the backup; how many it had not known."""
    count = 0
    async for page in _pages(settings, manifest, held, NOTICES_SENT):
        # Each once: of a notice that is there twice the last word counts.
        ended = {one.notice_id: one for event in page if (one := _ended(event)) is not None}
        count += await rows.settle(conn, ended.values())
    return count


def _ended(event: Event) -> Ended | None:
    notice = event.data
    if not isinstance(notice, NoticeSent | NoticeFailed | NoticeIndeterminate) or event.causation_id is None:
        return None
    return Ended(
        notice_id=notice.notice_id,
        state=STATES[type(notice)],
        at=event.time,
        attempts=notice.attempts,
        message_id=notice.message_id,
        reason=notice.reason,
        event_id=event.causation_id,
        request_id=notice.request_id,
        audience=notice.audience,
        kind=notice.kind,
        channel=notice.channel,
        recipient=notice.recipient,
        language=notice.language,
        directory_version=event.directory_version,
    )


async def lost_requests(settings: KafkaSettings, manifest: Manifest, held: Spans, conn: Connection) -> list[UUID]:
    """Requests that were accepted after the backup: Kafka has their events, and the database not their keys."""
    lost: list[UUID] = []
    async for page in _pages(settings, manifest, held, REQUESTS_ACCEPTED):
        accepted = [event.data.request_id for event in page if isinstance(event.data, RequestAccepted)]
        lost += await rows.unknown_among(conn, accepted)
    return list(dict.fromkeys(lost))


async def set_back(settings: KafkaSettings, manifest: Manifest) -> None:
    """Let every service read on from where it had come to at the backup. Raises `Away` when one of them is reading."""
    for service in SERVICES:
        offsets = {
            TopicPartition(topic, partition): OffsetAndMetadata(_read(manifest, service, topic, partition), "")
            for topic, ends in manifest.ends.items()
            if topic in TOPICS and service in groups_of(TOPICS[topic])
            for partition in ends
        }
        keeper = make_offset_keeper(settings, consumer_group(service))
        try:
            await keeper.start()
            keeper.assign(list(offsets))
            await keeper.commit(offsets)
        except (KafkaError, OSError, TimeoutError) as error:
            raise Away(f"the offsets of {service} were not set back ({error}); run the same restore again") from error
        finally:
            await within(STOP_SECONDS_MAX, keeper.stop(), "an offset keeper")


def _read(manifest: Manifest, service: str, topic: str, partition: int) -> int:
    """Who had read nothing begins at the first."""
    return manifest.groups.get(service, {}).get(topic, {}).get(partition, 0)


def _since(manifest: Manifest, held: Spans, topic: str) -> Spans:
    """What came after the backup."""
    ends = manifest.ends.get(topic, {})
    return {
        at: Span(max(span.first, ends.get(at.partition, 0)), span.end) for at, span in held.items() if at.topic == topic
    }


async def _pages(settings: KafkaSettings, manifest: Manifest, held: Spans, topic: str) -> AsyncIterator[list[Event]]:
    page: list[Event] = []
    spans = {at: span for at, span in _since(manifest, held, topic).items() if span.records > 0}
    if not spans:
        return
    async with broker.connected(settings) as reader, aclosing(broker.read(reader, spans, lambda _: None)) as found:
        async for record in found:
            try:
                page.append(decode(record.value, record.headers))
            except InvalidEvent:
                continue  # no event of ours, and none of a service's
            if len(page) == PAGE_EVENTS:
                yield page
                page = []
    if page:
        yield page
