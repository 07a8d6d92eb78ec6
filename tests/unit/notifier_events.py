"""What does the notifier hear in its tests? Decided and reported requests of the small territory."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from libs.directory import Release
from libs.events.envelope import Event
from libs.events.identity import make_event, source_of
from libs.events.models import RequestResolved
from services.router import rules
from services.router.route import decide_all
from tests.unit.directory_packs import AT, DEPARTMENTS
from tests.unit.router_requests import REQUEST_ID, accepted, accepted_event

SWEDISH = """\
code: small
names: {sv: Lilla landet, en: Small Country}
languages: [sv, en]
time_zone: Europe/Stockholm
calendar: {country: SE}
border_band_m: 50
desk: metro-accueil
"""


def departments(webhook: str, code: str = "metro-voirie") -> str:
    """The departments, with a webhook for one of them."""
    lines = [
        line.removesuffix(",,,") + f",{webhook},," if line.startswith(code) else line
        for line in DEPARTMENTS.split("\n")
    ]
    return "\n".join(lines)


def decided_event(release: Release, **changes: Any) -> Event:
    """What the router says of a request: routed, unless the changes make it undecidable."""
    task = rules.task_in(accepted_event(release, **changes))
    assert task is not None
    (answer,) = decide_all(release, [task])
    assert isinstance(answer, Event)
    return answer


def resolved_event(release: Release, request_id: UUID = REQUEST_ID, note: str | None = None, **changes: Any) -> Event:
    given = accepted(request_id, **changes)
    names = ("request_id", "reference", "territory", "service", "language", "contact", "contact_channels")
    data = RequestResolved(
        **{name: getattr(given, name) for name in names},
        department="metro-voirie",
        by="test",
        at=AT + timedelta(hours=2),
        outcome_code="solved",
        note=note,
    )
    return make_event(data, source=source_of("intake"), of=request_id, time=data.at, directory_version=release.version)
