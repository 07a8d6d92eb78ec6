"""What can the classifier learn from those who chose?

Where a person chose a service that the request did not have. What the citizen wrote is left out unless it is asked for:
whoever trains with it holds personal data that no erasure reaches any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.delivery.connections import Connection, Connections
from libs.delivery.errors import Unavailable
from libs.events.models import RequestAccepted
from libs.privacy.errors import Unreadable
from libs.privacy.seal import unseal
from libs.privacy.vault import Vault
from services.intake.triage import store as triage_store
from services.intake.triage.store import Chosen

PAGE_CORRECTIONS = 500


@dataclass(frozen=True, slots=True)
class Correction:
    """One label. `text` is None unless it was asked for and its key still exists."""

    request_id: UUID
    language: str
    service: str
    text: str | None


class Corrections:
    """Reads what people corrected."""

    def __init__(self, database: Connections, vault: Vault, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock

    async def page(
        self, territories: Sequence[str], after: UUID | None, by: str, *, has_text: bool
    ) -> tuple[list[Correction], UUID | None]:
        """Up to `PAGE_CORRECTIONS`, and where the next page begins. Texts are opened in the name of `by`, on record."""
        async with self._database.transaction() as conn:
            found = await triage_store.list_corrections(conn, territories, after, PAGE_CORRECTIONS + 1)
            chosen = found[:PAGE_CORRECTIONS]
            texts = await self._opened(conn, chosen, by) if has_text else {}
        following = chosen[-1].request_id if len(found) > len(chosen) else None
        rows = [Correction(one.request_id, one.language, one.service, texts.get(one.request_id)) for one in chosen]
        return rows, following

    async def _opened(self, conn: Connection, chosen: Sequence[Chosen], by: str) -> dict[UUID, str]:
        ids = [one.request_id for one in chosen]
        accepted = {
            request_id: RequestAccepted.model_validate_json(text)
            for request_id, text in (await triage_store.read_accepted(conn, ids)).items()
        }
        try:
            keys = await self._vault.keys(conn, ids)
            texts = {
                request_id: unseal(keys[request_id], request_id, "description", one.description).decode()
                for request_id, one in accepted.items()
                if one.description is not None and request_id in keys
            }
        except Unreadable as error:
            raise Unavailable(str(error), slug="master-key-wrong") from error
        await triage_store.keep_openings(conn, list(texts), by, self._clock())
        return texts
