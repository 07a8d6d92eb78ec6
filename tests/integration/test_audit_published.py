"""Is a log that does not extend what was published of it recorded on, signed, or passed by a verification? Never."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import RecordsToDelete

from libs.delivery.kafka import KafkaSettings, make_admin
from libs.delivery.publisher import Publisher
from libs.events.audit import CheckpointPublished
from libs.events.identity import id_at, make_event, source_of
from libs.events.topics import AUDIT_CHECKPOINTS
from libs.ledger.checkpoint import Checkpoint
from libs.ledger.note import Signer
from libs.ledger.tree import Frontier, leaf_hash
from libs.ledger.verify import Verdict
from libs.operate.ledger_rows import inspect
from libs.operate.published import published_checkpoints
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit.published import PublishedLog
from services.audit.record import record
from services.audit.sign import CheckpointSigner, LogDisagrees
from tests.brokers import Kafka
from tests.heard import MOMENT, heard_notices
from tests.stack import FreshDatabase


class PublicLog:
    """A log under a name of its own, beside a topic that others write to as well."""

    def __init__(self, dsn: str, bootstrap: str) -> None:
        self.dsn, self.database = dsn, Database(dsn)
        self.kafka = KafkaSettings(bootstrap_servers=bootstrap)
        self.key = Signer(f"town-{uuid4().hex[:8]}.example/log", bytes(range(32)))

    async def refuse(self, key: Signer | None = None, *former: Signer) -> None:
        verifiers = [one.verifier for one in (key or self.key, *former)]
        await PublishedLog(self.database, self.kafka, verifiers).refuse_contradiction()

    async def signed(self, leaves: int, key: Signer | None = None) -> Checkpoint:
        """So many leaves more, signed and published."""
        await record(self.database, heard_notices(leaves))
        signer = CheckpointSigner(self.database, key or self.key, (), lambda: MOMENT, Metrics("audit"))
        checkpoint = await signer.sign_news()
        assert checkpoint is not None
        await self.publish(checkpoint, key or self.key)
        return checkpoint

    async def publish(self, checkpoint: Checkpoint, key: Signer) -> None:
        note = checkpoint.signed_by(key)
        data = CheckpointPublished(origin=checkpoint.origin, size=checkpoint.size, root=checkpoint.root_text, note=note)
        publisher = Publisher(self.kafka)
        await publisher.publish(
            [make_event(data, source=source_of("audit"), of=id_at(MOMENT, note.encode()), time=MOMENT)]
        )
        await publisher.stop()

    async def run(self, statement: str, *arguments: Any) -> None:
        async with self.database.transaction() as conn:
            await conn.execute(statement, *arguments)

    async def rewrite(self, leaves: int, changed: int) -> None:
        """All of the log anew with one leaf changed, as whoever can write the rows and knows the format would."""
        async with self.database.transaction() as conn:
            rows = await conn.fetch(
                "SELECT leaf_index, entry FROM audit.leaves WHERE leaf_index < $1 ORDER BY 1", leaves
            )
            await conn.execute("DELETE FROM audit.leaves WHERE leaf_index >= $1", leaves)
            await conn.execute("DELETE FROM audit.tile_roots")
            await conn.execute("DELETE FROM audit.checkpoints")
            frontier = Frontier()
            for row in rows:
                entry = row["entry"].replace(b"Sent", b"Held") if row["leaf_index"] == changed else row["entry"]
                digest = leaf_hash(entry)
                tiles = frontier.append(digest)
                update = "UPDATE audit.leaves SET entry = $2, leaf_hash = $3 WHERE leaf_index = $1"
                await conn.execute(update, row["leaf_index"], entry, digest)
                for node, root in tiles:
                    await conn.execute(
                        "INSERT INTO audit.tile_roots VALUES ($1, $2, $3)", node.height, node.number, root
                    )
            head = (frontier.size, frontier.root(), frontier.to_bytes())
            await conn.execute("UPDATE audit.tree SET size = $1, root = $2, frontier = $3", *head)

    async def verdict(self, key: Signer | None = None) -> Verdict:
        """As `guichet audit verify` comes to it."""
        own = (key or self.key).verifier
        published = await published_checkpoints(self.kafka, own.name, lambda _done, _total: None)
        return await inspect(self.dsn, [own], lambda _done, _total: None, published)


@pytest.fixture
async def log(fresh_database: FreshDatabase, topics: Kafka) -> AsyncIterator[PublicLog]:
    log = PublicLog(fresh_database.dsn, topics.bootstrap)
    yield log
    await log.database.close()


@pytest.mark.parametrize("added", [0, 40], ids=["as long as it was", "gone on with"])
async def test_a_log_rewritten_as_a_whole_is_not_signed(log: PublicLog, added: int) -> None:
    await log.signed(200)
    checkpoint = await log.signed(100)
    await log.refuse()
    await log.rewrite(300, changed=13)
    if added:
        await record(log.database, heard_notices(added))
    with pytest.raises(LogDisagrees, match="the first 300 leaves are not those that were signed and published") as told:
        await log.refuse()
    assert checkpoint.root_text in str(told.value)
    assert f"AUDIT_ORIGIN={log.key.name}/2" in str(told.value)


async def test_the_verification_shows_what_was_published_of_a_log_that_was_rewritten(log: PublicLog) -> None:
    published = [await log.signed(200), await log.signed(100)]
    assert (await log.verdict()).ok
    await log.rewrite(300, changed=13)
    await CheckpointSigner(log.database, log.key, (), lambda: MOMENT, Metrics("audit")).sign_news()
    verdict = await log.verdict()
    difference = verdict.first_difference
    assert difference is not None
    assert (verdict.ok, difference.index) == (False, 0)
    assert difference.what.startswith("root of published checkpoint of size 200: one of the leaves 0 to 199")
    assert difference.expected == published[0].root_text != difference.found


async def test_a_database_that_was_set_back_is_not_signed_again(log: PublicLog) -> None:
    await log.signed(200)
    async with log.database.connection() as conn:
        head = await conn.fetchrow("SELECT size, root, frontier FROM audit.tree")
    checkpoint = await log.signed(100)
    await log.run("DELETE FROM audit.leaves WHERE leaf_index >= 200")
    await log.run("DELETE FROM audit.salts WHERE leaf_index >= 200")
    await log.run("DELETE FROM audit.tile_roots")
    await log.run("DELETE FROM audit.checkpoints WHERE size > 200")
    await log.run("UPDATE audit.tree SET size = $1, root = $2, frontier = $3", *head)
    with pytest.raises(LogDisagrees, match="this log has 200 leaves, and 300 were signed and published"):
        await log.refuse()
    difference = (await log.verdict()).first_difference
    assert difference is not None
    assert difference.expected.startswith(f"300 leaves, root {checkpoint.root_text}, as the published")
    await record(log.database, heard_notices(150))  # and longer than it was, under the same name
    with pytest.raises(LogDisagrees, match="the first 300 leaves are not those"):
        await log.refuse()


async def test_a_new_database_beside_a_topic_with_our_checkpoints_is_no_first_start(
    log: PublicLog, second_database: FreshDatabase, topics: Kafka
) -> None:
    await log.signed(20)
    fresh = PublicLog(second_database.dsn, topics.bootstrap)
    fresh.key = log.key
    with pytest.raises(LogDisagrees, match="this log has 0 leaves, and 20 were signed and published"):
        await fresh.refuse()
    fresh.key = Signer(f"{log.key.name}/2", log.key.seed)  # what the refusal says
    await fresh.refuse(fresh.key, log.key)
    await fresh.signed(5)
    await fresh.refuse(fresh.key, log.key)
    assert (await fresh.verdict()).ok
    await fresh.database.close()


async def test_a_first_start_a_log_ahead_of_its_topic_and_a_changed_key_go_on(log: PublicLog) -> None:
    await log.refuse()
    await record(log.database, heard_notices(3))
    await log.refuse()  # killed before it could sign
    await log.signed(10)
    await record(log.database, heard_notices(3))
    await log.refuse()
    other_key = Signer(log.key.name, bytes(32))
    await log.refuse(other_key, log.key)


async def test_what_strangers_put_on_the_topic_stops_nobody(log: PublicLog) -> None:
    checkpoint = await log.signed(10)
    stranger = Signer(log.key.name, bytes(reversed(range(32))))
    await log.publish(Checkpoint(log.key.name, 10, bytes(32)), stranger)
    await log.publish(Checkpoint(log.key.name, 9_999, checkpoint.root), stranger)
    await log.refuse()
    assert (await log.verdict()).ok


async def test_removed_checkpoints_are_no_first_start_when_others_are_named_so(log: PublicLog) -> None:
    await log.signed(10)
    await log.run("DELETE FROM audit.checkpoints")
    with pytest.raises(LogDisagrees, match=r"10 leaves and no checkpoint of its own.*by another key.*FORMER_VERIFIER"):
        await log.refuse(Signer(log.key.name, bytes(32)))


async def test_removed_checkpoints_are_no_first_start_when_the_topic_was_emptied(log: PublicLog) -> None:
    await log.signed(10)
    await log.refuse()
    admin = make_admin(log.kafka)
    await admin.start()
    await admin.delete_records({TopicPartition(AUDIT_CHECKPOINTS, 0): RecordsToDelete(before_offset=-1)})
    await admin.close()
    await log.refuse()  # expired, or deleted: what is kept in the database still holds
    await log.run("DELETE FROM audit.checkpoints")
    with pytest.raises(LogDisagrees, match="has held records and is empty"):
        await log.refuse()
