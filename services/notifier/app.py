"""How do the parts of the notifier meet?"""

from functools import partial
from pathlib import Path
from uuid import uuid4

from libs.privacy.errors import KeyFileInvalid
from libs.privacy.keyfile import load_key
from libs.privacy.links import link_key
from libs.privacy.vault import Vault
from libs.service.kit import Kit, Service
from libs.service.password_files import password_in
from libs.service.postgres import Database
from libs.service.settings import SettingsWrong
from services.notifier import store
from services.notifier.channels.email import Email, Envelope, Relay
from services.notifier.channels.links import Links
from services.notifier.channels.templates import Templates
from services.notifier.channels.webhook import Doors, Webhooks
from services.notifier.channels.webhook_body import Bodies
from services.notifier.consume import handlers
from services.notifier.deliver import Delivery
from services.notifier.destinations.watch import RelayWatch
from services.notifier.doubt import store as doubt_store
from services.notifier.http import web
from services.notifier.lease import Lease
from services.notifier.letter import Channel, Limits
from services.notifier.notify import Planner
from services.notifier.record import Recorder
from services.notifier.recover import Recovery
from services.notifier.settings import Settings

ENDED = ("sent", "failed", "indeterminate", "superseded")


def build(settings: Settings, kit: Kit) -> Service:
    """The notifier, ready to be run."""
    database = kit.database
    if database is None:
        raise SettingsWrong("GUICHET_POSTGRES_DSN is not set; the notifier keeps its ledger there")
    master_key = _key(settings.shared.master_key_file, "GUICHET_MASTER_KEY_FILE")
    vault = Vault(master_key)
    lease = Lease(database, uuid4())
    recorder = Recorder(database, settings.email_unknown_outcome, kit.metrics, kit.clock)
    channels: tuple[Channel, ...] = (_email(settings, kit, master_key), _webhooks(settings, kit, master_key))
    deliveries = [Delivery(database, vault, channel, lease, recorder, kit.metrics) for channel in channels]

    def wake() -> None:
        for delivery in deliveries:
            delivery.wake()

    pseudonym_key = _key(settings.shared.pseudonym_key_file, "GUICHET_PSEUDONYM_KEY_FILE")
    planner = Planner(database, vault, kit.releases, pseudonym_key, wake, settings.received_delay_seconds)
    watch = RelayWatch(database)
    recovery = Recovery(database, lease, recorder, settings.keep_days)
    return Service(
        name="notifier",
        handlers=handlers(planner),
        web=web(database, wake),
        loops=[lease.run, recovery.run, *(delivery.run for delivery in deliveries)],
        counts=partial(counts, database),
        checks=watch.checks,
        alarms=watch.alarms,
        on_stop=[lease.end],
        outbox=store.SCHEMA,
        reads_directory=True,
    )


async def counts(database: Database) -> dict[str, int]:
    """For /status. `planned` is all that ever were; what has not ended in one of the four ways is `waiting`."""
    async with database.connection() as conn:
        tallies = await store.tallies(conn)
        parked = await store.parked_requests(conn)
        in_doubt = await doubt_store.count(conn)
    told = {name: tallies.get(name, 0) for name in ("planned", *ENDED)}
    waiting = told["planned"] - sum(told[name] for name in ENDED)
    return {**told, "waiting": waiting, "parked": parked, "in_doubt": in_doubt}


def _key(file: Path | None, variable: str) -> bytes:
    if file is None:
        raise SettingsWrong(f"{variable} is not set; name the key file that `guichet up` or `guichet keys` made")
    try:
        return load_key(file)
    except KeyFileInvalid as error:
        raise SettingsWrong(str(error)) from error


def _smtp_password(settings: Settings) -> str | None:
    if settings.smtp_password_file is None:
        return settings.smtp_password.get_secret_value() if settings.smtp_password else None
    try:
        return password_in(settings.smtp_password_file)
    except ValueError as error:
        raise SettingsWrong(f"NOTIFIER_SMTP_PASSWORD_FILE is wrong: {error}") from error


def _email(settings: Settings, kit: Kit, master_key: bytes) -> Email:
    relay = Relay(
        host=settings.smtp_host,
        port=settings.smtp_port,
        tls=settings.smtp_tls,
        username=settings.smtp_username,
        password=_smtp_password(settings),
        ca_file=str(settings.smtp_ca_file) if settings.smtp_ca_file else None,
        seconds_max=settings.smtp_seconds_max,
        mails_per_connection_max=settings.smtp_mails_per_connection,
    )
    envelope = Envelope(
        sender=settings.mail_from,
        sender_name=settings.mail_from_name,
    )
    limits = Limits(settings.email_lanes, settings.email_lanes, settings.email_group_notices)
    return Email(relay, envelope, _links(settings, master_key), Templates(), limits, kit.clock)


def _links(settings: Settings, master_key: bytes) -> Links:
    public_url, key = settings.shared.public_url.rstrip("/"), link_key(master_key)
    return Links(public_url=public_url, key=key, days=settings.link_days, map_url=settings.map_url)


def _webhooks(settings: Settings, kit: Kit, master_key: bytes) -> Webhooks:
    doors = Doors(
        may_be_private=settings.webhook_may_be_private,
        may_be_plain=settings.webhook_may_be_plain,
        seconds_max=settings.webhook_seconds_max,
    )
    limits = Limits(settings.webhook_lanes, settings.webhook_lanes_per_endpoint, settings.webhook_group_notices)
    bodies = Bodies(links=_links(settings, master_key), names=settings.webhook_names)
    return Webhooks(master_key, doors, limits, kit.clock, bodies)
