"""How do the pages for people at work meet the parts behind them?"""

from collections.abc import Callable
from datetime import datetime

from starlette.routing import BaseRoute

from libs.privacy.links import link_key
from services.intake.owner import Directory
from services.intake.personal import OwnersReading
from services.intake.progress import Progress
from services.intake.settings import Settings
from services.intake.status import Statuses
from services.intake.tokens import Secrets
from services.intake.triage.http import TriageDoors
from services.intake.web.staff.console import console_routes
from services.intake.web.staff.department import Answers, department_routes
from services.intake.web.staff.inside import Console
from services.intake.web.staff.visits import Entrance

MINUTE_SECONDS = 60


def staff_routes(
    triage: TriageDoors,
    progress: Progress,
    statuses: Statuses,
    directory: Directory,
    clock: Callable[[], datetime],
    settings: Settings,
    reading: OwnersReading,
    master_key: bytes,
) -> list[BaseRoute]:
    """The desk's console and the department's answer, to be mounted beside the counter's pages."""
    entrance = Entrance(
        callers=triage.callers,
        secret=Secrets.of(master_key).session,
        clock=clock,
        idle_seconds=settings.session_minutes * MINUTE_SECONDS,
        is_secure=settings.shared.public_url.startswith("https:"),
    )
    console = Console(
        queue=triage.queue,
        assigning=triage.assigning,
        progress=progress,
        work=triage.work,
        entrance=entrance,
        clock=clock,
        body_bytes_max=settings.body_bytes_max,
        body_seconds_max=settings.body_seconds_max,
    )
    answers = Answers(
        statuses=statuses,
        progress=progress,
        reading=reading,
        directory=directory,
        key=link_key(master_key),
        clock=clock,
        body_bytes_max=settings.body_bytes_max,
        body_seconds_max=settings.body_seconds_max,
    )
    return [*console_routes(console), *department_routes(answers)]
