"""Which tables are refused as older than what their service did, and which go on?"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from aiokafka import TopicPartition

from libs.delivery import set_back
from libs.delivery.kafka import KafkaSettings, make_offset_keeper
from libs.delivery.outbox import append
from libs.delivery.set_back import Positions, SetBack
from libs.events.topics import consumer_group
from libs.service.postgres import Database
from tests.brokers import Kafka
from tests.deliveries import TOPIC, a_notice
from tests.stack import FreshDatabase

PLACE = TopicPartition(TOPIC, 3)
SERVICE = "intake"


@dataclass
class Group:
    """Commits on real Kafka what it is told that was read, in a group that has no members."""

    kafka: KafkaSettings
    name: str
    offsets: dict[TopicPartition, int] = field(default_factory=dict)
    end: int | None = None
    is_member: bool = True

    def committed(self) -> Mapping[TopicPartition, int]:
        return self.offsets

    def end_of(self, _partition: TopicPartition) -> int | None:
        return self.end

    async def leave_notes(self, notes: Mapping[TopicPartition, str], otherwise: str) -> None:
        told = {at: (self.offsets[at], note) for at, note in notes.items()} or {PLACE: (0, otherwise)}
        await self.commit(told)

    async def commit(self, told: Mapping[TopicPartition, tuple[int, str]]) -> None:
        keeper = make_offset_keeper(self.kafka, consumer_group(SERVICE))
        async with keeper:
            keeper.assign(list(told))
            await keeper.commit(dict(told))


@dataclass
class Tables:
    database: Database
    older: Database
    group: Group
    kafka: KafkaSettings

    def positions(self, database: Database | None = None) -> Positions:
        return Positions(database or self.database, SERVICE, self.kafka)

    async def read(self, offset: int) -> None:
        self.group.offsets = {PLACE: offset}
        await self.positions().note(self.group)


@pytest.fixture
async def tables(
    fresh_database: FreshDatabase, second_database: FreshDatabase, topics: Kafka, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Tables]:
    """A service's tables, an older copy of them, and a group of its own on the session's Kafka."""
    group = f"guichet-{uuid4().hex[:8]}"
    for module in (set_back, __import__(__name__, fromlist=["_"])):
        monkeypatch.setattr(module, "consumer_group", lambda _service: group)
    kafka = KafkaSettings(bootstrap_servers=topics.bootstrap)
    tables = Tables(Database(fresh_database.dsn), Database(second_database.dsn), Group(kafka, group), kafka)
    yield tables
    await tables.database.close()
    await tables.older.close()


async def test_tables_older_than_what_their_group_has_read_are_refused(tables: Tables) -> None:
    assert await tables.positions().check() == {}  # a first start
    await tables.read(40)
    await tables.positions().check()
    said = r"of notices.sent.v1 partition 3 they know everything before 0, and Kafka was told 40.*guichet restore"
    with pytest.raises(SetBack, match=said):
        await tables.positions(tables.older).check()


async def test_tables_older_than_their_own_announcements_are_refused_although_nothing_was_read(tables: Tables) -> None:
    async with tables.database.transaction() as conn:
        await append(conn, SERVICE, [a_notice()])
    await tables.positions().note(tables.group)
    await tables.positions().check()
    with pytest.raises(SetBack, match="of its own announcements they know everything before 0, and Kafka was told 1"):
        await tables.positions(tables.older).check()


async def test_tables_that_go_back_while_their_service_runs_are_refused(tables: Tables) -> None:
    tables.group.offsets = {PLACE: 40}
    positions = tables.positions()
    await positions.note(tables.group)
    async with tables.database.transaction() as conn:
        await conn.execute("UPDATE intake.positions SET next_offset = 10")
    with pytest.raises(SetBack, match="before 10, and Kafka was told 40"):
        await positions.note(tables.group)


async def test_a_group_that_is_set_back_to_hear_again_goes_on(tables: Tables) -> None:
    await tables.read(40)
    await tables.group.commit({PLACE: (5, "")})
    await tables.positions().check()
    await tables.read(8)
    await tables.positions().check()
    async with tables.database.connection() as conn:
        assert (await set_back.known_by(conn, SERVICE))[PLACE] == 40  # what was read once is known


@pytest.mark.parametrize("note", ["", "somebody else's words"])
async def test_offsets_that_others_committed_are_no_contradiction(tables: Tables, note: str) -> None:
    """A group moved forward by hand, and what the version before commits while both run."""
    await tables.read(40)
    await tables.group.commit({PLACE: (400, note)})
    await tables.positions().check()
    await tables.positions(tables.older).check()


async def test_a_topic_made_anew_counts_from_the_beginning(tables: Tables) -> None:
    await tables.read(40)
    tables.group.end = 3
    await tables.read(2)
    async with tables.database.connection() as conn:
        assert (await set_back.known_by(conn, SERVICE))[PLACE] == 2
    await tables.positions().check()


async def test_rows_of_the_outbox_that_expired_are_still_known(tables: Tables) -> None:
    async with tables.database.transaction() as conn:
        await append(conn, SERVICE, [a_notice()])
    await tables.positions().note(tables.group)
    async with tables.database.transaction() as conn:
        await conn.execute("DELETE FROM intake.outbox")
    await tables.positions().check()
