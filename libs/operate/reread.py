"""How does a service go on with tables that were set back? `python -m libs.operate.reread SERVICE` while it is stopped.

Its group is set to where the tables are, and what was noted beside the offsets is gone: the service then hears again
what came since. Offsets are never moved forward.
"""

import asyncio
import sys

from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from libs.delivery.kafka import STOP_SECONDS_MAX, make_offset_keeper, within
from libs.delivery.set_back import known_by
from libs.events.topics import SERVICES, consumer_group
from libs.operate import broker
from libs.operate.backup.rows import OUTBOXES, connected
from libs.operate.output import Away, Stopped, WrongUse
from libs.operate.where import Addresses, find_system


async def reread(system: Addresses, service: str) -> int:
    """How many records will be heard again. Raises `Stopped` while the service runs."""
    settings = broker.settings_for(system)
    if await broker.members(settings, service):
        raise Stopped(f"{service} is running; stop it first")
    offsets = await broker.committed(settings, service)
    if not offsets:
        return 0
    async with connected(system.dsn) as conn:
        known = await known_by(conn, service)
    back = {place: min(offset, known.get(place, 0)) for place, offset in offsets.items()}
    keeper = make_offset_keeper(settings, consumer_group(service))
    try:
        await keeper.start()
        keeper.assign(list(back))
        await keeper.commit({place: OffsetAndMetadata(offset, "") for place, offset in back.items()})
    except (KafkaError, OSError, TimeoutError) as error:
        raise Away(f"the offsets of {service} were not set back: {error}") from error
    finally:
        await within(STOP_SECONDS_MAX, keeper.stop(), "an offset keeper")
    return sum(offsets[place] - offset for place, offset in back.items())


def main(arguments: list[str]) -> int:
    """Exit codes as those of `guichet`."""
    try:
        if len(arguments) != 1 or arguments[0] not in set(SERVICES) & set(OUTBOXES):
            raise WrongUse(f"name one service that keeps tables: {', '.join(OUTBOXES)}")
        count = asyncio.run(reread(find_system(), arguments[0]))
    except Stopped as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    sys.stdout.write(f"{arguments[0]} will hear {count} records again\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
