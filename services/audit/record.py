"""What happened can be shown, and cannot be changed unseen: every event heard becomes exactly one leaf of the log."""

import secrets
from collections.abc import Sequence

from libs.delivery.connections import Connections
from libs.ledger.leaf import SALT_BYTES
from services.audit import rules, store
from services.audit.rules import Heard, New


async def record(database: Connections, heard: Sequence[Heard]) -> list[New]:
    """Append what is new in `heard`, in its order, and say what that was.

    One transaction: the leaves, their salts, the tile roots they complete, the head, and how far each partition is
    read. The lock on the head comes first, so that what another process recorded is seen, indexes have no gaps, and
    the log cannot fork. An event heard before, in this batch or ever, changes nothing; another content under its id is
    a leaf of its own.
    """
    async with database.transaction() as conn:
        frontier = await store.lock_tree(conn)
        new = rules.new_among(heard, await store.recorded_among(conn, [record.event.id for record in heard]))
        if any(one.of for one in new):  # so seldom that only then it is asked which of these were heard before
            known = await store.recorded_among(conn, [one.leaf_id for one in new])
            new = [one for one in new if one.leaf_id not in known]
        if new:
            added = rules.append(frontier, new, secrets.token_bytes(SALT_BYTES * len(new)))
            await store.append(conn, added, frontier)
        await store.keep_offsets(conn, rules.next_offsets(heard))
    return new
