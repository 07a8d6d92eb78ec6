"""Is a leaf that was changed after it was signed noticed, although nobody asks?"""

from collections.abc import AsyncIterator

import pytest

from libs.ledger.note import Signer
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.audit import rounds as rounds_module
from services.audit.record import record
from services.audit.rounds import Rounds
from services.audit.sign import CheckpointSigner
from tests.heard import MOMENT, heard_notices
from tests.stack import FreshDatabase

LOG = Signer("ville.example/log", bytes(range(32)))
LEAVES = 700
# A row that fits itself: whoever can write the rows can do that too.
ALTERED = """
UPDATE audit.leaves SET entry = entry || ' '::bytea, leaf_hash = sha256('\\x00'::bytea || entry || ' '::bytea)
WHERE leaf_index = $1
"""


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn)
    await record(database, heard_notices(LEAVES))
    await CheckpointSigner(database, LOG, (), lambda: MOMENT, Metrics("audit")).sign_news()
    yield database
    await database.close()


@pytest.fixture
def rounds(database: Database, monkeypatch: pytest.MonkeyPatch) -> Rounds:
    monkeypatch.setattr(rounds_module, "TURN_LEAVES", 300)
    return Rounds(database, [LOG.verifier], lambda: MOMENT)


async def go_round(rounds: Rounds) -> None:
    while await rounds.turn():
        pass


async def verified(rounds: Rounds) -> float:
    return (await rounds.gauges())["verified_leaves"]


async def test_an_unchanged_log_is_gone_through_turn_by_turn_and_then_again(rounds: Rounds) -> None:
    seen = []
    for _ in range(2):
        while await rounds.turn():
            seen.append(await verified(rounds))
    assert seen == [300, 600, 700, 700]  # the second round forgets nothing of the first
    assert await verified(rounds) == LEAVES
    assert rounds.alarms() == []
    assert await rounds.checks() == {"log": True}
    assert (await rounds.gauges())["checkpoint_age_seconds"] == 0


@pytest.mark.parametrize(("leaf", "known_from"), [(10, 0), (300, 256), (699, 0)])
async def test_a_leaf_changed_with_its_hash_is_found_and_told_until_it_is_put_right(
    database: Database, rounds: Rounds, leaf: int, known_from: int
) -> None:
    await go_round(rounds)
    async with database.transaction() as conn:
        was = await conn.fetchrow("SELECT entry, leaf_hash FROM audit.leaves WHERE leaf_index = $1", leaf)
        await conn.execute(ALTERED, leaf)
    await go_round(rounds)
    (alarm,) = rounds.alarms()
    assert (alarm["kind"], alarm["leaf"]) == ("log-altered", known_from)
    assert await verified(rounds) == known_from
    assert await rounds.checks() == {"log": False}
    async with database.transaction() as conn:
        put_right = "UPDATE audit.leaves SET entry = $2, leaf_hash = $3 WHERE leaf_index = $1"
        await conn.execute(put_right, leaf, was["entry"], was["leaf_hash"])
    await go_round(rounds)
    assert rounds.alarms() == []
    assert await verified(rounds) == LEAVES


async def test_a_row_that_is_gone_or_does_not_fit_its_hash_is_named_exactly(database: Database, rounds: Rounds) -> None:
    async with database.transaction() as conn:
        await conn.execute("UPDATE audit.leaves SET leaf_hash = sha256('') WHERE leaf_index = 420")
    await go_round(rounds)
    assert rounds.alarms()[0]["leaf"] == 420
    async with database.transaction() as conn:
        await conn.execute("DELETE FROM audit.leaves WHERE leaf_index = 350")
    await go_round(rounds)
    assert rounds.alarms()[0]["leaf"] == 350


async def test_a_log_that_is_not_signed_yet_has_nothing_to_go_through(fresh_database: FreshDatabase) -> None:
    database = Database(fresh_database.dsn)
    rounds = Rounds(database, [LOG.verifier], lambda: MOMENT)
    assert not await rounds.turn()
    assert await rounds.gauges() == {"verified_leaves": 0.0, "checkpoint_age_seconds": 0.0}
    await database.close()
