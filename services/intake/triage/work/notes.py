"""What do people at a desk leave each other about a request? Sealed under its key, because it may name somebody."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.delivery.connections import Connection
from libs.privacy.seal import seal
from libs.privacy.vault import Vault
from services.intake.personal import key_of, text_in
from services.intake.triage.work import store as work_store

NOTE_CHARACTERS_MAX = 1_000  # a word to a colleague
NOTES_SHOWN_MAX = 50  # of one request; the last ones


@dataclass(frozen=True, slots=True)
class NoteSaid:
    """Who left which words, and when."""

    written_by: str
    written_at: datetime
    text: str


async def read_notes(conn: Connection, vault: Vault, request_id: UUID) -> list[NoteSaid]:
    """The last first; none after an erasure."""
    kept = await work_store.list_notes(conn, request_id, NOTES_SHOWN_MAX)
    key = await key_of(vault, conn, request_id) if kept else None
    if key is None:
        return []
    return [NoteSaid(by, at, text_in(key, request_id, "desk_note", note) or "") for by, at, note in kept]


async def keep_note(conn: Connection, vault: Vault, request_id: UUID, by: str, now: datetime, text: str) -> bool:
    """False when the request was erased: there is no key to seal it with any more."""
    key = await key_of(vault, conn, request_id)
    if key is None:
        return False
    await work_store.keep_note(conn, request_id, by, now, seal(key, request_id, "desk_note", text.encode()))
    return True
