"""Which addresses stand in a letter? The citizen's page, the department's answer, the desk's console, a map."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from libs.privacy.links import ACTIONS, Grant, token_for
from services.notifier.letter import Taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Makes the addresses. `key` is derived from the master key, as intake derives it."""

    public_url: str
    key: bytes
    days: int
    map_url: str = ""

    def for_letter(self, notice: Taken, contact: Mapping[str, str], now: datetime) -> dict[str, str | int | None]:
        """By the name that templates use; None for what this reader has no use for, or may not have."""
        token = contact.get("token")
        code = notice.facts.get("department_code") if notice.kind == "new_request" else None
        return {
            "link": f"{self.public_url}/r/{token}" if token else self.public_url,
            "answer_link": self.answer(notice.request_id, code, now) if code else None,
            "answer_days": self.days,
            "console_link": self.console(notice.request_id) if notice.audience == "desk" else None,
            "map_link": None if notice.audience == "citizen" else self._map(notice),
        }

    def _map(self, notice: Taken) -> str | None:
        """Nothing is loaded from there; whoever follows the link tells that site where they are looking."""
        lat, lon = notice.facts.get("lat"), notice.facts.get("lon")
        if not self.map_url or lat is None or lon is None:
            return None
        return self.map_url.replace("{lat}", f"{lat:.5f}").replace("{lon}", f"{lon:.5f}")

    def console(self, request_id: UUID) -> str:
        """Where a person at a desk decides about a request."""
        return f"{self.public_url}/triage/{request_id}"

    def answer(self, request_id: UUID, department: str, now: datetime) -> str:
        """Where a department answers without a login, for so many days from now."""
        grant = Grant(request_id, department, frozenset(ACTIONS), now + timedelta(days=self.days))
        return f"{self.public_url}/d/{token_for(self.key, grant)}"
