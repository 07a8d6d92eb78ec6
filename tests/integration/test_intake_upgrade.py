"""Does a database that held requests before there was a queue have them in it after the upgrade?"""

import shutil
from pathlib import Path

import asyncpg

from libs.events.topics import SERVICES
from libs.service.migrate import ROOT, migrate
from tests.brokers import Postgres, dsn_of
from tests.integration.triage_parts import DESK, SMALL
from tests.unit.router_requests import accepted, accepted_event
from tests.unit.test_router_rules import routed_by

NAME = "t_before_triage"
FIRST = "0003_create_triage.sql"
INSERT = """
    INSERT INTO intake.requests (request_id, source, fingerprint, token_sha256, event_id, accepted, directory_version,
                                 accepted_at, state, changed_at, department, cause, decision)
    VALUES ($1, 'urn:test', '', '', $1, $2, 'small@0', now(), $3, now(), $4, $1, $5)
"""


def before_triage(folder: Path) -> Path:
    """The migrations as they were."""
    for part in ("libs/delivery/sql", *(f"services/{name}/migrations" for name in SERVICES)):
        if (ROOT / part).exists():
            shutil.copytree(ROOT / part, folder / part)
    for file in (folder / "services/intake/migrations").iterdir():
        if file.name >= FIRST:
            file.unlink()
    return folder


async def test_what_was_held_before_the_upgrade_is_in_the_queue(postgres: Postgres, tmp_path: Path) -> None:
    admin = await asyncpg.connect(postgres.dsn)
    await admin.execute(f'DROP DATABASE IF EXISTS "{NAME}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{NAME}"')
    dsn = dsn_of(postgres.dsn, NAME)
    await migrate(dsn, before_triage(tmp_path))
    conn = await asyncpg.connect(dsn)
    decision = routed_by(SMALL, accepted_event(SMALL, service=None)).data.decision.model_dump_json()  # type: ignore[attr-defined]
    request = accepted()
    await conn.execute(INSERT, request.request_id, request.model_dump_json(), "held", DESK, decision)
    assert f"intake: {FIRST}" in await migrate(dsn)
    rows = await conn.fetch("SELECT territory, desk, outcome, reason FROM intake.held")
    assert [tuple(row) for row in rows] == [("small", DESK, "unclear", "service-missing")]
    await conn.close()
    await admin.execute(f'DROP DATABASE "{NAME}" WITH (FORCE)')
    await admin.close()
