"""What stands in a webhook? The facts of its notice, what was opened for it, and where to go on from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import orjson

from libs.events.webhooks import webhook_type
from services.notifier.channels.links import Links
from services.notifier.letter import Taken

Names = Literal["notice", "event"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bodies:
    """Writes them. `names`: what a webhook is called, by its own name or, as it used to be, by that of its event."""

    links: Links
    names: Names = "notice"

    def of(self, notice: Taken, opened: Mapping[str, bytes]) -> bytes:
        """The same bytes for the same notice at every attempt."""
        facts = notice.facts
        data = {
            **facts["data"],
            **{field: text.decode("utf-8", "replace") for field, text in opened.items()},
            **({"origin": notice.origin._asdict()} if notice.origin else {}),
            "links": self._links(notice, datetime.fromisoformat(facts["timestamp"])),
        }
        name = webhook_type(notice.kind) if self.names == "notice" else facts["type"]
        return orjson.dumps({"type": name, "timestamp": facts["timestamp"], "data": data})

    def _links(self, notice: Taken, happened: datetime) -> dict[str, Any]:
        """A link without a login runs from the moment of the event, so that it is the same at every attempt."""
        request = f"{self.links.public_url}/api/v1/requests/{notice.request_id}"
        links: dict[str, Any] = {"request": request}
        if notice.kind != "no_longer_yours":
            links["progress"] = f"{request}/progress"
        if notice.kind == "new_request":
            department = notice.facts["data"]["decision"]["department"]["code"]
            links["answer"] = self.links.answer(notice.request_id, department, happened)
        if notice.audience == "desk":
            links["console"] = self.links.console(notice.request_id)
        return links
