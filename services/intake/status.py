"""What does someone who follows a request get to see?

Names of departments, states and sentences, nothing personal; and her own words, for whoever holds the unguessable link.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson

from libs.delivery.connections import Connections
from libs.events.models import Place, Reading, RequestAccepted
from libs.privacy.vault import Vault
from services.intake import store
from services.intake.known import request_in
from services.intake.personal import key_of, text_in
from services.intake.sentences import ACCEPTED, Texts
from services.intake.standing import WITH_AN_OWNER, State
from services.intake.tokens import opens, request_id_in

ASIDE = ("notice_", "opened")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened: a state reached, a refusal, an assignment, a reading (`opened`), or the outcome of a
    notice (`notice_...`)."""

    at: datetime
    kind: str
    sentence: Texts
    note: str | None = None
    """What the department wrote with it, sealed."""

    @property
    def is_aside(self) -> bool:
        """Whether it says nothing about where the request stands: a notice's outcome, a reading."""
        return self.kind.startswith(ASIDE)


@dataclass(frozen=True, slots=True)
class Status:
    """Where one request stands. `decision` is the router's, as in RequestRouted or RequestHeld; None before that."""

    request_id: UUID
    reference: str
    territory: str
    service: str | None
    language: str
    source: str
    state: State
    outcome: str | None
    accepted_at: datetime
    changed_at: datetime
    directory_version: str
    department: str | None
    decision: dict[str, Any] | None
    history: tuple[Step, ...]
    refusers: tuple[str, ...] = ()
    reading: Reading | None = None
    """What was read in the description before it was sealed."""
    accepted: RequestAccepted | None = None
    expected: date | None = None
    place: Place | None = None
    """Where it is by now: as it was handed in, or as a desk completed it."""

    source_id: str | None = None
    """The number it was handed in under."""

    @property
    def sentence(self) -> Texts:
        """What to tell the person now: the last step that says where the request stands."""
        return next(step.sentence for step in reversed(self.history) if not step.is_aside)


@dataclass(frozen=True, slots=True)
class Own:
    """What belongs to the person who asked: her own words, and the departments' words to her, one for each step of the
    history. She alone sees them, so reading them is not recorded."""

    description: str | None = None
    notes: tuple[str | None, ...] = ()
    is_erased: bool = False


class Statuses:
    """Reads requests for those who follow them."""

    def __init__(self, database: Connections, vault: Vault) -> None:
        self._database = database
        self._vault = vault

    async def by_id(self, request_id: UUID) -> Status | None:
        """For callers with an API key; who may see which, the caller decides by `source`."""
        async with self._database.connection() as conn:
            kept = await store.read_request(conn, request_id)
            return None if kept is None else _status(kept, await store.read_history(conn, request_id))

    async def by_number(self, source: str, number: str) -> Status | None:
        """For the one who handed it in, by the number that it had there."""
        async with self._database.connection() as conn:
            found = await store.find_earlier(conn, [(source, number)])
        return await self.by_id(found[source, number].request_id) if found else None

    async def by_token(self, token: str) -> Status | None:
        """For whoever holds the link. A wrong token and an unknown request look alike."""
        request_id = request_id_in(token)
        if request_id is None:
            return None
        async with self._database.connection() as conn:
            kept = await store.read_request(conn, request_id)
            if kept is None or not opens(token, kept.token_sha256):
                return None
            return _status(kept, await store.read_history(conn, request_id))

    async def own(self, status: Status) -> Own:
        """For whoever came by the token, to whom `by_token` gave this status."""
        sealed = status.accepted.description if status.accepted else None
        if sealed is None and not any(step.note for step in status.history):
            return Own()
        async with self._database.connection() as conn:
            key = await key_of(self._vault, conn, status.request_id)
        if key is None:
            return Own(is_erased=True)
        texts = [text_in(key, status.request_id, "note", step.note) for step in status.history]
        return Own(text_in(key, status.request_id, "description", sealed), tuple(texts))

    async def counts(self) -> dict[str, int]:
        """All that were ever accepted, and where they are: accepted = routed + held + undecided."""
        async with self._database.connection() as conn:
            return totals(await store.state_counts(conn))


def totals(states: Mapping[str, int]) -> dict[str, int]:
    """From how many are in each state: accepted = routed + held + undecided."""
    return {
        "accepted": sum(states.values()),
        "routed": sum(states.get(state, 0) for state in WITH_AN_OWNER),
        "held": states.get("held", 0),
        "undecided": states.get("accepted", 0),
        **{state: states.get(state, 0) for state in ("acknowledged", "started", "resolved")},
    }


def _status(kept: store.Kept, history: list[store.Entry]) -> Status:
    accepted, standing = RequestAccepted.model_validate_json(kept.accepted), kept.standing
    first = Step(kept.accepted_at, "accepted", ACCEPTED)
    return Status(
        request_id=standing.request_id,
        reference=accepted.reference,
        territory=accepted.territory,
        service=accepted.service,
        language=accepted.language,
        source=kept.source,
        source_id=accepted.source_id,
        state=standing.state,
        outcome=standing.outcome,
        accepted_at=kept.accepted_at,
        changed_at=kept.changed_at,
        directory_version=kept.directory_version,
        department=standing.department,
        decision=orjson.loads(standing.decision) if standing.decision else None,
        history=(first, *(Step(entry.at, entry.kind, entry.sentence, entry.note) for entry in history)),
        refusers=standing.refusers,
        reading=accepted.reading,
        accepted=accepted,
        expected=standing.expected,
        place=request_in(kept).place,
    )
