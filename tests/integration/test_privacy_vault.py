"""Are keys kept wrapped, one for each request, and is a missing one an erased request?"""

from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest

from libs.privacy.errors import Erased, Unreadable
from libs.privacy.seal import new_key, seal, unseal
from libs.privacy.vault import Vault
from libs.service.postgres import Database
from tests.stack import FreshDatabase

FIRST, SECOND = UUID("019a0000-0000-7000-8000-000000000001"), UUID("019a0000-0000-7000-8000-000000000002")
MASTER = bytes(range(32))


@pytest.fixture
async def database(fresh_database: FreshDatabase) -> AsyncIterator[Database]:
    database = Database(fresh_database.dsn)
    yield database
    await database.close()


async def test_keys_are_found_again_and_kept_wrapped(database: Database) -> None:
    vault, keys = Vault(MASTER), {FIRST: new_key(), SECOND: new_key()}
    async with database.transaction() as conn:
        await vault.put(conn, keys)
        assert await vault.keys(conn, [SECOND, FIRST, SECOND]) == keys
        wrapped = await conn.fetchval("SELECT wrapped FROM vault.request_keys WHERE request_id = $1", FIRST)
    assert keys[FIRST] not in wrapped


async def test_a_request_whose_key_was_deleted_is_erased(database: Database) -> None:
    vault, key = Vault(MASTER), new_key()
    sealed = seal(key, FIRST, "contact", b"x")
    async with database.transaction() as conn:
        await vault.put(conn, {FIRST: key})
        await conn.execute("DELETE FROM vault.request_keys")
        keys = await vault.keys(conn, [FIRST])
    with pytest.raises(Erased):
        unseal(keys.get(FIRST), FIRST, "contact", sealed)


async def test_a_second_key_for_a_request_fails_the_transaction(database: Database) -> None:
    vault, key = Vault(MASTER), new_key()
    async with database.transaction() as conn:
        await vault.put(conn, {FIRST: key})
    with pytest.raises(asyncpg.UniqueViolationError):
        async with database.transaction() as conn:
            await vault.put(conn, {SECOND: new_key(), FIRST: new_key()})
    async with database.connection() as conn:
        assert await vault.keys(conn, [FIRST, SECOND]) == {FIRST: key}


async def test_another_master_key_is_not_taken_for_an_erasure(database: Database) -> None:
    async with database.transaction() as conn:
        await Vault(MASTER).put(conn, {FIRST: new_key()})
        with pytest.raises(Unreadable, match="master key"):
            await Vault(bytes(32)).keys(conn, [FIRST])
