"""Does a person at the desk read words where there is only a code?"""

import pytest

from libs.directory.phrases import REASONS
from services.intake.triage.store import Tally
from services.intake.web.staff.queue_page import Asked, reasons_of
from services.intake.web.staff.words import STAFF


@pytest.mark.parametrize("language", ["en", "fr", "sv"])
@pytest.mark.parametrize("reason", [*REASONS, "made-by-a-later-version"])
def test_no_filter_shows_a_code(reason: str, language: str) -> None:
    texts = STAFF[language]
    (group,) = reasons_of([Tally("small", "unclear", reason, 1)], Asked(), texts)
    ((_, label, count),) = group.options
    assert (label != reason, count) == (True, 1)
    assert "-" not in label.replace(" - ", " ") or " " in label
