"""How is intake put together for a test, on a real database, without its process?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import orjson

from libs.directory import Release
from libs.events.cloudevents import decode
from libs.events.envelope import Event
from libs.events.identity import make_event
from libs.events.models import Decision, Party, RequestAccepted, RequestRouted
from libs.privacy.vault import Vault
from libs.service.metrics import Metrics
from libs.service.postgres import Database
from services.intake.accept import Acceptance
from services.intake.progress import Progress
from services.intake.project import Projection
from services.intake.status import Statuses
from services.intake.tokens import Secrets
from services.intake.triage.assign import Assigning
from services.intake.triage.corrections import Corrections
from services.intake.triage.queue import Queue
from services.intake.triage.work.desk_work import DeskWork
from services.router import rules as router_rules
from services.router.route import decide_all
from tests.unit.directory_packs import AT, release_of
from tests.unit.intake_submissions import HeldReleases

MASTER_KEY = bytes(range(32))


@dataclass
class Intake:
    """The parts, as app.py joins them."""

    database: Database
    releases: HeldReleases
    acceptance: Acceptance
    progress: Progress
    projection: Projection
    statuses: Statuses
    metrics: Metrics
    vault: Vault
    queue: Queue
    assigning: Assigning
    corrections: Corrections
    work: DeskWork

    @classmethod
    def on(cls, dsn: str, *releases: Any) -> Self:
        database, vault, metrics = Database(dsn), Vault(MASTER_KEY), Metrics("intake")
        held = HeldReleases(*(releases or (release_of(),)))
        acceptance = Acceptance(
            database,
            vault,
            held,  # type: ignore[arg-type]
            Secrets.of(MASTER_KEY),
            lambda: AT,
            metrics,
            group_requests_max=100,
            queue_requests_max=1_000,
        )
        progress = Progress(database, vault, lambda: AT)
        triage: Any = (database, vault, held, lambda: AT)
        desks = (
            Queue(*triage),
            Assigning(*triage),
            Corrections(database, vault, lambda: AT),
            DeskWork(database, vault, lambda: AT),
        )
        shown = (Projection(database, metrics, lambda: AT), Statuses(database, vault))
        return cls(database, held, acceptance, progress, *shown, metrics, vault, *desks)

    async def rows(self, query: str, *arguments: Any) -> list[Any]:
        async with self.database.connection() as conn:
            return list(await conn.fetch(query, *arguments))

    async def number_of(self, table: str) -> int:
        return int((await self.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"])

    async def announced(self) -> list[dict[str, Any]]:
        """The bodies in the outbox, in the order in which they will be published, each with its headers."""
        rows = await self.rows("SELECT topic, headers::text, value FROM intake.outbox ORDER BY seq")
        return [
            {"topic": row["topic"], **dict(orjson.loads(row["headers"])), **orjson.loads(row["value"])} for row in rows
        ]

    async def accepted(self, request_id: UUID) -> RequestAccepted:
        (row,) = await self.rows("SELECT accepted FROM intake.requests WHERE request_id = $1", request_id)
        return RequestAccepted.model_validate_json(row["accepted"])


def routed(
    accepted: RequestAccepted,
    hops: int = 0,
    department: str = "metro-voirie",
    at: datetime = AT,
    cause: UUID | None = None,
) -> Event:
    """What the router says of a request."""
    party = Party(code=department, names={"en": department})
    sentence = {"en": f"{department} takes care of it."}
    fields = ("request_id", "reference", "territory", "language", "place", "contact", "contact_channels")
    data = RequestRouted(
        **{name: getattr(accepted, name) for name in fields},
        service=accepted.service or "pothole",
        decision=Decision(outcome="routed", territory="small", release="small@0", department=party, sentence=sentence),
        hops=hops,
    )
    return make_event(data, source="urn:guichet:router", of=accepted.request_id, time=at, causation_id=cause)


async def events_said(intake: Intake) -> list[Event]:
    """What intake has announced, as its readers will hear it."""
    rows = await intake.rows("SELECT headers::text, value FROM intake.outbox ORDER BY seq")
    return [decode(row["value"], [(k, v.encode()) for k, v in orjson.loads(row["headers"])]) for row in rows]


async def the_router_answers(intake: Intake, release: Release) -> list[Event]:
    """The router's decisions about everything that was said so far, heard by intake (what it knows changes nothing)."""
    tasks = [task for event in await events_said(intake) if (task := router_rules.task_in(event)) is not None]
    answers = decide_all(release, tasks)
    decisions = [answer for answer in answers if isinstance(answer, Event)]
    assert len(decisions) == len(answers), answers
    await intake.projection.apply_decisions(decisions)
    return decisions
