"""What stands behind the counter's pages in tests: real packs, real checks, and memory in place of the database."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import orjson
from starlette.applications import Starlette
from starlette.testclient import TestClient

from libs.delivery.errors import Rejected, ServiceError
from libs.directory import Question, Release, compile_pack, decide, parse_pack, where_of
from libs.events.identity import COUNTER_SOURCE
from libs.events.models import RequestAccepted, RequestSubmitted
from libs.service.settings import SharedSettings
from services.intake import rules
from services.intake.compose import Composed, compose
from services.intake.reading import noted, read_descriptions
from services.intake.sentences import ACCEPTED
from services.intake.settings import Settings
from services.intake.status import Own, Status, Step
from services.intake.submission import Receipt, Submission, rejected
from services.intake.tokens import Secrets
from services.intake.web.pages import counter_routes

TERRITORIES = Path(__file__).parents[2] / "deploy" / "territories"
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRETS = Secrets.of(b"k" * 32)
SHARED = SharedSettings.model_construct(public_url="https://guichet.example")
IN_BRUMEVAL = {"lat": "46.765", "lon": "2.80"}


@cache
def release_of(pack: str) -> Release:
    """A shipped pack, compiled without attached boundaries where it ships none."""
    folder = TERRITORIES / pack
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    if pack == "bordeaux-metropole":
        files.pop("places.geojson", None)
    release = compile_pack(parse_pack({name: path.read_text("utf-8") for name, path in files.items()})).release
    assert release is not None
    return release


@dataclass
class Desk:
    """Accepts, remembers and decides as the services do, in one process. `refusal` is raised instead when set."""

    packs: tuple[str, ...] = ("val-de-brume", "bordeaux-metropole")
    refusal: ServiceError | None = None
    kept: dict[str, Status] = field(default_factory=dict)
    written: dict[UUID, str] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    undecided: list[tuple[str, RequestSubmitted]] = field(default_factory=list)
    looks: int = 0
    _by_key: dict[str, tuple[bytes, Receipt]] = field(default_factory=dict)

    def releases(self, _at: datetime) -> list[Release]:
        return [release_of(pack) for pack in self.packs]

    def latest(self, territory: str, at: datetime) -> Release | None:
        return next((one for one in self.releases(at) if one.territory.code == territory), None)

    def count_anonymous(self, _request: object) -> None:
        if self.refusal is not None:
            raise self.refusal

    def count_look(self, _request: object) -> None:
        self.looks += 1

    def address(self, _request: object) -> str:
        return "192.0.2.7"

    async def accept(self, submission: Submission) -> Receipt:
        data = rules.normalised(submission.data)
        in_force = {release.territory.code: release for release in self.releases(NOW)}
        admission = rules.admit(data, rules.outcomes_of([data], in_force, NOW)[0], in_force, list(in_force))
        if isinstance(admission, rules.Refusal):
            raise rejected(admission)
        (admission,) = read_descriptions([(data, admission)])
        composed = compose(replace(submission, data=data), admission, SECRETS, NOW)
        content = composed.row.fingerprint
        if submission.source_id in self._by_key:
            before, receipt = self._by_key[submission.source_id]
            if before != content:
                raise Rejected("another content", slug="idempotency-key-reused", field="source_id")
            return receipt
        self.submissions.append(submission)
        receipt = self._keep(data, admission, composed)
        if submission.source_id:
            self._by_key[submission.source_id] = (content, receipt)
        return receipt

    async def by_token(self, token: str) -> Status | None:
        return self.kept.get(token)

    async def own(self, status: Status) -> Own:
        """What was written with each step, and by the person."""
        written = self.written.get(status.request_id)
        return Own(written, tuple(step.note for step in status.history))

    def happens(self, token: str, state: Any, sentence: str, note: str | None = None) -> None:
        """A step of a request, as the projection would record it."""
        status = self.kept[token]
        at = status.changed_at + timedelta(minutes=20)
        step = Step(at, state, {"en": sentence, "fr": sentence, "sv": sentence}, note)
        moved = status.state if state.startswith("notice_") else state
        self.kept[token] = replace(status, state=moved, changed_at=at, history=(*status.history, step))

    def decide(self) -> None:
        """What the router would answer to everything that waits."""
        while self.undecided:
            self._decide(*self.undecided.pop())

    def _decide(self, token: str, data: RequestSubmitted) -> None:
        status = self.kept[token]
        where = where_of(data.place)
        question = Question(service=data.service, place=where, at=NOW, answers=data.answers, reading=status.reading)
        decision = decide(release_of(status.territory), question)
        state: Any = "routed" if decision.outcome == "routed" else "held"
        step = Step(NOW + timedelta(seconds=1), state, decision.sentence)
        as_json = orjson.loads(orjson.dumps(decision.as_dict()))
        history = (*status.history, step)
        self.kept[token] = replace(status, state=state, decision=as_json, history=history, changed_at=step.at)

    def client(self) -> TestClient:
        """A browser in front of it, that follows no redirects."""
        return TestClient(self.app(), follow_redirects=False)

    def app(self) -> Starlette:
        part = cast(Any, self)
        settings = Settings.model_construct(body_seconds_max=5.0, shared=SHARED)
        routes = counter_routes(part, part, part, part, lambda: NOW, settings)
        return Starlette(routes=routes)

    def _keep(self, data: RequestSubmitted, admission: rules.Admission, composed: Composed) -> Receipt:
        receipt = composed.receipt
        self.kept[receipt.token] = Status(
            request_id=receipt.request_id,
            reference=receipt.reference,
            territory=admission.release.territory.code,
            service=data.service,
            language=admission.language,
            source=COUNTER_SOURCE,
            state="accepted",
            outcome=None,
            accepted_at=NOW,
            changed_at=NOW,
            directory_version=admission.release.version,
            department=None,
            decision=None,
            history=(Step(NOW, "accepted", ACCEPTED),),
            reading=noted(admission),
            accepted=RequestAccepted.model_validate_json(composed.row.accepted),
        )
        if data.description:
            self.written[receipt.request_id] = data.description
        self.undecided.append((receipt.token, data))
        return receipt
