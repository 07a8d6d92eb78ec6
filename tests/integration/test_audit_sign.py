"""Is only what the rows say ever signed, and is any change to them found and named?"""

from collections.abc import AsyncIterator
from itertools import pairwise
from uuid import UUID

import pytest

from libs.ledger.checkpoint import open_checkpoint
from libs.ledger.note import Signer
from libs.ledger.paths import consistency_nodes, is_consistent, prove_consistency
from libs.ledger.verify import Verdict
from libs.operate.ledger_rows import inspect
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit import sign, store
from services.audit.record import record
from services.audit.sign import CheckpointSigner, LogDisagrees
from tests.heard import MOMENT, heard_notices
from tests.stack import FreshDatabase

LOG = Signer("ville.example/log", bytes(range(32)))
OLD_KEY = Signer("ville.example/log", bytes(32))


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn)
    yield database
    await database.close()


def signer_of(database: Database, key: Signer = LOG, *former: Signer) -> CheckpointSigner:
    return CheckpointSigner(database, key, tuple(old.verifier for old in former), lambda: MOMENT, Metrics("audit"))


async def verdict_on(log: FreshDatabase) -> Verdict:
    """As `guichet audit verify` reads it."""
    return await inspect(log.dsn, [LOG.verifier], lambda _done, _total: None)


async def tamper(database: Database, *statements: str) -> None:
    async with database.transaction() as conn:
        for statement in statements:
            await conn.execute(statement)


async def test_news_is_signed_once_and_published(database: Database, fresh_database: FreshDatabase) -> None:
    signer = signer_of(database)
    assert await signer.sign_news() is None
    await record(database, heard_notices(300))
    checkpoint = await signer.sign_news()
    assert checkpoint is not None
    assert checkpoint.size == 300
    assert await signer.sign_news() is None
    async with database.connection() as conn:
        latest = await store.latest_checkpoint(conn)
        announced = await conn.fetch("SELECT topic, key FROM audit.outbox")
    assert latest is not None
    assert open_checkpoint(latest.note, [LOG.verifier]) == checkpoint
    assert [row["key"] for row in announced] == [b"ville.example/log"]
    assert (await verdict_on(fresh_database)).ok


async def test_each_checkpoint_is_shown_to_continue_the_one_before(database: Database) -> None:
    signer, signed = signer_of(database), []
    for count in (3, 300, 1, 700):
        await record(database, heard_notices(count))
        signed.append(await signer.sign_news())
    for old, new in pairwise(signed):
        assert old is not None
        assert new is not None
        async with database.connection() as conn:
            kept = await store.hashes(conn, consistency_nodes(old.size, new.size))
        path = prove_consistency(old.size, new.size, kept.__getitem__)
        assert is_consistent(old.size, new.size, old.root, new.root, path)


async def test_a_restarted_signer_goes_on_from_the_last_checkpoint(
    database: Database, fresh_database: FreshDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign, "REHASH_ROWS_MAX", 64)
    await record(database, heard_notices(600))
    await signer_of(database).sign_news()
    await record(database, heard_notices(150))
    checkpoint = await signer_of(database).sign_news()
    assert checkpoint is not None
    assert checkpoint.size == 750
    assert (await verdict_on(fresh_database)).ok


async def test_two_signers_sign_each_size_once(database: Database, fresh_database: FreshDatabase) -> None:
    one, other = signer_of(database), signer_of(database)
    for count in (5, 5):
        await record(database, heard_notices(count))
        assert [await one.sign_news() is None, await other.sign_news() is None] == [False, True]
    assert (await verdict_on(fresh_database)).ok


SHORTEN = "UPDATE audit.leaves SET entry = substr(entry, 2) WHERE leaf_index = {0}"
REWRITE = """
    UPDATE audit.leaves SET entry = replace(encode(entry, 'escape'), 'Sent', 'Read')::bytea,
           leaf_hash = sha256('\\x00'::bytea || replace(encode(entry, 'escape'), 'Sent', 'Read')::bytea)
    WHERE leaf_index = {0}
"""
DELETE = "DELETE FROM audit.leaves WHERE leaf_index = {0}"
EXCHANGE = """
    UPDATE audit.leaves a SET entry = b.entry, leaf_hash = b.leaf_hash FROM audit.leaves b
    WHERE (a.leaf_index, b.leaf_index) IN (({0}, {0} + 1), ({0} + 1, {0}))
"""


@pytest.mark.parametrize(
    "statement", [SHORTEN, REWRITE, DELETE, EXCHANGE], ids=["shortened", "rewritten", "deleted", "exchanged"]
)
async def test_rows_changed_before_they_are_signed_are_never_signed(database: Database, statement: str) -> None:
    signer = signer_of(database)
    await record(database, heard_notices(100))
    await signer.sign_news()
    await record(database, heard_notices(100))
    await tamper(database, statement.format(150))
    with pytest.raises(LogDisagrees, match="guichet audit verify"):
        await signer.sign_news()
    with pytest.raises(LogDisagrees):
        await signer_of(database).sign_news()
    async with database.connection() as conn:
        latest = await store.latest_checkpoint(conn)
    assert latest is not None
    assert latest.size == 100


@pytest.mark.parametrize(
    ("statement", "index", "what"),
    [
        (SHORTEN, 150, "hash of the entry"),
        (REWRITE, 100, "root of checkpoint of size 200: one of the leaves 100 to 199 is not the signed one"),
        (DELETE, 150, "row"),
        (EXCHANGE, 150, "index in the entry"),
        ("UPDATE audit.leaves SET request_id = NULL WHERE leaf_index = {0}", 150, "request_id"),
        ("UPDATE audit.leaves SET leaf_index = 10000 WHERE leaf_index = {0}", 150, "row"),
        (
            "UPDATE audit.checkpoints SET note = replace(note, '200', '199') WHERE size = 200",
            199,
            "checkpoint of size 200",
        ),
        ("UPDATE audit.tree SET size = 200", 200, "row"),
    ],
    ids=["shortened", "rewritten", "deleted", "exchanged", "hidden", "moved", "checkpoint", "head"],
)
async def test_rows_changed_after_they_were_signed_are_found_and_named(
    database: Database, fresh_database: FreshDatabase, statement: str, index: int, what: str
) -> None:
    signer = signer_of(database)
    for _ in range(3):
        await record(database, heard_notices(100))
        await signer.sign_news()
    await tamper(database, statement.format(150))
    difference = (await verdict_on(fresh_database)).first_difference
    assert difference is not None
    assert (difference.index, difference.what) == (index, what)


async def test_a_leaf_smuggled_in_behind_the_head_is_named(database: Database, fresh_database: FreshDatabase) -> None:
    await record(database, heard_notices(10))
    await signer_of(database).sign_news()
    await tamper(
        database,
        "INSERT INTO audit.leaves SELECT 10, gen_random_uuid(), request_id, leaf_hash, entry FROM audit.leaves LIMIT 1",
    )
    difference = (await verdict_on(fresh_database)).first_difference
    assert difference is not None
    assert difference.index == 10


async def test_a_head_that_went_back_behind_what_was_signed_stops_the_signing(database: Database) -> None:
    signer = signer_of(database)
    await record(database, heard_notices(10))
    await signer.sign_news()
    await tamper(database, "UPDATE audit.tree SET size = 0, root = sha256(''), frontier = ''")
    with pytest.raises(LogDisagrees, match="10 were there before"):
        await signer.sign_news()


async def test_signed_rows_that_are_gone_stop_a_starting_signer(database: Database) -> None:
    await record(database, heard_notices(10))
    await signer_of(database).sign_news()
    await tamper(database, DELETE.format(9))
    with pytest.raises(LogDisagrees, match="some are gone"):
        await signer_of(database).sign_news()


async def test_a_new_key_needs_the_old_one_to_be_named(database: Database) -> None:
    await record(database, heard_notices(10))
    await signer_of(database, OLD_KEY).sign_news()
    await record(database, heard_notices(10))
    with pytest.raises(LogDisagrees, match="AUDIT_FORMER_VERIFIER_KEYS"):
        await signer_of(database).sign_news()
    checkpoint = await signer_of(database, LOG, OLD_KEY).sign_news()
    assert checkpoint is not None
    assert checkpoint.size == 20


async def test_a_checkpoint_and_its_publication_are_kept_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await record(database, heard_notices(10))
    signer = signer_of(database)
    with monkeypatch.context() as patched:
        patched.setattr(sign.outbox, "append", failing)
        with pytest.raises(ZeroDivisionError):
            await signer.sign_news()
    async with database.connection() as conn:
        assert await store.latest_checkpoint(conn) is None
    assert await signer.sign_news() is not None


async def failing(*_: object) -> None:
    raise ZeroDivisionError


async def test_what_audit_counts_is_leaves_and_signed_ones(database: Database) -> None:
    await record(database, heard_notices(10))
    await signer_of(database).sign_news()
    await record(database, heard_notices(1, 90, UUID("019a0000-0000-7000-8000-000000000001")))
    async with database.connection() as conn:
        assert await store.counts(conn) == {"leaves": 11, "signed": 10, "other_contents": 0}
