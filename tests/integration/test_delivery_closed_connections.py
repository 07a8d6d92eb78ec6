"""Does a client of Kafka live on when its connection is closed in the moment before it writes?"""

import asyncio
import inspect
from typing import Any

import aiokafka.conn
import pytest
import uvloop
from aiokafka import AIOKafkaClient
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from libs.delivery.closed_connections import WRITERS
from tests.brokers import Kafka


async def _close_unnoticed(connection: AIOKafkaConnection) -> None:
    """As it is between the end of a connection and the moment in which aiokafka's reader hears of it."""
    connection._read_task.cancel()
    connection._writer.transport.abort()
    await asyncio.sleep(0.05)  # uvloop ends it in its next rounds


def test_the_task_that_keeps_the_metadata_fresh_lives_on(kafka: Kafka) -> None:
    """Once it had ended, a killed broker left a consumer without a coordinator for ever."""
    uvloop.run(_closed_before_the_metadata_is_asked_for(kafka.bootstrap))


async def _closed_before_the_metadata_is_asked_for(bootstrap: str) -> None:
    client = AIOKafkaClient(bootstrap_servers=bootstrap)
    await client.bootstrap()
    connect, closed = client._get_conn, list[AIOKafkaConnection]()

    async def connect_and_close(*arguments: Any, **options: Any) -> AIOKafkaConnection:
        connection = await connect(*arguments, **options)
        if not closed:
            closed.append(connection)
            await _close_unnoticed(connection)
        return connection

    client._get_conn = connect_and_close
    try:
        async with asyncio.timeout(30):
            await client.force_metadata_update()
            assert closed
            assert await client.force_metadata_update()
        assert not client._sync_task.done()
    finally:
        await client.close()


def test_a_write_to_it_is_an_error_of_the_connection_and_closes_it(kafka: Kafka) -> None:
    uvloop.run(_written_to_after_it_was_closed(kafka.bootstrap))


async def _connected(bootstrap: str) -> AIOKafkaConnection:
    host, port = bootstrap.rsplit(":", 1)
    connection = AIOKafkaConnection(host, int(port))
    await connection.connect()
    return connection


async def _written_to_after_it_was_closed(bootstrap: str) -> None:
    connection = await _connected(bootstrap)
    await _close_unnoticed(connection)
    with pytest.raises(KafkaConnectionError, match="was closed"):
        connection.send(ApiVersionRequest())
    assert not connection.connected()


def test_another_error_of_a_write_stays_what_it_is(kafka: Kafka) -> None:
    uvloop.run(_a_bug_in_the_request(kafka.bootstrap))


async def _a_bug_in_the_request(bootstrap: str) -> None:
    class Broken(ApiVersionRequest):
        def prepare(self, _versions: object) -> Any:
            raise RuntimeError("a bug")

    connection = await _connected(bootstrap)
    try:
        with pytest.raises(RuntimeError, match="a bug"):
            connection.send(Broken())
        assert connection.connected()
    finally:
        connection.close()


def test_every_place_where_a_connection_is_written_to_is_told() -> None:
    """Fails when aiokafka writes somewhere else, or names its places anew."""
    writing = [
        name
        for name, code in inspect.getmembers(AIOKafkaConnection, inspect.isfunction)
        if "_writer.write(" in inspect.getsource(inspect.unwrap(code))
    ]
    assert sorted(writing) == sorted(WRITERS)
    assert inspect.getsource(aiokafka.conn).count("_writer.write(") == len(WRITERS)
