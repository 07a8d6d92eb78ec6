"""Is a description read once, before it is sealed, and does nothing of its words stay in the clear?"""

from datetime import datetime
from typing import Any

import pytest

from libs.directory import safety_of
from libs.events.models import RequestAccepted, RequestSubmitted
from services.intake import rules
from services.intake.compose import Composed, compose
from services.intake.reading import read_descriptions
from services.intake.rules import Admission
from services.intake.submission import Submission
from services.intake.tokens import Secrets
from tests.unit.directory_packs import AT, release_of
from tests.unit.directory_texts import taught
from tests.unit.intake_submissions import submitted

TAUGHT = taught()
SECRETS = Secrets.of(b"k" * 32)
WIRE = {"fr": "Ne touchez pas les fils.", "en": "Do not touch the wires."}


def admitted(data: RequestSubmitted, now: datetime = AT) -> Admission:
    in_force = {"small": TAUGHT}
    admission = rules.admit(data, rules.outcomes_of([data], in_force, now)[0], in_force, ["small"])
    assert isinstance(admission, Admission)
    return admission


def composed(**changes: Any) -> Composed:
    data = submitted(**changes)
    (admission,) = read_descriptions([(data, admitted(data))])
    return compose(Submission(data, "api", "urn:test:machine"), admission, SECRETS, AT)


def accepted(**changes: Any) -> RequestAccepted:
    data = composed(**changes).event.data
    assert isinstance(data, RequestAccepted)
    return data


def test_what_was_read_travels_as_codes_and_numbers_of_the_stamped_release() -> None:
    data = accepted(service=None, description="A deep hole in the road surface, the tarmac is gone")
    assert data.service is None
    assert data.reading is not None
    assert data.reading.release == TAUGHT.version
    assert data.reading.urgent is None
    assert data.reading.guesses[0].service == "pothole"
    assert len(data.reading.guesses) <= 3


def test_no_word_of_the_description_is_in_the_event_or_the_row() -> None:
    made = composed(service=None, description="LIVE WIRES hang over Canarystreet 7, says Canary Person")
    data = made.event.data
    assert isinstance(data, RequestAccepted)
    assert data.reading is not None
    for text in (data.model_dump_json(), made.row.accepted):
        assert not any(word in text.casefold() for word in ("wire", "canary", "hang", "person"))


def test_danger_is_found_beside_a_named_service_and_its_advice_is_in_the_receipt() -> None:
    made = composed(service="pothole", description="Live wires in a hole")
    data = made.event.data
    assert isinstance(data, RequestAccepted)
    assert data.reading is not None
    assert (data.service, data.reading.urgent, data.reading.guesses) == ("pothole", "lamp", [])
    assert made.receipt.safety == WIRE == safety_of(TAUGHT, data.service, data.reading)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"service": "lamp"}, True),
        ({"service": "pothole"}, False),
        ({"service": None, "description": "The lamp post is out, no light in the street"}, True),
        ({"service": None, "description": "Hello everyone"}, False),
    ],
)
def test_the_receipt_says_what_to_do_at_once_where_that_is_needed(changes: dict[str, Any], told: bool) -> None:
    assert composed(**changes).receipt.safety == (WIRE if told else None)


@pytest.mark.parametrize(
    ("asked", "description", "language"),
    [
        (None, "There is a hole in the road outside my house", "en"),
        (None, "Il y a un trou dans la route devant chez moi", "fr"),
        (None, "Trou", "fr"),
        ("en", "Il y a un trou dans la route devant chez moi", "en"),
        ("en-GB", "Il y a un trou dans la route devant chez moi", "en"),
        ("de", "There is a hole in the road outside my house", "fr"),  # a language that was named is not guessed
    ],
)
def test_a_request_that_names_no_language_is_answered_in_its_own(
    asked: str | None, description: str, language: str
) -> None:
    assert accepted(language=asked, description=description, service=None).language == language


def test_without_a_description_nothing_is_read() -> None:
    assert accepted(description=None, service=None).reading is None
    assert accepted(description="A hole").reading is None  # the service is named, and there is no danger in it


def test_many_are_read_as_one_by_one_each_by_its_own_release() -> None:
    texts = ["A deep hole in the road", "Live wires", "Le mur est tagué", ""]
    data = [submitted(service=None, language=None, description=text or None) for text in texts]
    plain = Admission(release_of(), "fr")
    pairs = [(one, admission) for one in data for admission in (admitted(one), plain)]
    together = read_descriptions(pairs)
    assert together == [read_descriptions([pair])[0] for pair in pairs]
    assert [admission.release.version for admission in together[1::2]] == [release_of().version] * 4
