"""Is a subject offered to everybody, whatever words they use, with and without a script, in small towns and large?"""

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from libs.directory import Release
from services.intake.web.choices import LISTED_MAX, OPEN_MAX, SHELF_MAX, offer_of, shelves_of
from tests.unit.counter_desk import Desk, release_of
from tests.unit.directory_packs import release_of as small_release_of
from tests.unit.test_counter_form import filled, texts

FROM = "/subjects?territory=val-de-brume&lang=en"


def offered(page: str) -> list[str]:
    """The subjects to choose from that are seen without opening a list, in order."""
    outside = re.sub(
        r'<details class="shelves".*?</details>\s*</details>|<details class="shelves".*?</summary>',
        "",
        page,
        flags=re.S,
    )
    return re.findall(r'name="service" value="([^"]+)"', outside)


def searched(words: str, language: str = "en") -> str:
    sent = filled(lang=language, service=None, q=words, step="search", name="Ada")
    return Desk().client().post("/", data=sent).text


@pytest.mark.parametrize(
    ("language", "words", "service"),
    [
        ("en", "TARMAC", "pothole"),
        ("en", "garbage", "household_waste"),
        ("fr", "lampadere", "street_lighting"),
        ("fr", "mon chien aboie", "noise"),
        ("sv", "gatlampa", "street_lighting"),
    ],
)
def test_a_search_without_a_script_offers_what_the_words_may_mean(language: str, words: str, service: str) -> None:
    page = searched(words, language)
    assert offered(page)[0] == service
    assert len(offered(page)) <= 4  # three, and “I don’t know”
    assert 'value="Ada"' in page


def test_words_that_nobody_knows_leave_no_empty_box_behind() -> None:
    page = searched("zyzzyva")
    assert "Nothing fits these words" in texts(page)
    assert "?" in offered(page)
    assert "All subjects (26)" in texts(page)


def test_the_subject_that_was_chosen_stays_to_be_seen_after_another_search() -> None:
    page = Desk().client().post("/", data=filled(service="ferry", q="garbage", step="search")).text
    assert '<input type="radio" name="service" value="ferry" checked>' in page
    assert offered(page)[:2] == ["ferry", "household_waste"]
    assert page.count(" checked>") == 1


def test_typing_asks_for_suggestions_that_a_browser_may_keep() -> None:
    client = Desk().client()
    answer = client.get(FROM + "&q=potholes")
    assert offered(answer.text) == ["pothole"]
    assert "<html" not in answer.text
    assert answer.headers["cache-control"] == "private, max-age=60"
    again = client.get(FROM + "&q=potholes", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/subjects?territory=atlantis&q=x").status_code == 404


def test_every_look_up_takes_from_the_callers_allowance() -> None:
    desk = Desk()
    desk.client().get(FROM + "&q=tree")
    desk.client().post(FROM, content=b"There is a tree across the road")
    assert desk.looks == 2


def test_a_description_offers_subjects_before_anything_is_sent_and_stays_out_of_addresses() -> None:
    answer = Desk().client().post(FROM, content=b"the lamp outside number 4 has been dark for a week")
    assert "street_lighting" in offered(answer.text)
    assert answer.headers["cache-control"] == "no-store"
    assert "Is it one of these?" in texts(answer.text)


def test_a_subject_chosen_while_describing_does_not_vanish_with_the_next_word() -> None:
    answer = Desk().client().post(FROM + "&chosen=ferry", content=b"the lamp outside number 4 is dark and flickers")
    assert '<input type="radio" name="service" value="ferry" checked>' in answer.text
    assert "street_lighting" in offered(answer.text)


def test_a_form_with_words_in_the_search_but_no_subject_is_told_so_when_it_is_sent() -> None:
    answer = Desk().client().post("/", data=filled(service=None, q="lamp", description="The lamp is dark"))
    assert answer.status_code == 422
    assert "Choose a subject" in texts(answer.text)
    assert "street_lighting" in offered(answer.text)


def test_a_description_of_danger_is_answered_while_it_is_written() -> None:
    answer = Desk().client().post(FROM, content=b"there is a strong smell of gas here")
    assert "call 112" in texts(answer.text)


def test_a_description_without_a_script_offers_subjects_when_the_form_comes_back() -> None:
    sent = filled(service=None, lat="", lon="", description="A deep hole in the road near the mill")
    page = Desk().client().post("/", data=sent).text
    described = page.partition("data-described")[2]
    assert re.findall(r'name="service" value="([^"]+)"', described)[0] == "pothole"


def test_no_page_tells_a_citizen_how_sure_the_machine_is() -> None:
    answer = Desk().client().post(FROM, content=b"my child fell off its bicycle by the churchyard")
    assert "%" not in answer.text


def test_the_list_of_all_subjects_has_all_of_them_whatever_is_suggested_above() -> None:
    page = Desk().client().get("/?territory=val-de-brume&lang=en").text
    listed = page.partition('<details class="shelves"')[2].partition('<div class="subject subject-unknown">')[0]
    codes = re.findall(r'name="service" value="([^"]+)"', listed)
    assert sorted(codes) == sorted(release_of("val-de-brume").services)


def test_a_small_town_shows_all_its_subjects_at_once() -> None:
    release = small_release_of()
    assert len(release.services) <= OPEN_MAX
    assert offer_of(release, "en", "", "", "").is_open


def many(count: int) -> Release:
    """A release of this many services, as a large city has."""
    release = small_release_of()
    one = next(iter(release.services.values()))
    names = [f"{chr(65 + number % 26)}{number:04} matter" for number in range(count)]
    services = {f"s{number}": replace(one, code=f"s{number}", names={"en": name}) for number, name in enumerate(names)}
    release.__dict__["services"] = services
    return release


def test_sixteen_hundred_subjects_are_never_on_one_page() -> None:
    release = many(1_600)
    offer = offer_of(release, "en", "", "", "")
    assert (offer.count, offer.has_all) == (1_600, False)
    assert offer.shelf is None
    shelves = shelves_of(release, "en")
    assert sum(len(shelf.choices) for shelf in shelves) == 1_600
    assert max(len(shelf.choices) for shelf in shelves) <= SHELF_MAX < LISTED_MAX
    opened = offer_of(release, "en", "", "", shelves[3].key)
    assert opened.shelf == shelves[3]
    assert len({shelf.letters for shelf in shelves}) == len(shelves)


class LargeDesk(Desk):
    """A counter of a large city."""

    def releases(self, _at: Any) -> list[Release]:
        return [many(1_600)]


def test_a_large_citys_page_stays_light_and_its_shelves_open_without_a_script() -> None:
    client = LargeDesk().client()
    page = client.get("/?lang=en").text
    assert len(page) < 40_000
    (key, *_) = re.findall(r'value="shelf:([^"]+)"', page)
    territory = re.search(r'name="territory" value="([^"]+)"', page)
    assert territory is not None
    sent = {"territory": territory[1], "lang": "en", "step": f"shelf:{key}", "description": "Typed before"}
    opened = client.post("/", data=sent)
    assert opened.status_code == 200
    assert len(re.findall(r'name="service" value="s\d+"', opened.text)) == SHELF_MAX
    assert "Typed before" in opened.text


def test_a_name_in_another_language_is_marked_as_such() -> None:
    release = small_release_of()
    lamp = replace(release.services["lamp"], names={"fr": "Lampadaire en panne"})
    release.__dict__["services"] = {"lamp": lamp}
    (shelf,) = shelves_of(release, "en")
    assert (shelf.choices[0].name, shelf.choices[0].spoken) == ("Lampadaire en panne", "fr")


def test_the_words_typed_are_never_taken_for_markup() -> None:
    page = unescape(searched('<script>alert("x")</script>'))
    assert page.count("<script>alert") == 1  # unescaped by this test; within the value of the field
    assert "<script>alert" not in searched('<script>alert("x")</script>')
