"""How are those concerned told once, or how do we know why not? Here it is planned; `deliver.py` carries it out.

One transaction for a batch: claim the events, work out who is told what, keep one row for each notice. An event that
comes again, a restart, a second notifier: the inbox or the ledger has it already, and nothing changes.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from uuid import UUID

import orjson
import structlog

from libs.delivery.connections import Connection
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.inbox import claim, claim_answers
from libs.delivery.releases import Releases
from libs.directory import Release
from libs.events.envelope import Event
from libs.events.models import RequestHeld, RequestRouted
from libs.privacy.errors import Erased, Unreadable
from libs.privacy.pseudonym import pseudonym
from libs.privacy.seal import unseal
from libs.privacy.vault import Vault
from libs.service.postgres import Database
from services.notifier import rules, store
from services.notifier.facts import facts_for
from services.notifier.rules import Wanted
from services.notifier.store import Planned
from services.notifier.supersede.store import supersede

log = structlog.get_logger(__name__)

Refused = tuple[Event, Rejected]
Draft = tuple[Event, Release, Wanted]


class Planner:
    """Turns events into notices that will be delivered."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        releases: Releases,
        pseudonym_key: bytes,
        wake: Callable[[], None],
        received_delay_seconds: float,
    ) -> None:
        self._database = database
        self._vault = vault
        self._releases = releases
        self._pseudonym_key = pseudonym_key
        self._wake = wake
        self._received_delay_seconds = received_delay_seconds

    async def plan(self, events: Sequence[Event]) -> list[Refused]:
        """Returns once every notice of these events is kept; what it returns can never be planned."""
        drafts, refused = await self._drafts(events)
        if drafts:
            async with self._database.transaction() as conn:
                new = await self._claimed(conn, list({event.id: event for event, _, _ in drafts}.values()))
                fresh = [draft for draft in drafts if draft[0].id in new]
                keys = await self._keys(conn, fresh)
                await store.keep_planned(conn, [self._planned(draft, keys) for draft in fresh])
            await self._supersede(drafts)
            self._wake()
        return refused

    async def _supersede(self, drafts: Iterable[Draft]) -> None:
        """After the commit, so that of two plans made at the same moment the later one sees both."""
        told = {UUID(event.subject) for event, _, notice in drafts if notice.audience == "citizen"}
        if told:
            async with self._database.transaction() as conn:
                await supersede(conn, told)

    async def _claimed(self, conn: Connection, events: Sequence[Event]) -> set[UUID]:
        """The ids of those that nobody was told of yet. Of a request's decisions each cause has one."""
        decisions = [event for event in events if isinstance(event.data, RequestRouted | RequestHeld)]
        others = [event.id for event in events if not isinstance(event.data, RequestRouted | RequestHeld)]
        answers, again = await claim_answers(conn, store.SCHEMA, decisions)
        return {event.id for event in answers} - again | await claim(conn, store.SCHEMA, others)

    async def _drafts(self, events: Sequence[Event]) -> tuple[list[Draft], list[Refused]]:
        drafts: dict[tuple[UUID, int], Draft] = {}
        refused: list[Refused] = []
        for event in events:
            if type(event.data) not in rules.TOLD:
                continue
            try:
                release = await self._release(event)
            except Rejected as error:
                refused.append((event, error))
                continue
            for number, wanted in enumerate(rules.wanted(event, release)):
                drafts[event.id, number] = (event, release, wanted)  # the same event twice in a batch is one
        return list(drafts.values()), refused

    async def _release(self, event: Event) -> Release:
        if event.directory_version is None:
            raise Rejected("the event names no release; send ce_directoryversion", slug="no-release")
        return await self._releases.require(event.directory_version)

    async def _keys(self, conn: Connection, drafts: Iterable[Draft]) -> Mapping[UUID, bytes]:
        """The keys of the requests whose citizens are to be told; without them nobody can be named."""
        wanted = {UUID(event.subject) for event, _, notice in drafts if notice.audience == "citizen"}
        try:
            return await self._vault.keys(conn, wanted) if wanted else {}
        except Unreadable as error:
            raise Unavailable(str(error), slug="master-key-wrong") from error  # no fault of these events

    def _planned(self, draft: Draft, keys: Mapping[UUID, bytes]) -> Planned:
        event, release, wanted = draft
        request_id = UUID(event.subject)
        address = wanted.address or address_in(wanted, request_id, keys.get(request_id))
        recipient = pseudonym(self._pseudonym_key, address)
        return Planned(
            notice_id=rules.notice_id(event, wanted, recipient),
            event_id=event.id,
            request_id=request_id,
            recipient=recipient,
            directory_version=release.version,
            origin=event.origin,
            wanted=wanted,
            facts=facts_for(event, release, wanted),
            delay_seconds=self._received_delay_seconds if wanted.kind == rules.SUPERSEDED else 0.0,
        )


def address_in(wanted: Wanted, request_id: UUID, key: bytes | None) -> str:
    """The citizen's address, to make a pseudonym of. Whoever cannot be named any more is told apart by the request."""
    try:
        contact = orjson.loads(unseal(key, request_id, "contact", wanted.sealed["contact"]))
        return str(contact["email"])
    except (Erased, Unreadable, KeyError, TypeError, orjson.JSONDecodeError) as error:
        log.warning("contact_unreadable", request_id=str(request_id), why=type(error).__name__)
        return str(request_id)
