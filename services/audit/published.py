"""Does the log extend what was published of it? Asked before anything is recorded or signed.

Whoever can write our rows can recompute the whole tree, and take our own memory of what was signed away with it. What
was published is out of their reach: so our own checkpoints are read back from their topic, and the rows must lead to
the longest of them. Only where that topic never held one is a log without checkpoints a first start.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from libs.delivery.connections import Connections
from libs.delivery.kafka import KafkaSettings
from libs.delivery.newest import newest
from libs.events.audit import CheckpointPublished
from libs.events.cloudevents import decode
from libs.events.envelope import InvalidEvent
from libs.events.topics import AUDIT_CHECKPOINTS
from libs.ledger.checkpoint import Checkpoint, open_checkpoint
from libs.ledger.note import NoteInvalid, Verifier
from services.audit import store
from services.audit.sign import LogDisagrees, frontier_at

# Read back first; the longest of ours is among the last few, for they are published in the order of their sizes.
RECORDS_MAX = 1_000
# And so many when none of ours is among them: a topic that others filled would have to hold more than that.
RECORDS_MAX_AT_MOST = 100_000
READ_SECONDS_MAX = 60.0  # a hundred thousand take ten; then Kafka counts as away, and is asked again


@dataclass(frozen=True, slots=True)
class Published:
    """What the topic says.

    `longest`: of ours; `is_named`: there are checkpoints of this log's name, by whichever key; `is_emptied`: it has
    held records, and holds none.
    """

    longest: Checkpoint | None
    is_named: bool
    is_emptied: bool


class PublishedLog:
    """Our own checkpoints on their topic, and whether the rows fit them."""

    def __init__(self, database: Connections, kafka: KafkaSettings, verifiers: Sequence[Verifier]) -> None:
        """The first of `verifiers` is the log's own; of the others, those of the same name count as well."""
        self._database = database
        self._kafka = kafka
        self._origin = verifiers[0].name
        self._verifiers = [one for one in verifiers if one.name == self._origin]

    async def refuse_contradiction(self) -> None:
        """Raises `LogDisagrees`, which says what happened and what to do; `Unavailable` while something is away."""
        published = await self._read()  # before the rows: these are then never the older ones
        async with self._database.connection() as conn:
            head, latest = await store.head(conn), await store.latest_checkpoint(conn)
            longest = published.longest
            if longest is None:
                if latest is None and head.size and (published.is_named or published.is_emptied):
                    raise LogDisagrees(self._no_first_start(head.size, published))
                return
            if longest.size > head.size:
                raise LogDisagrees(self._set_back(head.size, longest))
            frontier = await frontier_at(conn, longest.size)
        if frontier is None or frontier.root() != longest.root:
            root = Checkpoint(self._origin, longest.size, frontier.root()).root_text if frontier else None
            raise LogDisagrees(self._rewritten(longest, root))

    async def _read(self) -> Published:
        count = RECORDS_MAX
        while True:
            found = await newest(self._kafka, AUDIT_CHECKPOINTS, count, READ_SECONDS_MAX)
            told = [one for record in found.records if (one := _told_in(record)) and one.origin == self._origin]
            longest = self._longest(told)
            if longest is not None or found.is_whole or count >= RECORDS_MAX_AT_MOST:
                return Published(longest, bool(told), found.has_begun and not found.records)
            count *= 10

    def _longest(self, told: Iterable[CheckpointPublished]) -> Checkpoint | None:
        """The longest that our key signed; whoever else writes there stops nobody."""
        for one in sorted(told, key=lambda each: each.size, reverse=True):
            try:
                checkpoint = open_checkpoint(one.note, self._verifiers)
            except NoteInvalid:
                continue
            if checkpoint.size == one.size:
                return checkpoint
        return None

    def _set_back(self, size: int, longest: Checkpoint) -> str:
        return (
            f"this log has {size} leaves, and {longest.size} were signed and published: the database was set back (a "
            f"volume snapshot, a point-in-time recovery, a new one), or rows were cut off. {self._remedy()}"
        )

    def _rewritten(self, longest: Checkpoint, root: str | None) -> str:
        found = f"here it is {root}" if root else "and rows are missing"
        return (
            f"the first {longest.size} leaves are not those that were signed and published: the root was "
            f"{longest.root_text}, {found}. Rows were rewritten, or an older copy of the database was gone on with; "
            f"`guichet audit verify` names the first difference. {self._remedy()}"
        )

    def _no_first_start(self, size: int, published: Published) -> str:
        seen = "holds checkpoints of this log by another key" if published.is_named else "has held records and is empty"
        return (
            f"this log has {size} leaves and no checkpoint of its own, as at a first start, but {AUDIT_CHECKPOINTS} "
            f"{seen}: the checkpoints were removed from the database. When the key was changed on purpose, name the "
            f"old verifier key in AUDIT_FORMER_VERIFIER_KEYS. {self._remedy()}"
        )

    def _remedy(self) -> str:
        former = f'AUDIT_FORMER_VERIFIER_KEYS=["{self._verifiers[0]}"]'
        return (
            "Nothing is recorded or signed until it is decided: bring the right database back; or restore the last "
            "backup into an empty one with `guichet restore FILE`; or, to go on with this one, give the log a new "
            f"name: AUDIT_ORIGIN={self._origin}/2 and {former}"
        )


def _told_in(record: Any) -> CheckpointPublished | None:
    try:
        data = decode(record.value, record.headers).data
    except InvalidEvent:
        return None
    return data if isinstance(data, CheckpointPublished) else None
