"""How does a person's choice give a request an owner, for good?

Under the request's row lock: judge the choice by the directory in force, keep it, announce it, in one transaction. The
router makes the owner known; until a person chooses again or the chosen department refuses, no decision of the rules
changes it. The same choice again changes nothing and gets the same answer.
"""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from libs.delivery import outbox
from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.releases import Releases
from libs.directory.release import Release
from libs.events.envelope import Event
from libs.events.identity import make_event, origin_of, source_of
from libs.events.models import RequestAccepted, RequestAssigned
from libs.privacy.vault import Vault
from services.intake import sentences, store
from services.intake.known import request_in
from services.intake.progress import COPIED, Progressed, sealed_note, service_of
from services.intake.standing import assigned
from services.intake.submission import rejected
from services.intake.triage import store as triage_store
from services.intake.triage.rules import Assignment, assignment_refusal, completed, is_made, may_triage
from services.intake.triage.store import Chosen
from services.intake.undecided import store as undecided_store

NOT_FOUND = "there is no request here that you can see; check the id"


class Assigning:
    """Takes people's choices."""

    def __init__(self, database: Connections, vault: Vault, releases: Releases, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._releases = releases
        self._clock = clock

    async def assign(
        self, request_id: UUID, assignment: Assignment, by: str, territories: frozenset[str] | None
    ) -> Progressed:
        """Raises `Rejected`: `not-found`, `transition-not-allowed`, `unknown-department`, `service-needed`,
        `unknown-service` or `erased`."""
        now = self._clock()
        async with self._database.transaction() as conn:
            kept = await store.lock_request(conn, request_id)
            accepted = None if kept is None else request_in(kept)
            if kept is None or accepted is None or not may_triage(territories, accepted.territory):
                raise Rejected(NOT_FOUND, slug="not-found")
            if is_made(kept.standing, assignment):
                return Progressed(request_id, accepted.reference, accepted.territory, kept.standing.state)
            release = self._release(accepted.territory, now)
            service = assignment.service or service_of(kept, accepted)
            refusal = assignment_refusal(kept.standing, service, assignment, release, now)
            if assignment.place is not None:
                place = completed(release, accepted.place, assignment.place, now)
                accepted = accepted.model_copy(update={"place": place})
            if refusal is not None or service is None:
                raise rejected(refusal) if refusal else AssertionError("a choice without a service is refused")
            note = await sealed_note(self._vault, conn, request_id, assignment.comment or None)
            event = _event(kept, accepted, assignment, service, by, note, now, release)
            await self._keep(conn, kept, accepted, event, release, now)
        return Progressed(request_id, accepted.reference, accepted.territory, "accepted")

    def _release(self, territory: str, now: datetime) -> Release:
        release = self._releases.latest(territory, now) if self._releases.is_ready else None
        if release is None:
            raise Unavailable("no directory has been read yet", slug="directory-away", retry_after_seconds=2.0)
        return release

    async def _keep(
        self,
        conn: Connection,
        kept: store.Kept,
        accepted: RequestAccepted,
        event: Event,
        release: Release,
        now: datetime,
    ) -> None:
        chosen = event.data
        assert isinstance(chosen, RequestAssigned)
        place = chosen.accepted.place.model_dump_json(exclude_none=True)
        has_changed = chosen.accepted.place != RequestAccepted.model_validate_json(kept.accepted).place
        standing = assigned(kept.standing, chosen.department, chosen.service, event.id, place if has_changed else None)
        await store.keep_moved(conn, standing, now, release.version)
        await undecided_store.keep_question(conn, chosen.request_id, event)
        await triage_store.drop_held(conn, [chosen.request_id])
        who = (chosen.department, chosen.service, accepted.service, chosen.by, now)
        line = Chosen(chosen.request_id, event.id, accepted.territory, accepted.language, *who)
        await triage_store.keep_chosen(conn, line)
        await outbox.append(conn, store.SCHEMA, [event])
        entry = store.Entry(chosen.request_id, event.id, now, "assigned", sentences.ASSIGNED)
        await store.append_history(conn, [entry])
        if kept.standing.state != standing.state:
            await store.add_to_counts(conn, {kept.standing.state: -1, standing.state: 1})


def _event(
    kept: store.Kept,
    accepted: RequestAccepted,
    assignment: Assignment,
    service: str,
    by: str,
    note: str | None,
    now: datetime,
    release: Release,
) -> Event:
    """Caused by whatever put the request where it stands; stamped with the release that the person chose from."""
    standing = kept.standing
    had_an_owner = standing.department if standing.state != "held" else None
    data = RequestAssigned(
        **{name: getattr(accepted, name) for name in COPIED},
        service=service,
        department=assignment.department,
        by=by,
        note=note,
        at=now,
        previous=had_an_owner,
        refusers=list(standing.refusers),
        hops=standing.hops,
        accepted=accepted.model_copy(update={"service": service}),
    )
    return make_event(
        data,
        source=source_of("intake"),
        of=accepted.request_id,
        time=now,
        causation_id=standing.cause,
        directory_version=release.version,
        origin=origin_of(accepted.source, accepted.source_id),
    )
