"""Does the counter's form take what is right, say what is not, and lose nothing that was typed?"""

import re
from html import unescape
from typing import Any

import pytest
from starlette.testclient import TestClient

from libs.delivery.errors import DatabaseAway
from libs.events.identity import COUNTER_SOURCE
from services.intake.callers import RateLimited
from tests.unit.counter_desk import IN_BRUMEVAL, Desk

KEY = "5f0c9a4e8d7b4c0f9e1a2b3c4d5e6f70"


def filled(**changes: Any) -> dict[str, Any]:
    fields = {"territory": "val-de-brume", "lang": "en", "key": KEY, "service": "road_sign", **IN_BRUMEVAL}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def texts(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def problems(page: str) -> list[str]:
    """What the summary links to."""
    summary = page.partition('class="summary"')[2].partition("</div>")[0]
    return re.findall(r'href="#f-([^"]+)"', summary)


def test_a_request_is_handed_in_and_its_page_is_shown() -> None:
    desk = Desk()
    answer = desk.client().post("/", data=filled(description="Bent", email="a@b.example", name="Ada"))
    assert answer.status_code == 303
    (submission,) = desk.submissions
    assert answer.headers["location"] == f"/r/{next(iter(desk.kept))}?lang=en"
    assert (submission.channel, submission.source, submission.source_id) == ("counter", COUNTER_SOURCE, KEY)
    assert submission.data.territory == "val-de-brume"
    assert submission.data.place.lat == 46.765
    assert submission.data.contact is not None
    assert submission.data.contact.email == "a@b.example"


def test_sending_the_same_form_twice_is_one_request() -> None:
    desk = Desk()
    client = desk.client()
    first, second = (client.post("/", data=filled()) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert len(desk.submissions) == 1


def test_a_forged_key_that_a_stranger_could_draw_too_is_not_taken() -> None:
    desk = Desk()
    assert desk.client().post("/", data=filled(key="1234")).status_code == 422
    assert desk.submissions == []


def test_a_form_that_was_sent_and_changed_gets_a_new_key_and_says_so() -> None:
    client = Desk().client()
    client.post("/", data=filled())
    changed = client.post("/", data=filled(description="Another one"))
    assert changed.status_code == 422
    assert "sent once already" in texts(changed.text)
    assert KEY not in changed.text
    assert "Another one" in changed.text


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"service": None}, ["service"]),
        ({"service": "teleportation"}, ["service"]),
        ({"service": "?"}, ["description"]),
        ({"lat": None, "lon": None}, ["where"]),
        ({"lat": "here", "lon": "2.8"}, ["lat"]),
        ({"lat": "46.7", "lon": None}, ["lat"]),
        ({"lat": "nan", "lon": "inf"}, ["lat"]),
        ({"lat": "91", "lon": "2.8"}, ["lat"]),
        ({"lat": "44.9", "lon": "-2.5"}, ["where"]),
        ({"email": "nobody"}, ["email"]),
        ({"phone": "call me"}, ["phone"]),
        ({"description": "x" * 4001}, ["description"]),
        ({"service": None, "lat": "", "lon": "", "email": "nobody"}, ["service", "where", "email"]),
    ],
)
def test_each_mistake_is_named_in_a_summary_and_beside_its_field(changes: dict[str, Any], fields: list[str]) -> None:
    desk = Desk()
    answer = desk.client().post("/", data=filled(**changes))
    assert answer.status_code == 422
    assert problems(answer.text) == fields
    assert re.findall(r'id="trouble-([^"]+)"', answer.text) == fields
    assert all(f'id="f-{field}"' in answer.text for field in fields)
    assert desk.submissions == []


def test_nothing_that_was_typed_is_lost_when_something_is_wrong() -> None:
    typed = {"description": 'A <b>"bent"</b> sign', "address": "Rue du Pont", "name": "Ada", "postal_code": "99010"}
    page = Desk().client().post("/", data=filled(email="nobody", **typed)).text
    for value in (*typed.values(), "nobody", "46.765", KEY):
        assert value in unescape(page)
    assert "<b>" not in page
    assert re.search(r'value="road_sign"\s*checked', page)


def test_degrees_may_have_a_comma_and_a_place_needs_no_point() -> None:
    desk = Desk()
    desk.client().post("/", data=filled(lat="46,765", lon="2,80"))
    desk.client().post("/", data=filled(key="1" * 32, lat="", lon="", postal_code="99010"))
    desk.client().post("/", data=filled(key="2" * 32, lat="", lon="", municipality_code="VB06"))
    places = [submission.data.place for submission in desk.submissions]
    assert places[0].lat == 46.765
    assert places[1].postal_code == "99010"
    assert places[2].municipality_code == "VB06"


def test_a_service_that_asks_something_is_asked_about_before_it_is_sent() -> None:
    desk = Desk()
    client = desk.client()
    asking = client.post("/", data=filled(service="civil_status"))
    assert asking.status_code == 200
    assert "a few details more" in texts(asking.text)
    assert problems(asking.text) == []
    assert desk.submissions == []
    unanswered = client.post("/", data=filled(service="civil_status", asked="civil_status"))
    assert problems(unanswered.text) == ["answer.act"]
    answers = {"asked": "civil_status", "answer.act": "birth", "answer.copies": "2"}
    assert client.post("/", data=filled(service="civil_status") | answers).status_code == 303
    assert desk.submissions[0].data.answers == {"act": "birth", "copies": 2}


def test_only_the_chosen_services_questions_are_shown_and_sent() -> None:
    page = Desk().client().post("/", data=filled(service="graffiti")).text
    shown = re.findall(r'data-questions="(\w+)">', page)
    hidden = re.findall(r'data-questions="(\w+)" hidden disabled>', page)
    assert shown == ["graffiti"]
    assert "civil_status" in hidden


def test_a_click_on_the_map_image_marks_a_place_and_comes_closer() -> None:
    client = Desk().client()
    empty = filled(lat=None, lon=None)
    first = client.post("/", data=empty | {"point.x": "120", "point.y": "90"}).text
    lat, lon, window = (re.search(rf'name="{name}"[^>]* value="([^"]*)"', first) for name in ("lat", "lon", "window"))
    assert lat is not None
    assert lon is not None
    assert window is not None
    assert 46.6 < float(lat[1]) < 46.9
    assert 2.6 < float(lon[1]) < 3.0
    again = {"lat": lat[1], "lon": lon[1], "window": window[1], "point.x": "120", "point.y": "90"}
    second = client.post("/", data=filled(**again)).text
    closer = re.search(r'name="window" value="([^"]*)"', second)
    assert closer is not None
    assert float(closer[1].split(",")[2]) == pytest.approx(float(window[1].split(",")[2]) / 4, rel=0.01)
    whole = client.post("/", data=filled(**again, step="whole-map") | {"point.x": "", "point.y": ""}).text
    assert 'name="window" value="0.00,0.00,640.00' in whole


@pytest.mark.parametrize(
    ("refusal", "status", "words"),
    [(RateLimited(42.0), 429, "Many requests came"), (DatabaseAway(), 503, "Nothing is lost")],
)
def test_a_counter_that_cannot_take_it_now_keeps_the_form(refusal: Any, status: int, words: str) -> None:
    answer = Desk(refusal=refusal).client().post("/", data=filled(description="Bent over"))
    assert answer.status_code == status
    assert words in texts(answer.text)
    assert "Bent over" in answer.text
    assert KEY in answer.text
    assert int(answer.headers["retry-after"]) > 0


def test_a_form_that_is_much_too_long_comes_back_with_everything_that_was_typed() -> None:
    long = "Länge und länger. " * 4_000
    answer = Desk().client().post("/?lang=fr", data=filled(lang="fr", description=long, name="Ada Ek"))
    assert answer.status_code == 422
    assert problems(answer.text) == ["description"]
    assert "4000 caractères au plus" in texts(answer.text)
    assert long.strip() in unescape(answer.text)
    assert 'value="Ada Ek"' in answer.text


@pytest.mark.parametrize(("language", "words"), [("fr", "trop long"), ("en", "too much text"), ("sv", "för lång")])
def test_a_body_past_all_bounds_is_refused_in_the_forms_own_language(language: str, words: str) -> None:
    answer = Desk().client().post(f"/?lang={language}", content=b"description=" + b"x" * 1_100_000)
    assert answer.status_code == 413
    assert words in texts(answer.text)
    assert "bytes" not in answer.text


def test_a_body_that_is_no_form_gets_a_page_not_a_document() -> None:
    many = Desk().client().post("/", content="&".join(f"a{n}=1" for n in range(500)))
    assert many.status_code in {400, 422}
    assert many.headers["content-type"].startswith("text/html")


def test_a_territory_without_boundaries_is_asked_for_by_name() -> None:
    desk = Desk()
    page = desk.client().get("/?territory=bordeaux-metropole&lang=fr").text
    assert "data-map" not in page
    assert "Mérignac" in page
    sent = filled(territory="bordeaux-metropole", lang="fr", lat="", lon="", municipality_code="33281")
    assert desk.client().post("/", data=sent).status_code == 303


@pytest.mark.parametrize("language", ["fr", "en", "sv"])
def test_the_language_is_the_one_asked_for_else_the_browsers(language: str) -> None:
    client: TestClient = Desk().client()
    asked = client.get(f"/?territory=val-de-brume&lang={language}", headers={"accept-language": "de"})
    meant = client.get("/?territory=val-de-brume", headers={"accept-language": f"de, {language}-XX;q=0.8, fr;q=0.1"})
    assert f'<html lang="{language}">' in asked.text
    assert f'<html lang="{language}">' in meant.text
