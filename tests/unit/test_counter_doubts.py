"""Is what is known to be wrong about a place said before sending, with a way out that loses nothing?"""

import re
from datetime import datetime

import orjson
import pytest

from libs.directory import Release
from tests.unit.counter_desk import Desk, release_of
from tests.unit.test_counter_form import filled, texts

IN_BRUMEVAL = {"lat": "46.765", "lon": "2.80"}


def ways(page: str) -> list[str]:
    return re.findall(r'name="step" value="([\w-]+)">', page.partition('class="ways"')[2].partition("</p>")[0])


def code_of(name: str) -> str:
    page = Desk().client().get("/?territory=val-de-brume&lang=en").text
    found = re.search(rf'<option value="(\w+)"[^>]*>{name}</option>', page)
    assert found is not None
    return found[1]


def test_a_marker_in_one_municipality_and_another_chosen_are_not_sent_on_as_if_they_agreed() -> None:
    desk = Desk()
    sent = filled(municipality_code=code_of("Vey"), description="Bent over", **IN_BRUMEVAL)
    answer = desk.client().post("/", data=sent)
    assert answer.status_code == 422
    assert "The marker is in Brumeval, but Vey is chosen." in texts(answer.text)
    assert ways(answer.text) == ["by-point", "by-words", "as-it-is"]
    assert "Bent over" in answer.text
    assert desk.submissions == []


@pytest.mark.parametrize(
    ("way", "lat", "code"), [("by-point", 46.765, None), ("by-words", None, "VB"), ("as-it-is", 46.765, "VB")]
)
def test_one_press_settles_what_does_not_fit(way: str, lat: float | None, code: str | None) -> None:
    desk = Desk()
    sent = filled(municipality_code=code_of("Vey"), step=way, **IN_BRUMEVAL)
    assert desk.client().post("/", data=sent).status_code == 303
    place = desk.submissions[0].data.place
    assert place.lat == lat
    assert (place.municipality_code or "")[:2] == (code or "")


def test_a_postal_code_of_nowhere_here_is_said_beside_its_field() -> None:
    desk = Desk()
    wrong = filled(lat="", lon="", postal_code="75001")
    answer = desk.client().post("/", data=wrong)
    assert answer.status_code == 422
    assert "No place here has the postal code 75001" in texts(answer.text)
    assert 'href="#f-postal_code"' in answer.text
    assert desk.client().post("/", data={**wrong, "step": "as-it-is"}).status_code == 303


def test_places_that_agree_are_not_doubted() -> None:
    desk = Desk()
    assert desk.client().post("/", data=filled(municipality_code=code_of("Brumeval"), **IN_BRUMEVAL)).status_code == 303


def test_the_postal_code_is_asked_for_in_the_open() -> None:
    page = Desk().client().get("/?territory=val-de-brume&lang=en").text
    assert page.index('id="f-postal_code"') < page.index("By coordinates")


def test_a_town_of_one_municipality_does_not_ask_which() -> None:
    desk = OneTown()
    page = desk.client().get("/?lang=en").text
    assert 'name="municipality_code"' not in page
    sent = {"territory": "val-de-brume", "lang": "en", "key": "k" * 32, "service": "road_sign"}
    for place in ({}, {"address": "By the old mill"}):
        answer = desk.client().post("/", data={**sent, **place, "key": f"{len(place)}" * 32})
        assert answer.status_code == 303, texts(answer.text)
    assert {one.data.place.municipality_code for one in desk.submissions} == {"VB01"}


class OneTown(Desk):
    """A counter of a single town."""

    def releases(self, _at: datetime) -> list[Release]:
        rows = {**orjson.loads(release_of("val-de-brume").to_bytes()), "places": []}
        release = Release.of({name: part for name, part in rows.items() if name != "format"})
        release.__dict__["municipalities"] = {"VB01": release.municipalities["VB01"]}
        return [release]
