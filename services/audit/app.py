"""How do the parts of audit meet?"""

from functools import partial

from libs.ledger.note import Signer, Verifier
from libs.privacy.keyfile import load_key
from libs.service.kit import Kit, Service
from libs.service.settings import SettingsWrong
from services.audit.consume import handlers
from services.audit.history import counts
from services.audit.http import web
from services.audit.published import PublishedLog
from services.audit.rounds import Rounds
from services.audit.settings import Settings
from services.audit.sign import CheckpointSigner


def build(settings: Settings, kit: Kit) -> Service:
    """Wiring only."""
    database = kit.database
    if database is None:
        raise SettingsWrong("GUICHET_POSTGRES_DSN is not set; audit keeps its log there")
    signer = Signer(settings.origin, load_key(settings.key_file))
    former_keys = tuple(Verifier.from_text(text) for text in settings.former_verifier_keys)
    checkpoints = CheckpointSigner(database, signer, former_keys, kit.clock, kit.metrics)
    rounds = Rounds(database, (signer.verifier, *former_keys), kit.clock)
    published = PublishedLog(database, kit.kafka, (signer.verifier, *former_keys))
    return Service(
        name="audit",
        handlers=handlers(database, kit.metrics),
        records_all=True,
        web=web(database, signer.verifier),
        on_start=[published.refuse_contradiction],
        loops=[partial(checkpoints.run, settings.checkpoint_seconds), rounds.run],
        counts=partial(counts, database),
        alarms=rounds.alarms,
        checks=rounds.checks,
        gauges=rounds.gauges,
        outbox="audit",
    )
