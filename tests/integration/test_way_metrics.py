"""Is it measured how long a request takes to its decision and to a letter, and what is refused at each door?"""

from dataclasses import replace
from typing import Literal

import pytest

from libs.delivery.errors import Rejected
from services.intake.submission import Receipt
from tests.integration.intake_parts import Intake, routed
from tests.integration.notifier_parts import MailSink, Notifier, a_request, running
from tests.stack import FreshDatabase
from tests.unit.intake_submissions import submission
from tests.unit.notifier_events import decided_event


async def test_the_way_to_a_first_decision_is_measured_once(fresh_database: FreshDatabase) -> None:
    intake = Intake.on(fresh_database.dsn)
    (receipt,) = await intake.acceptance.accept_batch([submission()])
    assert isinstance(receipt, Receipt)
    decision = routed(await intake.accepted(receipt.request_id))
    for _ in range(2):
        await intake.projection.apply_decisions([decision])
    assert "intake_accepted_to_decided_seconds_count 1.0" in intake.metrics.text().decode()
    await intake.database.close()


@pytest.mark.parametrize("channel", ["kafka", "counter"])
async def test_what_is_refused_at_the_other_doors_is_counted_by_its_reason(
    fresh_database: FreshDatabase, channel: Literal["kafka", "counter"]
) -> None:
    intake = Intake.on(fresh_database.dsn)
    wrong = replace(submission(service="teleportation"), channel=channel)
    (refused,) = await intake.acceptance.accept_batch([wrong])
    assert isinstance(refused, Rejected)
    assert f'intake_requests_refused_total{{slug="{refused.slug}"}} 1.0' in intake.metrics.text().decode()
    await intake.database.close()


async def test_the_way_to_a_letter_is_measured_by_its_kind(fresh_database: FreshDatabase) -> None:
    mail = MailSink()
    await mail.open()
    async with running(Notifier.on(fresh_database.dsn, mail.port)) as notifier:
        await notifier.planner.plan([await a_request(notifier, decided_event)])
        await notifier.settled(sent=2)
        said = notifier.deliveries[0]._metrics.text().decode()
    await mail.close()
    for kind in ("routed", "new_request"):
        assert f'notifier_accepted_to_told_seconds_count{{kind="{kind}"}} 1.0' in said
