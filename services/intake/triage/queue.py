"""What does a person at a desk see of the requests that wait, and who has seen what?

The queue itself shows nothing that a citizen wrote. One request does, to whoever may choose, because choosing needs it:
the description, and how to ask the citizen who agreed to be asked. Each opening is recorded, and the citizen sees in
the history that it was read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.releases import Releases
from libs.directory.release import Release
from libs.events.models import RequestAccepted
from libs.events.place import PlaceGiven
from libs.privacy.vault import Vault
from services.intake import sentences, store
from services.intake.known import request_in
from services.intake.personal import Opened, key_of, opened, record_reading
from services.intake.progress import service_of
from services.intake.standing import REACHED_FROM, Standing
from services.intake.triage import store as triage_store
from services.intake.triage.assign import NOT_FOUND
from services.intake.triage.rules import Choice, Guessed, Held, choices_for, completed, guesses_for, may_triage
from services.intake.triage.store import Filter, Opening, RefusalSaid, Subjects, Tally
from services.intake.triage.work.notes import NoteSaid, read_notes

PAGE_REQUESTS = 50  # what a person looks through before they choose; also the most that one call may ask for
OPENINGS_SHOWN_MAX = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the queue."""

    territory: str | None = None
    outcome: str | None = None
    reason: str | None = None
    older_than_hours: float | None = None
    service: str | None = None
    municipality: str | None = None
    desk: str | None = None
    after: UUID | None = None
    before: UUID | None = None
    limit: int = PAGE_REQUESTS


@dataclass(frozen=True, slots=True)
class Line:
    """One request that waits; nothing personal."""

    held: Held
    accepted: RequestAccepted
    service: str | None
    decision: Mapping[str, Any]
    hops: int


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the queue, oldest first. `next` is what the following page comes after, None on the last; `previous`
    what the page before it ends before, None on the first."""

    lines: Sequence[Line]
    next: UUID | None
    total: int
    tallies: Sequence[Tally]
    previous: UUID | None = None
    subjects: Sequence[Subjects] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """One request, with all that is needed to choose."""

    accepted: RequestAccepted
    standing: Standing
    held: Held | None
    release: Release
    service: str | None
    decision: Mapping[str, Any]
    proposal: Mapping[str, Any] | None
    personal: Opened
    choices: Sequence[Choice]
    guesses: Sequence[Guessed]
    refusals: Sequence[RefusalSaid]
    openings: Sequence[Opening]
    notes: Sequence[NoteSaid]

    @property
    def description(self) -> str | None:
        """What the citizen wrote; None when nothing was, or it is erased."""
        return self.personal.description

    @property
    def is_erased(self) -> bool:
        """Whether nothing of it can be read any more."""
        return self.personal.is_erased

    @property
    def can_be_assigned(self) -> bool:
        """Whether a person may choose now."""
        return self.standing.state in REACHED_FROM["assigned"]


class Queue:
    """Reads for people at desks."""

    def __init__(self, database: Connections, vault: Vault, releases: Releases, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._releases = releases
        self._clock = clock

    def territories(self, allowed: frozenset[str] | None) -> list[str]:
        """Those that are served here and that this key may see."""
        return [code for code in self._releases.territories() if may_triage(allowed, code)]

    async def page(self, wanted: Wanted, allowed: frozenset[str] | None) -> Page:
        """What waits in the territories that the caller may see."""
        seen = self.territories(allowed)
        asked = [code for code in seen if wanted.territory in (None, code)]
        before = self._before(wanted.older_than_hours)
        about = (wanted.service, wanted.municipality, wanted.desk)
        narrowed = Filter(asked, wanted.outcome, wanted.reason, before, *about, wanted.after, wanted.before)
        limit = max(1, min(wanted.limit, PAGE_REQUESTS))
        async with self._database.connection() as conn:
            found = await triage_store.list_held(conn, narrowed, limit + 1)
            total = await triage_store.count_held(conn, narrowed)
            tallies = await triage_store.tally_held(conn, seen)
            subjects = await triage_store.tally_subjects(conn, asked)
        has_more = len(found) > limit
        shown = (found[-limit:] if wanted.before else found[:limit]) if has_more else found
        lines = [_line(one) for one in shown]
        has_previous, has_next = (has_more, True) if wanted.before else (wanted.after is not None, has_more)
        following = lines[-1].held.request_id if lines and has_next else None
        previous = lines[0].held.request_id if lines and has_previous else None
        return Page(lines, following, total, tallies, previous, subjects)

    async def case(
        self,
        request_id: UUID,
        by: str,
        allowed: frozenset[str] | None,
        service: str | None = None,
        place: PlaceGiven | None = None,
    ) -> Case:
        """One request, opened: `by` is recorded. `service` and `place` ask who would be responsible if it were about
        that, and there.

        Raises `Rejected` (not-found), also for what the caller may not see.
        """
        now = self._clock()
        async with self._database.transaction() as conn:
            kept = await store.read_request(conn, request_id)
            accepted = None if kept is None else request_in(kept)
            if kept is None or accepted is None or not may_triage(allowed, accepted.territory):
                raise Rejected(NOT_FOUND, slug="not-found")
            release = self._release(accepted.territory, now)
            personal = await self._opened(conn, kept, accepted, by, now)
            held = await triage_store.read_held(conn, request_id)
            refusals = await triage_store.read_refusals(conn, request_id)
            openings = await triage_store.read_openings(conn, request_id, OPENINGS_SHOWN_MAX)
            notes = await read_notes(conn, self._vault, request_id)
        decision = orjson.loads(kept.standing.decision or "{}")
        recorded = decision
        if place is not None:
            accepted = accepted.model_copy(update={"place": completed(release, accepted.place, place, now)})
            recorded = {}  # whom the rules named for the place that it was
        about = service if service in release.services else service_of(kept, accepted)
        refusers = kept.standing.refusers
        return Case(
            accepted=accepted,
            standing=kept.standing,
            held=held,
            release=release,
            service=about,
            decision=decision,
            proposal=orjson.loads(kept.standing.proposal) if kept.standing.proposal else None,
            personal=personal,
            choices=choices_for(release, accepted, about, refusers, recorded, now),
            guesses=guesses_for(release, accepted, refusers, now) if about is None else (),
            refusals=refusals,
            openings=openings,
            notes=notes,
        )

    async def held(self, request_id: UUID, allowed: frozenset[str] | None) -> Held:
        """One line of the queue. Raises `Rejected` (not-found) when it waits no more, or must not be seen."""
        async with self._database.connection() as conn:
            held = await triage_store.read_held(conn, request_id)
        if held is None or not may_triage(allowed, held.territory):
            raise Rejected("the request waits no more", slug="transition-not-allowed" if held is None else "not-found")
        return held

    async def _opened(
        self, conn: Connection, kept: store.Kept, accepted: RequestAccepted, by: str, now: datetime
    ) -> Opened:
        """That it was opened is kept in the same transaction."""
        request_id = accepted.request_id
        if accepted.description is None and accepted.contact is None:
            return Opened()
        found = opened(await key_of(self._vault, conn, request_id), accepted)
        if found.is_personal:
            await record_reading(conn, request_id, kept.standing.cause, by, now, sentences.OPENED)
        return found

    def _before(self, older_than_hours: float | None) -> datetime | None:
        return None if older_than_hours is None else self._clock() - timedelta(hours=older_than_hours)

    def releases(self, allowed: frozenset[str] | None) -> dict[str, Release]:
        """The present release of each territory that this key may see; of withdrawn ones too: their requests wait."""
        return {
            release.territory.code: release
            for release in self._releases.all_latest(self._clock())
            if may_triage(allowed, release.territory.code)
        }

    def _release(self, territory: str, now: datetime) -> Release:
        release = self._releases.latest(territory, now) if self._releases.is_ready else None
        if release is None:
            raise Unavailable("no directory has been read yet", slug="directory-away", retry_after_seconds=2.0)
        return release


def _line(found: triage_store.Waiting) -> Line:
    accepted = RequestAccepted.model_validate_json(found.accepted)
    decision = orjson.loads(found.decision)
    return Line(
        found.held, accepted, found.service or decision.get("service") or accepted.service, decision, found.hops
    )
