"""How do the parts of intake meet?"""

from functools import partial

from libs.privacy.errors import KeyFileInvalid
from libs.privacy.keyfile import load_key
from libs.privacy.vault import Vault
from libs.service.kit import Kit, Service
from libs.service.postgres import Database
from libs.service.settings import SettingsWrong
from services.intake.accept import Acceptance
from services.intake.bodies import body_within
from services.intake.callers import Callers, Limits
from services.intake.consume import handlers
from services.intake.drift.watch import DriftWatch
from services.intake.http import Doors, web
from services.intake.http_directory import directory_routes
from services.intake.keys import KeyFileWrong, Keys
from services.intake.owner import Directory
from services.intake.personal import OwnersReading
from services.intake.progress import Progress
from services.intake.project import Projection
from services.intake.settings import Settings
from services.intake.status import Statuses
from services.intake.tokens import Secrets
from services.intake.triage.assign import Assigning
from services.intake.triage.corrections import Corrections
from services.intake.triage.http import TriageDoors, triage_routes
from services.intake.triage.queue import Queue
from services.intake.triage.work.desk_work import DeskWork
from services.intake.undecided.announce import Announcing
from services.intake.undecided.http import UndecidedDoors, undecided_routes
from services.intake.undecided.watch import BalanceWatch
from services.intake.web.pages import counter_routes
from services.intake.web.staff.routes import staff_routes


def build(settings: Settings, kit: Kit) -> Service:
    """Intake, ready to be run."""
    database, master_key = kit.database, _master_key(settings)
    if database is None:
        raise SettingsWrong("GUICHET_POSTGRES_DSN is not set; intake keeps requests there")
    vault = Vault(master_key)
    acceptance = _acceptance(settings, kit, database, vault, master_key)
    statuses = Statuses(database, vault)
    callers = Callers(_keys(settings), _limits(settings))
    directory = Directory(kit.releases)
    progress = Progress(database, vault, kit.clock)
    doors = Doors(
        acceptance=acceptance,
        statuses=statuses,
        progress=progress,
        callers=callers,
        metrics=kit.metrics,
        public_url=settings.shared.public_url.rstrip("/"),
        audit_url=settings.audit_url.rstrip("/"),
        body_bytes_max=settings.body_bytes_max,
        body_seconds_max=settings.body_seconds_max,
        cors_origins=settings.cors_origins,
    )
    drift, balance = DriftWatch(database, kit.releases, kit.clock), BalanceWatch(database, kit.kafka)
    undecided = UndecidedDoors(watch=balance, announcing=Announcing(database, balance), callers=callers)
    pages = counter_routes(acceptance, statuses, directory, callers, kit.clock, settings)
    triage = _triage(settings, kit, database, vault, callers)
    reading = OwnersReading(database, vault, kit.clock)
    pages += staff_routes(triage, progress, statuses, directory, kit.clock, settings, reading, master_key)
    routers = (directory_routes(directory, kit.clock), triage_routes(triage), undecided_routes(undecided))
    return Service(
        name="intake",
        handlers=handlers(acceptance, Projection(database, kit.metrics, kit.clock)),
        web=web(doors, *routers, pages=pages),
        loops=[acceptance.run, drift.run, balance.run],
        counts=statuses.counts,
        facts=balance.conservation,
        gauges=balance.gauges,
        alarms=lambda: [*drift.alarms, *balance.alarms],
        outbox="intake",
        reads_directory=True,
    )


def _acceptance(settings: Settings, kit: Kit, database: Database, vault: Vault, master_key: bytes) -> Acceptance:
    return Acceptance(
        database,
        vault,
        kit.releases,
        Secrets.of(master_key),
        kit.clock,
        kit.metrics,
        group_requests_max=settings.group_requests_max,
        queue_requests_max=settings.queue_requests_max,
    )


def _triage(settings: Settings, kit: Kit, database: Database, vault: Vault, callers: Callers) -> TriageDoors:
    return TriageDoors(
        queue=Queue(database, vault, kit.releases, kit.clock),
        assigning=Assigning(database, vault, kit.releases, kit.clock),
        work=DeskWork(database, vault, kit.clock),
        corrections=Corrections(database, vault, kit.clock),
        callers=callers,
        body=partial(body_within, bytes_max=settings.body_bytes_max, seconds_max=settings.body_seconds_max),
    )


def _master_key(settings: Settings) -> bytes:
    file = settings.shared.master_key_file
    if file is None:
        raise SettingsWrong("GUICHET_MASTER_KEY_FILE is not set; requests are sealed with that key")
    try:
        return load_key(file)
    except KeyFileInvalid as error:
        raise SettingsWrong(str(error)) from error


def _keys(settings: Settings) -> Keys:
    keys = Keys(settings.keys_file)
    try:
        keys.load()
    except KeyFileWrong as error:
        raise SettingsWrong(str(error)) from error
    return keys


def _limits(settings: Settings) -> Limits:
    return Limits(
        anonymous_is_allowed=settings.anonymous_is_allowed,
        anonymous_per_second=settings.anonymous_requests_per_minute / 60,
        anonymous_burst=settings.anonymous_burst,
        key_per_second=settings.key_requests_per_second,
        key_burst=settings.key_burst,
        trusted_proxies=settings.trusted_proxies,
    )
