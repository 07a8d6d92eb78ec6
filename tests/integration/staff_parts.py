"""How do the pages for people at work stand in front of a real database in tests, and who comes to them?"""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx2
from starlette.types import ASGIApp

from libs.events.models import RequestAccepted
from libs.privacy.links import ACTIONS, Grant, link_key, token_for
from services.intake.bodies import body_within
from services.intake.callers import Callers, Limits
from services.intake.http import Doors, web
from services.intake.keys import Keys
from services.intake.owner import Directory
from services.intake.personal import OwnersReading
from services.intake.submission import Receipt
from services.intake.tokens import Secrets
from services.intake.triage.http import TriageDoors, triage_routes
from services.intake.web.staff.console import console_routes
from services.intake.web.staff.department import Answers, department_routes
from services.intake.web.staff.inside import Console
from services.intake.web.staff.visits import Entrance
from tests.integration.intake_parts import MASTER_KEY, Intake, the_router_answers
from tests.unit.directory_packs import AT, SOUTH, release_of
from tests.unit.intake_submissions import second_release, submission

SMALL = release_of()
ON_THE_BORDER = {"lat": SOUTH + 0.01, "lon": 0.02}
IDLE_SECONDS = 3_600
LINK_KEY = link_key(MASTER_KEY)
FORM = re.compile(r'name="form" value="([0-9a-f]{32})"')


def entry(name: str, *scopes: str, **more: Any) -> dict[str, Any]:
    secret = sha256(f"gk_{name}".encode()).hexdigest()
    return {"name": name, "source": f"urn:test:{name}", "scopes": scopes, "sha256": secret, **more}


@dataclass
class Office:
    """Intake with the pages in front of it. `ahead` moves the clock of the pages."""

    intake: Intake
    keys_file: Path
    ahead: timedelta = field(default_factory=timedelta)

    def now(self) -> datetime:
        return AT + self.ahead

    def write_keys(self, *entries: dict[str, Any]) -> None:
        self.keys_file.write_text(json.dumps(entries))

    def app(self) -> ASGIApp:
        intake, keys = self.intake, Keys(self.keys_file)
        callers = Callers(keys, Limits(True, 0.001, 20, 1_000.0, 1_000))
        limits: dict[str, Any] = {"body_bytes_max": 20_000, "body_seconds_max": 5.0}
        entrance = Entrance(
            callers=callers,
            secret=Secrets.of(MASTER_KEY).session,
            clock=self.now,
            idle_seconds=IDLE_SECONDS,
            is_secure=False,
        )
        console = Console(
            queue=intake.queue,
            assigning=intake.assigning,
            progress=intake.progress,
            work=intake.work,
            entrance=entrance,
            clock=self.now,
            **limits,
        )
        answers = Answers(
            statuses=intake.statuses,
            progress=intake.progress,
            reading=OwnersReading(intake.database, intake.vault, self.now),
            directory=Directory(intake.releases),  # type: ignore[arg-type]  # releases without Kafka
            key=LINK_KEY,
            clock=self.now,
            **limits,
        )
        triage = TriageDoors(
            queue=intake.queue,
            assigning=intake.assigning,
            work=intake.work,
            corrections=intake.corrections,
            callers=callers,
            body=lambda request: body_within(request, 20_000, 5.0),
        )
        doors = Doors(
            acceptance=intake.acceptance,
            statuses=intake.statuses,
            progress=intake.progress,
            callers=callers,
            metrics=intake.metrics,
            public_url="https://guichet.example",
            audit_url="https://audit.example",
            **limits,
        )
        return web(doors, triage_routes(triage), pages=[*console_routes(console), *department_routes(answers)])

    def browser(self, **headers: str) -> "Browser":
        """Somebody's browser, which follows no redirects by itself."""
        return Browser(transport=httpx2.ASGITransport(self.app()), base_url="http://intake", headers=headers)

    async def request(self, number: str = "n-1", **changes: Any) -> RequestAccepted:
        """One that is decided by the router's own rules; held, unless the changes make it decidable."""
        asked = {"service": "lamp", "place": ON_THE_BORDER} | changes
        (receipt,) = await self.intake.acceptance.accept_batch([submission(number, **asked)])
        assert isinstance(receipt, Receipt)
        await self.decided()
        return await self.intake.accepted(receipt.request_id)

    async def decided(self) -> None:
        await the_router_answers(self.intake, SMALL)

    async def stands(self, request: RequestAccepted) -> tuple[str, str | None]:
        status = await self.intake.statuses.by_id(request.request_id)
        assert status is not None
        return status.state, status.department


class Browser(httpx2.AsyncClient):
    """Keeps cookies, and finds the hidden field of a form."""

    async def logs_in(self, name: str = "anna", wanted: str = "/triage") -> httpx2.Response:
        return await self.post("/triage/login?lang=en", data={"key": f"gk_{name}", "wanted": wanted})

    async def form_of(self, path: str) -> str:
        page = await self.get(path)
        assert page.status_code == 200, page.text
        found = FORM.search(page.text)
        assert found is not None
        return found[1]


@asynccontextmanager
async def an_office(dsn: str, folder: Path) -> AsyncIterator[Office]:
    office = Office(Intake.on(dsn, SMALL, second_release()), folder / "keys.json")
    office.write_keys(
        entry("anna", "triage"),
        entry("bertil", "triage", territories=["other"]),
        entry("reader", "read"),
        entry("operator", "operate", "triage"),
    )
    yield office
    await office.intake.database.close()


def link(request: RequestAccepted, department: str, *, days: int = 90, actions: Any = ACTIONS) -> str:
    """As it stands in the department's mail."""
    grant = Grant(request.request_id, department, frozenset(actions), AT + timedelta(days=days))
    return f"/d/{token_for(LINK_KEY, grant)}"
