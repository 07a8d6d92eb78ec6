"""Whose tables are older than what their service did? Asked of Kafka and of the tables, also while nobody runs."""

import asyncpg

from libs.delivery.errors import KafkaAway
from libs.delivery.set_back import SetBack, known_by, notes_of, refuse_older
from libs.operate.backup.rows import OUTBOXES
from libs.operate.broker import settings_for
from libs.operate.ledger_rows import snapshot
from libs.operate.output import Away
from libs.operate.where import Addresses


async def tables_set_back(system: Addresses) -> list[str]:
    """A sentence for each service. Tables of a version that kept no positions are told by nobody."""
    try:
        notes = {service: await notes_of(settings_for(system), service) for service in OUTBOXES}
    except KafkaAway as error:
        raise Away(f"{error}; is Kafka running?") from error
    found = []
    for service in OUTBOXES:
        try:
            async with snapshot(system.dsn) as conn:
                refuse_older(service, await known_by(conn, service), notes[service])
        except SetBack as error:
            found.append(f"{service}: {error}")
        except (Away, asyncpg.InsufficientPrivilegeError):
            continue
    return found
