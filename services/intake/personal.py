"""What is personal in a request, opened for whom? Each reading by anybody but the person herself is recorded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Rejected, Unavailable
from libs.events.identity import event_id
from libs.events.models import RequestAccepted
from libs.privacy.errors import Erased, Unreadable
from libs.privacy.seal import unseal
from libs.privacy.vault import Vault
from services.intake import sentences, store
from services.intake.sentences import Texts
from services.intake.triage import store as triage_store

OPENED = "guichet.Opened"  # sets the ids of lines about openings apart from those of events


@dataclass(frozen=True, slots=True)
class Opened:
    """What was written, and how the person may be asked; nothing of either when it was not given, or is erased."""

    description: str | None = None
    contact: Mapping[str, str] = field(default_factory=dict)
    is_erased: bool = False

    @property
    def is_personal(self) -> bool:
        """Whether there was anything to read."""
        return bool(self.description or self.contact)


async def key_of(vault: Vault, conn: Connection, request_id: UUID) -> bytes | None:
    """The request's key; None after its erasure."""
    try:
        return (await vault.keys(conn, [request_id])).get(request_id)
    except Unreadable as error:
        raise Unavailable(str(error), slug="master-key-wrong") from error


def opened(key: bytes | None, accepted: RequestAccepted) -> Opened:
    """Everything that somebody who deals with the request may read."""
    request_id = accepted.request_id
    try:
        text, contact = text_in(key, request_id, "description", accepted.description), {}
        if accepted.contact is not None:
            contact = passed_on(orjson.loads(_unsealed(key, request_id, "contact", accepted.contact)))
    except Erased:
        return Opened(is_erased=True)
    return Opened(text, contact)


def passed_on(contact: Mapping[str, object]) -> dict[str, str]:
    """Name, telephone and e-mail, in this order, when the person agreed to be asked; nothing otherwise."""
    if contact.get("may_be_asked") is not True:
        return {}
    return {name: value for name in ("name", "phone", "email") if isinstance(value := contact.get(name), str) and value}


def text_in(key: bytes | None, request_id: UUID, name: str, sealed: str | None) -> str | None:
    """One sealed text. Raises `Erased`, and `Unavailable` when our own key is the wrong one."""
    return None if sealed is None else _unsealed(key, request_id, name, sealed).decode("utf-8", "replace")


def _unsealed(key: bytes | None, request_id: UUID, name: str, sealed: str) -> bytes:
    try:
        return unseal(key, request_id, name, sealed)
    except Unreadable as error:
        raise Unavailable(str(error), slug="master-key-wrong") from error


async def record_reading(
    conn: Connection, request_id: UUID, round_: UUID, by: str, now: datetime, sentence: Texts
) -> None:
    """Somebody reads it. The person sees one line for each reader and round, however often the page is loaded."""
    await triage_store.keep_openings(conn, [request_id], by, now)
    line = event_id(request_id, OPENED, round_, by.encode())
    await store.append_history(conn, [store.Entry(request_id, line, now, "opened", sentence)])


class OwnersReading:
    """Opens a request for the department that has it, in whose name it is recorded."""

    def __init__(self, database: Connections, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def read(self, request_id: UUID, department: str, by: str) -> Opened:
        """Raises `Rejected` (not-your-request) once it is with somebody else, or closed: then it is none of theirs."""
        async with self._database.transaction() as conn:
            kept = await store.read_request(conn, request_id)
            if kept is None or kept.standing.department != department or kept.standing.state == "resolved":
                raise Rejected("this request is not with you, or closed", slug="not-your-request")
            accepted = RequestAccepted.model_validate_json(kept.accepted)
            found = opened(await key_of(self._vault, conn, request_id), accepted)
            cause, now = kept.standing.cause, self._clock()
            await record_reading(conn, request_id, cause, by, now, sentences.OPENED_BY_OWNER)
        return found
