"""Can a citizen hand in a request and follow it in a real browser, with and without a script, on phone and desk?"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browsers import browser
from tests.running import HTTP, RunningSystem

STEP_MS_MAX = 60_000  # how long a step of the request may take to be seen; nothing is measured with it
TARGET_PX_MIN = 24  # WCAG 2.2, criterion 2.5.8
TERRITORY = "val-de-brume"
CITY_HALL = {"latitude": 46.765, "longitude": 2.80, "accuracy": 12}
CONTROLS = "button, input:not([type=hidden]), select, textarea, nav a, .button"
TOO_SMALL = """([controls, least]) => [...document.querySelectorAll(controls)]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.classList.contains("visually-hidden"))
    .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < least)
    .map((one) => one.outerHTML)"""


@dataclass
class Citizen:
    """One browser window at the counter; whatever it complains about, or asks from elsewhere, is remembered."""

    system: RunningSystem
    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context.set_default_timeout(STEP_MS_MAX)
        self.page: Page = self.context.new_page()
        self.page.on("console", lambda message: self._hear(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.add(urlsplit(request.url).netloc))

    def _hear(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and "422" not in text:  # a form with a mistake is answered so
            self.complaints.append(text)

    def opens_form(self, language: str = "en", territory: str = TERRITORY) -> Page:
        self.page.goto(f"{self.system.intake_url}/?territory={territory}&lang={language}")
        return self.page

    def finds(self, subject: str, words: str = "") -> Locator:
        """The subject, once words typed into the search field have it suggested."""
        self.page.locator("#f-q").fill(words or subject)
        radio = self.page.locator("[data-suggested]").get_by_role("radio", name=subject)
        radio.wait_for()
        return radio

    def sends(self) -> str:
        """Press the button; returns the reference."""
        self.page.locator(".send button").click()
        self.page.wait_for_url(re.compile(r"/r/[\w-]{43}"))
        return self.page.locator(".ticket-number").inner_text()

    def leaves_content(self) -> None:
        assert self.complaints == []
        assert self.asked == {urlsplit(self.system.intake_url).netloc}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def citizen(chromium: Browser, running_system: RunningSystem) -> Iterator[Callable[..., Citizen]]:
    contexts: list[BrowserContext] = []

    def arrives(width: int = 1280, **settings: Any) -> Citizen:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **settings))
        return Citizen(running_system, contexts[-1])

    yield arrives
    for context in contexts:
        context.close()


def resolve(system: RunningSystem, token: str) -> None:
    """The department says that it is done."""
    status = HTTP.get(f"{system.intake_url}/api/v1/requests/by-token/{token}", timeout=30).json()
    report = {"state": "resolved", "outcome_code": "solved", "department": status["department"]["code"]}
    url = f"{system.intake_url}/api/v1/requests/{status['request_id']}/progress"
    assert HTTP.post(url, json=report, headers=system.authorization, timeout=30).status_code in (200, 202)


def test_a_request_is_handed_in_on_the_map_and_followed_live(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen()
    page = visitor.opens_form()
    visitor.finds("Pothole", "hole in the tarmac").check()
    expect(page.get_by_role("radio", name="Road sign")).to_be_hidden()
    page.get_by_role("radio", name="Public street or road").check()
    drawing = page.locator("[data-drawing]")
    size = drawing.bounding_box()
    assert size is not None
    drawing.click(position={"x": size["width"] * 0.44, "y": size["height"] * 0.55})
    expect(page.locator("#picked")).to_contain_text("Brumeval")
    reference = visitor.sends()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request has an owner", timeout=STEP_MS_MAX)
    page.evaluate("window.isTheSamePage = true")
    resolve(visitor.system, page.url.partition("/r/")[2].partition("?")[0])
    expect(page.get_by_role("heading", level=1)).to_have_text("Your request is closed", timeout=STEP_MS_MAX)
    assert page.evaluate("window.isTheSamePage") is True
    assert page.locator(".ticket-number").inner_text() == reference
    visitor.leaves_content()


def test_everything_works_without_a_script(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen(java_script_enabled=False)
    page = visitor.opens_form("fr")
    page.get_by_label("Chercher un sujet").fill("extrait")
    page.get_by_role("button", name="Chercher").click()
    page.get_by_role("radio", name="Acte d'état civil").check()
    page.locator("input[type=image]").click(position={"x": 100, "y": 120})
    assert page.locator("#f-lat").input_value().startswith("46.7")
    expect(page.get_by_role("radio", name="Acte d'état civil")).to_be_checked()
    page.locator(".send button").click()
    page.get_by_role("radio", name="Naissance").check()
    reference = visitor.sends()
    running = visitor.system
    token = page.url.partition("/r/")[2].partition("?")[0]
    by_token = f"{running.intake_url}/api/v1/requests/by-token/{token}"
    running.wait_until(lambda: HTTP.get(by_token, timeout=30).json()["status"] == "routed", "it is routed")
    page.reload()
    assert page.locator("h1").inner_text() == "Votre demande a un responsable"
    assert page.locator(".ticket-number").inner_text() == reference
    visitor.leaves_content()


def test_the_keyboard_alone_is_enough(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen()
    page = visitor.opens_form()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    visitor.finds("Road sign").focus()
    page.keyboard.press("Space")
    page.locator("[data-drawing]").focus()
    for key in ("+", "ArrowLeft", "ArrowLeft", "Shift+ArrowDown", "-"):
        page.keyboard.press(key)
    expect(page.locator("#picked")).to_contain_text("Brumeval")
    page.get_by_label("Address or landmark").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/r/"))
    visitor.leaves_content()


def test_a_mistake_is_shown_where_it_is_and_can_be_put_right(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen()
    page = visitor.opens_form("sv")
    page.get_by_label("E-post").fill("ingen")
    page.locator(".send button").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    assert page.title().startswith("Fel:")
    summary.get_by_role("link", name=re.compile("e-postadress")).click()
    expect(page.get_by_label("E-post")).to_be_focused()
    page.get_by_label("E-post").fill("nagon@example.org")
    visitor.finds("Vägmärke", "skylten är böjd").check()
    page.get_by_label(re.compile("^Kommun")).select_option(label="Vey")
    visitor.sends()
    visitor.leaves_content()


def test_the_browsers_position_is_used_only_when_asked_for(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen(geolocation=CITY_HALL, permissions=["geolocation"])
    page = visitor.opens_form()
    assert page.locator("#f-lat").input_value() == ""
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#picked")).to_have_text("Brumeval · 46.76500, 2.80000")
    assert page.locator("input[name=accuracy_m]").input_value() == "12"
    visitor.leaves_content()


def test_danger_is_answered_before_anything_is_sent(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen()
    page = visitor.opens_form()
    advice = page.get_by_text("call 112 from there").locator("visible=true")
    expect(advice).to_have_count(0)
    visitor.finds("Smell of gas", "gas leak").check()
    expect(advice).to_have_count(1)
    page.get_by_role("radio", name="I don’t know").check()
    expect(advice).to_have_count(0)
    page.get_by_label("Describe it in your own words").press_sequentially("it smells of gas in the hall")
    expect(advice).to_have_count(1)


def test_a_form_that_was_sent_is_as_it_was_after_going_back_and_sending_again_is_no_second_request(
    citizen: Callable[..., Citizen],
) -> None:
    visitor = citizen()
    page = visitor.opens_form()
    visitor.finds("Pothole").check()
    page.get_by_role("radio", name="Private road").check()
    page.get_by_label("Describe it in your own words").fill("By the letter box")
    page.get_by_label(re.compile("^Municipality")).select_option(label="Vey")
    reference = visitor.sends()
    page.go_back()
    expect(page.get_by_role("radio", name="Pothole")).to_be_checked()
    expect(page.get_by_role("radio", name="Private road")).to_be_checked()
    expect(page.get_by_label("Describe it in your own words")).to_have_value("By the letter box")
    assert visitor.sends() == reference
    visitor.leaves_content()


def test_what_is_too_long_is_counted_while_it_is_written_and_never_cut_off(citizen: Callable[..., Citizen]) -> None:
    visitor = citizen()
    page = visitor.opens_form()
    text = ("A long story. " * 300).strip()
    page.get_by_label("Describe it in your own words").fill(text)
    expect(page.get_by_text("4199 characters; at most 4000 can be sent")).to_be_visible()
    page.get_by_role("button", name="Français").click()
    expect(page.get_by_label("Décrivez avec vos mots")).to_have_value(text)
    visitor.leaves_content()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_its_width_with_targets_large_enough(
    citizen: Callable[..., Citizen], width: int, scheme: str
) -> None:
    visitor = citizen(width, color_scheme=scheme, reduced_motion="reduce")
    page = visitor.opens_form()
    visitor.finds("Bulky waste", "old sofa").check()

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_SMALL, [CONTROLS, TARGET_PX_MIN]) == []

    fits()
    page.locator(".send button").click()
    page.get_by_role("alert").wait_for()
    fits()
    page.get_by_role("checkbox", name="Furniture").check()
    page.get_by_label(re.compile("^Municipality")).select_option(label="Saint-Aubin-sur-Brume")
    visitor.sends()
    fits()
    page.goto(visitor.system.intake_url)
    fits()
    visitor.leaves_content()
