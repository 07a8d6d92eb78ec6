"""Is what was handed in once not handed in again by going back, and nothing lost by changing the language?"""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from services.intake.web.recent import REMEMBERED_MAX, REMEMBERED_MINUTES, Recent, Sent
from tests.unit.counter_desk import NOW, Desk
from tests.unit.test_counter_form import KEY, filled, texts

OTHER_KEY = "0123456789abcdef0123456789abcdef"


def test_going_back_and_sending_again_is_no_second_request() -> None:
    desk = Desk()
    client = desk.client()
    client.post("/", data=filled(description="The sign is bent"))
    again = client.post("/", data=filled(description="The sign is bent", key=OTHER_KEY))
    reference = next(iter(desk.kept.values())).reference
    assert again.status_code == 409
    assert f"You have just sent this: {reference}" in texts(again.text)
    assert f'href="/r/{next(iter(desk.kept))}?lang=en"' in again.text
    assert "The sign is bent" in again.text
    assert len(desk.submissions) == 1


def test_who_wants_a_second_one_gets_it_with_one_press() -> None:
    desk = Desk()
    client = desk.client()
    for key, step in ((KEY, ""), (OTHER_KEY, "second")):
        assert client.post("/", data=filled(description="Bent", key=key, step=step)).status_code == 303
    assert len(desk.submissions) == 2


def test_what_two_neighbours_may_both_choose_from_lists_is_two_requests() -> None:
    desk = Desk()
    client = desk.client()
    for key in (KEY, OTHER_KEY):
        assert client.post("/", data=filled(lat="", lon="", postal_code="99011", key=key)).status_code == 303
    assert len(desk.submissions) == 2


def test_another_content_is_another_request() -> None:
    desk = Desk()
    client = desk.client()
    client.post("/", data=filled(description="The sign is bent"))
    assert client.post("/", data=filled(description="The sign is gone", key=OTHER_KEY)).status_code == 303
    assert len(desk.submissions) == 2


def sent(key: str, at: datetime = NOW) -> Sent:
    return Sent(key, "G-0000-0000-0000", "token", at)


def test_a_repeat_is_remembered_for_a_while_by_its_key_and_no_longer() -> None:
    recent = Recent()
    recent.keep(b"mark", sent("one"))
    assert recent.before(b"mark", "one", NOW) is None
    assert recent.before(b"mark", "two", NOW) == sent("one")
    assert recent.before(b"other", "two", NOW) is None
    assert recent.before(b"mark", "two", NOW + timedelta(minutes=REMEMBERED_MINUTES, seconds=1)) is None


def test_the_oldest_is_forgotten_when_too_many_are_remembered() -> None:
    recent = Recent()
    for number in range(REMEMBERED_MAX + 1):
        recent.keep(b"%d" % number, sent("one"))
    assert recent.before(b"0", "two", NOW) is None
    assert recent.before(b"1", "two", NOW) is not None


@pytest.mark.parametrize("language", ["fr", "sv"])
def test_changing_the_language_keeps_everything_that_was_typed(language: str) -> None:
    desk = Desk()
    typed = filled(service="graffiti", description="Um die Ecke", name="Ada", email="a@b.example", q="wall")
    page = desk.client().post("/?lang=en", data={**typed, "answer.height_m": "3", "step": f"language:{language}"}).text
    assert f'<html lang="{language}">' in page
    assert f'name="lang" value="{language}"' in page
    assert 'name="service" value="graffiti" checked' in page
    assert re.search(r'name="answer\.height_m"[^>]* value="3"', page)
    for value in ("Um die Ecke", "Ada", "a@b.example", KEY, "46.765"):
        assert value in unescape(page), value
    assert desk.submissions == []


def test_the_enter_key_sends_the_form_and_does_not_change_its_language() -> None:
    page = Desk().client().get("/?territory=val-de-brume&lang=en").text
    buttons = re.findall(r'<button[^>]*form="request"[^>]*>', page)
    assert "visually-hidden" in buttons[0]
    assert 'name="step"' not in buttons[0]
    assert 'value="language:fr"' in buttons[1]
