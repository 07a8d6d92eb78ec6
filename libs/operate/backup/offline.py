"""How is a backup restored on one machine? Beside Kafka and PostgreSQL alone: no service starts before it is done."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from libs.delivery.provision import provision
from libs.operate import programs
from libs.operate.embedded.errors import EmbeddedError
from libs.operate.embedded.free_port import free_port_from
from libs.operate.embedded.kafka import EmbeddedKafka
from libs.operate.embedded.postgres import EmbeddedPostgres
from libs.operate.output import Stopped
from libs.operate.supervise import PORTS_LOCK
from libs.operate.system import HeldByAnother, Home, held
from libs.operate.where import DEFAULTS, Addresses


@contextmanager
def servers_alone(home: Home) -> Iterator[Addresses]:
    """Kafka with its topics, and PostgreSQL, in this folder, and stopped afterwards. Meanwhile `guichet up` waits."""
    try:
        with held(home.lock_file):
            yield from _started(home)
    except HeldByAnother as error:
        raise Stopped(f"a system runs in {home.folder}; stop it with `guichet down`, then restore") from error
    except EmbeddedError as error:
        raise Stopped(str(error)) from error


def _started(home: Home) -> Iterator[Addresses]:
    postgres = EmbeddedPostgres(home.postgres)
    with held(PORTS_LOCK, waiting=True):
        kafka = EmbeddedKafka(home.kafka, free_port_from(programs.DEFAULT_PORTS["kafka"]))
        kafka.start()
    try:
        postgres.start()
        asyncio.run(provision(kafka.bootstrap))
        yield Addresses(**{**DEFAULTS, "kafka": kafka.bootstrap, "dsn": postgres.dsn}, home=home.folder)
    finally:
        postgres.stop()
        kafka.stop()
