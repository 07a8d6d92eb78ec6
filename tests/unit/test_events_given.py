"""Is what people hand in taken however it was typed or copied, at every door by the same measure?"""

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from libs.events.cloudevents import parse_data
from libs.events.envelope import InvalidEvent
from libs.events.fields import ADDRESS_CHARACTERS_MAX, DESCRIPTION_CHARACTERS_MAX, SEALED_CHARACTERS_MAX
from libs.events.given import BYTES_A_CHARACTER
from libs.events.identity import new_request_id
from libs.events.models import RequestSubmitted
from libs.privacy.seal import new_key, seal
from services.intake.standing import Report
from services.intake.triage.rules import COMMENT_CHARACTERS_MAX, Assignment
from services.intake.web.filled import Filled
from services.intake.web.staff.department import problems_in
from tests.unit.counter_desk import NOW, Desk
from tests.unit.test_counter_form import filled, problems, texts


def given(**fields: Any) -> RequestSubmitted:
    """As HTTP and Kafka read it."""
    return parse_data(RequestSubmitted, orjson.dumps({"place": {"address": "1 rue Longue"}, **fields}))


LINES = "\r\n".join(["y" * 99] * 40)  # 3,999 characters for whoever counts them, 4,038 as browsers send them
SEEN_ONCE = {
    "line ends": LINES,
    "accents typed apart": "e\u0301" * DESCRIPTION_CHARACTERS_MAX,
    "joined faces": "👩‍👩‍👧" * 1_000,
    "vowel signs": "नि" * DESCRIPTION_CHARACTERS_MAX,
    "blanks around it": "\n" * 3_000 + "z" * DESCRIPTION_CHARACTERS_MAX + " " * 3_000,
}


@pytest.mark.parametrize("text", SEEN_ONCE.values(), ids=SEEN_ONCE)
def test_a_text_within_the_limit_as_people_count_passes_every_door(text: str) -> None:
    kept = text.replace("\r\n", "\n").strip()
    assert given(description=text).description == kept
    desk = Desk()
    assert desk.client().post("/", data=filled(description=text)).status_code == 303
    assert desk.submissions[0].data.description == kept
    assert Report.model_validate({"state": "started", "department": "d", "note": text}).note == kept
    assert (
        problems_in(Filled.of(urlencode({"state": "refused", "reason": "x", "note": text}).encode()), NOW.date()) == []
    )
    sealed = seal(new_key(), new_request_id(), "description", kept.encode())
    assert len(sealed) <= SEALED_CHARACTERS_MAX


@pytest.mark.parametrize("text", ["w" * (DESCRIPTION_CHARACTERS_MAX + 1), "e\u0301" * (DESCRIPTION_CHARACTERS_MAX + 1)])
def test_a_text_over_the_limit_is_refused_with_the_limit_at_every_door(text: str) -> None:
    with pytest.raises(InvalidEvent, match="more than 4000 characters"):
        given(description=text)
    answer = Desk().client().post("/", data=filled(description=text))
    assert (answer.status_code, problems(answer.text)) == (422, ["description"])
    assert "at most 4000 characters" in texts(answer.text)
    (problem,) = problems_in(
        Filled.of(urlencode({"state": "refused", "reason": "x", "note": text}).encode()), NOW.date()
    )
    assert problem.values == {"maximum": DESCRIPTION_CHARACTERS_MAX}


def test_a_text_that_would_not_fit_when_sealed_says_so() -> None:
    with pytest.raises(InvalidEvent, match=f"{DESCRIPTION_CHARACTERS_MAX * BYTES_A_CHARACTER} bytes"):
        given(description="👩‍👩‍👧‍👦" * 1_000)


def test_an_address_and_a_remark_are_counted_without_their_carriage_returns_and_loose_accents() -> None:
    address = "e\u0301" * ADDRESS_CHARACTERS_MAX
    assert given(place={"address": address}).place.address == "é" * ADDRESS_CHARACTERS_MAX
    comment = "\r\n".join(["c" * 9] * (COMMENT_CHARACTERS_MAX // 10))
    assert Assignment.model_validate({"department": "d", "comment": comment}).comment == comment.replace("\r", "")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("05\u00a056\u00a012\u00a034\u00a056", "05 56 12 34 56"),
        ("05\u202f56\u202f12\u202f34\u202f56", "05 56 12 34 56"),
        ("05\u201156\u201112\u201134\u201156", "05-56-12-34-56"),
        ("05\u201356\u221212\u201034", "05-56-12-34"),
        ("\u202d+33556123456\u202c", "+33556123456"),
        ("\u200e+33 5 56 12\u200b34 56\ufeff", "+33 5 56 1234 56"),
        ("０５ ５６ １２ ３４ ５６", "05 56 12 34 56"),
        ("٠٥٥٦١٢٣٤٥٦", "0556123456"),
        (" 0556123456\t", "0556123456"),
        ("05 56 12 34 56 poste 12", "05 56 12 34 56 poste 12"),
        ("+46 8 123 45 67 anknytning 89", "+46 8 123 45 67 anknytning 89"),
        ("(0)5.56/12-34 x12, après 18 h", "(0)5.56/12-34 x12, après 18 h"),
        ("3949#2", "3949#2"),
    ],
)
def test_a_telephone_number_is_taken_as_people_write_and_copy_it(typed: str, kept: str) -> None:
    contact = given(contact={"phone": typed}).contact
    assert contact is not None
    assert contact.phone == kept
    assert Desk().client().post("/", data=filled(phone=typed)).status_code == 303


@pytest.mark.parametrize("typed", ["call me", "+", "12", "0556123456 <b>", "0556\n\x07123", "1" * 41])
def test_what_nobody_can_dial_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(InvalidEvent, match=r"contact\.phone (is no telephone number; write|has more than 40)"):
        given(contact={"phone": typed})


@pytest.mark.parametrize(
    "typed", ["b.l@citizen.example ", "\u00a0b.l@citizen.example", "b\u200b.l@citizen.example\ufeff"]
)
def test_an_address_is_taken_without_what_nobody_sees(typed: str) -> None:
    contact = given(contact={"email": typed}).contact
    assert contact is not None
    assert contact.email == "b.l@citizen.example"
    desk = Desk()
    assert desk.client().post("/", data=filled(email=typed)).status_code == 303
    assert desk.submissions[0].data.contact == contact


@pytest.mark.parametrize(
    ("typed", "said", "shown"),
    [
        ("bé@citizen.example", "letters before the @", "plain letters"),
        ("b@citizen", "after the @ that cannot exist", "What stands after the @"),
        ("b.citizen.example", "write it like name@example.org", "not an e-mail address"),
    ],
)
def test_an_address_that_no_mail_reaches_is_refused_with_its_own_sentence(typed: str, said: str, shown: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        given(contact={"email": typed})
    assert (caught.value.slug, caught.value.field) == ("invalid-field", "contact.email")
    assert said in caught.value.message
    assert typed not in caught.value.message
    answer = Desk().client().post("/", data=filled(email=typed))
    assert (answer.status_code, problems(answer.text)) == (422, ["email"])
    assert shown in texts(answer.text)


def test_codes_and_answers_are_read_without_blanks_and_marks_around_them() -> None:
    data = given(
        service="\u200bpothole ", place={"postal_code": " 33000\ufeff"}, language="fr ", answers={"a": " b\r\nc "}
    )
    assert (data.service, data.place.postal_code, data.language, data.answers) == (
        "pothole",
        "33000",
        "fr",
        {"a": "b\nc"},
    )
