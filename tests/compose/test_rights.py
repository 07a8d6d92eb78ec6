"""May a service do in Kafka and in PostgreSQL what is another's? Tried from inside, as the service itself."""

import pytest

from libs.events.topics import AUDIT_CHECKPOINTS, REQUESTS_ACCEPTED, REQUESTS_PROGRESSED, REQUESTS_ROUTED, dead_topic
from tests.compose.project import Project

WRITES = """
import asyncio
from libs.delivery.kafka import make_producer
from libs.service.settings import SharedSettings

async def write(topic):
    producer = make_producer(SharedSettings().kafka("tries"))
    await producer.start()
    try:
        await producer.send_and_wait(topic, b"not mine")
        return "written"
    except Exception as error:
        return type(error).__name__
    finally:
        await producer.stop()

print(asyncio.run(write("{topic}")))
"""
READS = """
import asyncio
from libs.delivery.kafka import make_admin
from libs.service.settings import SharedSettings

async def topics():
    admin = make_admin(SharedSettings().kafka("tries"))
    await admin.start()
    try:
        return sorted(await admin.list_topics())
    finally:
        await admin.close()

print(asyncio.run(topics()))
"""
ENTERS = """
import asyncio
from dataclasses import replace
from libs.delivery.kafka import make_admin
from libs.service.settings import SharedSettings

async def enter():
    settings = SharedSettings().kafka("tries")
    admin = make_admin(replace(settings, {changes}))
    try:
        await admin.start()
        return "entered"
    except Exception as error:
        return type(error).__name__
    finally:
        await admin.close()

print(asyncio.run(enter()))
"""
ASKS = """
import asyncio, asyncpg
from libs.service.settings import SharedSettings

async def ask():
    conn = await asyncpg.connect(SharedSettings().database)
    try:
        await conn.execute({statement!r})
        return "done"
    except Exception as error:
        return type(error).__name__
    finally:
        await conn.close()

print(asyncio.run(ask()))
"""


@pytest.mark.parametrize(
    ("service", "topic"),
    [
        ("audit", REQUESTS_ACCEPTED),
        ("audit", REQUESTS_ROUTED),
        ("router", REQUESTS_ACCEPTED),
        ("router", REQUESTS_PROGRESSED),
        ("router", AUDIT_CHECKPOINTS),
        ("notifier", REQUESTS_ROUTED),
        ("notifier", dead_topic("intake")),
        ("intake", REQUESTS_ROUTED),
    ],
)
def test_a_service_cannot_write_to_anothers_topic(project: Project, service: str, topic: str) -> None:
    said = project.python_in(service, WRITES.replace("{topic}", topic))
    assert said.strip() == "TopicAuthorizationFailedError"


def test_a_service_sees_only_the_topics_of_its_map(project: Project) -> None:
    said = project.python_in("router", READS)
    assert REQUESTS_ROUTED in said
    assert AUDIT_CHECKPOINTS not in said
    assert dead_topic("notifier") not in said


@pytest.mark.parametrize(
    "changes", ["password='wrong'", "security_protocol='PLAINTEXT'", "username='admin', sasl_mechanism='PLAIN'"]
)
def test_nobody_enters_kafka_without_the_right_password(project: Project, changes: str) -> None:
    said = project.python_in("router", ENTERS.replace("{changes}", changes)).strip()
    assert said
    assert said != "entered"


@pytest.mark.parametrize(
    ("service", "statement"),
    [
        ("audit", "SELECT * FROM vault.request_keys"),
        ("audit", "SELECT * FROM intake.requests"),
        ("intake", "SELECT * FROM audit.leaves"),
        ("notifier", "DELETE FROM vault.request_keys"),
        ("notifier", "SELECT * FROM intake.requests"),
        ("intake", "CREATE TABLE public.mine (id int)"),
    ],
)
def test_a_service_cannot_ask_for_anothers_rows(project: Project, service: str, statement: str) -> None:
    assert project.python_in(service, ASKS.format(statement=statement)).strip() == "InsufficientPrivilegeError"


def test_the_router_has_no_way_into_the_database(project: Project) -> None:
    script = "from libs.service.settings import SharedSettings; print(SharedSettings().database)"
    assert project.python_in("router", script).strip() == "None"
