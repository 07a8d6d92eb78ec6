"""Are the counter's pages safe, complete, and usable by everybody?"""

import re
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from services.intake.web.counter import APOLOGIES
from services.intake.web.render import FOLDER
from services.intake.web.texts import SPOKEN, texts_in
from tests.unit.counter_desk import IN_BRUMEVAL, Desk

FORM = "/?territory=val-de-brume&lang=en"
PATHS = ("/", FORM, "/?territory=atlantis", "/r/nothing", "/map/val-de-brume.svg", "/static/style.css")
TEMPLATES = sorted((FOLDER / "templates").iterdir())
CONTRAST_MIN = 4.5
EDGE_CONTRAST_MIN = 3.0
READ = [
    *((front, back) for front in ("ink", "soft", "deep", "accent", "alarm") for back in ("paper", "card")),
    *(("ink", back) for back in ("wash", "alarm-wash", "land", "land-marked")),
    ("alarm", "alarm-wash"),
    ("on-deep", "deep"),
]
SEEN = [*((front, back) for front in ("edge", "focus") for back in ("paper", "card")), ("land-line", "land")]
PAIRS = [(*pair, CONTRAST_MIN) for pair in READ] + [(*pair, EDGE_CONTRAST_MIN) for pair in SEEN]


class Page(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.elements if tag in tags]


def request_page(desk: Desk, service: str = "gas_leak") -> str:
    sent = {"territory": "val-de-brume", "lang": "en", "service": service, **IN_BRUMEVAL}
    location: str = desk.client().post("/", data=sent).headers["location"]
    return location


@pytest.mark.parametrize("path", PATHS)
def test_every_answer_forbids_what_the_page_does_not_need(path: str) -> None:
    headers = Desk().client().get(path).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_script_style_or_a_foreign_address(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text)
    assert "| safe" not in text
    assert "|safe" not in text


def test_nobody_may_keep_the_page_of_a_request() -> None:
    desk = Desk()
    page = desk.client().get(request_page(desk))
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["x-robots-tag"] == "noindex"


def test_a_wrong_link_and_an_unknown_territory_are_pages_of_their_own() -> None:
    client = Desk().client()
    assert client.get("/r/" + "x" * 43).status_code == 404
    assert client.get("/r/" + "x" * 43 + "/events").status_code == 404
    assert client.get("/?territory=atlantis").status_code == 404
    assert client.get("/map/atlantis.svg").status_code == 404
    assert client.get("/static/../pages.py").status_code == 404
    assert "This link opens nothing" in client.get("/r/x?lang=en").text


def test_one_territory_needs_no_choice_and_several_do() -> None:
    several = Desk().client().get("/?lang=en").text
    assert "/?territory=bordeaux-metropole&amp;lang=en" in several
    assert 'name="service"' in Desk(packs=("val-de-brume",)).client().get("/").text


def test_every_field_has_a_label_and_every_reference_its_target() -> None:
    page = Page(Desk().client().get(FORM).text)
    ids = [str(attributes["id"]) for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    labelled = {attributes.get("for") for attributes in page.all("label")}
    for field in page.all("input", "select", "textarea"):
        has_label = field.get("id") in labelled or field.get("aria-label") or field.get("alt")
        assert has_label or field.get("type") in {"hidden", "radio", "checkbox"}, field
    for _, attributes in page.elements:
        for name in ("for", "aria-describedby", "aria-labelledby"):
            assert set((attributes.get(name) or "").split()) <= set(ids), attributes


def test_choices_stand_inside_their_labels() -> None:
    page = Desk().client().get(FORM).text
    choices = len(re.findall(r'type="(?:radio|checkbox)"', page))
    assert choices == len(re.findall(r'<label class="choice"><input type="(?:radio|checkbox)"', page)) > 25


def test_the_page_of_a_request_says_everything_in_the_citizens_language() -> None:
    desk = Desk()
    location = request_page(desk)
    before = desk.client().get(location).text
    assert "We have your request" in before
    assert before.index("call 112") < before.index("<h1>")  # what to do comes first, before anybody has decided
    desk.decide()
    after = desk.client().get(location.replace("lang=en", "lang=sv")).text
    reference = next(iter(desk.kept.values())).reference
    for text in (reference, "Gasnätet", "Gasjouren", "Brumeval", "Gaslukt", "Invented code art. 51", "Överlämnat"):
        assert text in after, text
    assert 'aria-current="step"' in after


def test_a_held_request_says_that_a_person_chooses() -> None:
    desk = Desk()
    location = request_page(desk, "ferry")
    desk.decide()
    assert "A person is finding the right owner" in desk.client().get(location).text


def test_a_page_says_no_guess_and_no_share_even_where_an_older_decision_did() -> None:
    desk = Desk()
    location = request_page(desk)
    desk.happens(
        next(iter(desk.kept)), "held", "The text may be about “Cemetery” (5 %). A person will read the request."
    )
    page = desk.client().get(location).text
    assert "%" not in page.partition("<main")[2]
    assert "Cemetery" not in page
    assert page.count("A person will read the request and find out who deals with it.") >= 2


def test_without_a_script_the_page_looks_again_until_the_request_is_closed() -> None:
    desk = Desk()
    location = request_page(desk)
    assert '<noscript><meta http-equiv="refresh"' in desk.client().get(location).text
    desk.happens(next(iter(desk.kept)), "resolved", "Done.")
    closed = desk.client().get(location).text
    assert "http-equiv" not in closed
    assert "Your request is closed" in closed


def test_all_languages_have_the_same_texts_with_the_same_gaps() -> None:
    def gaps(words: object) -> list[str]:
        return sorted(re.findall(r"\{(\w+)", str(words)))

    english = SPOKEN["en"].words
    for texts in SPOKEN.values():
        assert texts.words.keys() == english.keys()
        for key, words in texts.words.items():
            assert gaps(words) == gaps(english[key]), (texts.language, key)
            assert words, key


def test_every_text_is_used_and_every_used_text_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in [*TEMPLATES, *FOLDER.glob("*.py")])
    apologies = {f"{kind}-" for kind in ("lost", "gone", "busy", *APOLOGIES.values(), "refused", "broken")}
    made = {"kind-", "stage-", "headline-", "error-", "doubt-", "way-", "notice-"} | apologies
    kept = {"language", "weekdays", "months", "date", "moment"}
    facts = {"about", "authority", "department", "place", "due", "basis"}
    for key in SPOKEN["en"].words:
        is_made = any(key.startswith(start) for start in made)
        assert is_made or key in kept | facts or f'"{key}"' in sources or f"'{key}'" in sources, key
    for key in re.findall(r"""\b(?:t|texts)\(["']([\w-]*\w)["']""", sources):
        assert key in SPOKEN["en"].words, key


def colours(scheme: str) -> dict[str, str]:
    light, dark = (FOLDER / "static/style.css").read_text("utf-8").split("@media (prefers-color-scheme: dark)")[:2]
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else found


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_can_be_told_apart(scheme: str, front: str, back: str, least: float) -> None:
    palette = colours(scheme)
    bright, dim = sorted((luminance(palette[front]), luminance(palette[back])), reverse=True)
    assert (bright + 0.05) / (dim + 0.05) >= least


def test_the_first_of_a_month_is_written_as_people_write_it() -> None:
    first = datetime(2026, 12, 1, 9, 5)
    assert "1er décembre 2026" in texts_in("fr").date(first)
    assert "1er décembre 2026" in texts_in("fr").moment(first)
    assert "1 December 2026" in texts_in("en").date(first)


def test_she_sees_what_she_wrote_and_where_her_pin_is() -> None:
    desk = Desk()
    sent = {"territory": "val-de-brume", "lang": "en", "service": "pothole", **IN_BRUMEVAL}
    written = {"description": "It swallowed <b>my</b> boot", "address": "by the well", "answer.road": "private"}
    answer = desk.client().post("/", data={**sent, **written, "asked": "pothole"})
    page = desk.client().get(answer.headers["location"]).text
    for text in ("It swallowed &lt;b&gt;my&lt;/b&gt; boot", "by the well", "46.76500, 2.80000", "Private road"):
        assert text in page, text
    (drawn,) = [image for image in Page(page).all("img") if "own-map" in (image["class"] or "")]
    assert drawn["src"] is not None
    assert "lat=46.76500" in drawn["src"]


def test_the_departments_words_stand_beneath_its_sentence_and_beside_the_step() -> None:
    desk = Desk()
    location = request_page(desk)
    desk.decide()
    desk.happens(next(iter(desk.kept)), "resolved", "Done.", "Filled at dawn")
    page = desk.client().get(location).text
    assert page.count("Filled at dawn") == 2
    assert page.index("Filled at dawn") < page.index("ticket-number")
