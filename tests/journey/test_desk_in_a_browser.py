"""Can a person at a desk work off what waits in a real browser: by keys, without a script, on a phone, in the dark?"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browsers import browser
from tests.journey.test_counter_in_a_browser import STEP_MS_MAX, TARGET_PX_MIN, TOO_SMALL
from tests.offices import ON_THE_STATE_ROAD, answer_link, first_mail, in_the_valley
from tests.running import RunningSystem

CONTROLS = "button, input:not([type=hidden]), select, textarea, nav a, .button, .queue a"
EXPECTED = ("401", "403", "409", "422")  # pages that say that something is wrong are answered so


@dataclass
class Clerk:
    """One browser window at the desk; whatever it complains about, or asks from elsewhere, is remembered."""

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
        if kind in ("error", "warning") and not any(status in text for status in EXPECTED):
            self.complaints.append(text)

    def logs_in(self, path: str = "/triage?lang=en") -> Page:
        self.page.goto(self.system.intake_url + path)
        self.page.locator("#f-key").fill(self.system.key)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(".leave")
        return self.page

    def leaves_content(self) -> None:
        assert self.complaints == []
        assert self.asked == {urlsplit(self.system.intake_url).netloc}


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as started:
        yield started


@pytest.fixture
def clerk(chromium: Browser, running_system: RunningSystem) -> Iterator[Callable[..., Clerk]]:
    contexts: list[BrowserContext] = []

    def arrives(width: int = 1280, **settings: Any) -> Clerk:
        contexts.append(chromium.new_context(viewport={"width": width, "height": 900}, **settings))
        return Clerk(running_system, contexts[-1])

    yield arrives
    for context in contexts:
        context.close()


def held(system: RunningSystem, count: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Requests that wait for a person."""
    kept = [system.submit(in_the_valley(uuid4().hex, **changes)).json() for _ in range(count)]
    ids = [one["request_id"] for one in kept]
    system.wait_until(lambda: all(system.request(one)["status"] == "held" for one in ids), "they are held")
    return kept


def link_to(page: Page, reference: str) -> Any:
    return page.get_by_role("row").filter(has_text=reference).get_by_role("link")


def test_keys_alone_are_enough_from_the_list_to_the_owner(clerk: Callable[..., Clerk]) -> None:
    visitor = clerk()
    (first, second) = held(visitor.system, 2, description="Tags on the railing of the bridge")
    page = visitor.logs_in()
    links = page.locator("[data-row]")
    page.keyboard.press("j")
    expect(links.first).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(links.first).to_be_focused()
    page.keyboard.press("f")
    expect(page.get_by_label("Area")).to_be_focused()
    link_to(page, second["reference"]).focus()
    page.keyboard.press("k")
    expect(link_to(page, first["reference"])).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".wrote")).to_have_text("Tags on the railing of the bridge")
    page.keyboard.press("2")
    expect(page.get_by_role("radio", name="Brumeval street cleaning")).to_be_checked()
    page.keyboard.press("c")
    page.keyboard.type("1 ladder is enough")  # a digit in a text chooses nothing
    expect(page.get_by_role("radio", name="Brumeval street cleaning")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text(
        first["reference"] + " was given to Brumeval street cleaning."
    )
    expect(link_to(page, first["reference"])).to_have_count(0)
    system = visitor.system
    system.wait_until(lambda: system.request(first["request_id"])["status"] == "routed", "it is routed")
    assert system.request(first["request_id"])["department"]["code"] == "brumeval-proprete"
    visitor.leaves_content()


def test_single_keys_can_be_switched_off_and_stay_so(clerk: Callable[..., Clerk]) -> None:
    visitor = clerk()
    held(visitor.system)
    page = visitor.logs_in()
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.reload()
    expect(page.get_by_label("Keyboard shortcuts")).not_to_be_checked()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement === document.body")
    page.get_by_label("Keyboard shortcuts").check()
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("[data-row]").first).to_be_focused()
    visitor.leaves_content()


def test_another_subject_asks_the_rules_without_leaving_the_page(clerk: Callable[..., Clerk]) -> None:
    visitor = clerk()
    (kept,) = held(visitor.system, service=None, description=None, place={"municipality_name": "Brumeval"})
    page = visitor.logs_in(f"/triage/{kept['request_id']}?lang=sv")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ämne ej angivet")
    page.get_by_label("Kommentar till enheten").fill("ett ord att behålla")
    page.evaluate("window.isTheSamePage = true")
    page.get_by_label("Ämne").select_option(label="Gaslukt")
    expect(page.locator(".offer").first).to_contain_text("Gasjouren")
    expect(page.locator(".offer").first).to_contain_text("Reglerna pekar ut den i dag")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gaslukt")
    assert page.evaluate("window.isTheSamePage") is True
    assert page.get_by_label("Kommentar till enheten").input_value() == "ett ord att behålla"
    page.locator(".offer input").first.check()
    page.get_by_role("button", name="Tilldela").last.click()
    expect(page.get_by_role("status").first).to_contain_text("har getts till Gasjouren")
    visitor.leaves_content()


def test_everything_works_without_a_script(clerk: Callable[..., Clerk]) -> None:
    visitor = clerk(java_script_enabled=False)
    (kept,) = held(visitor.system, service=None, description=None, place={"municipality_name": "Rivehaute"})
    page = visitor.logs_in("/triage?lang=fr")
    page.get_by_label("Territoire").select_option(label="Val-de-Brume")
    page.get_by_label("Motif d’attente").select_option("reason.service-missing")
    page.get_by_role("button", name="Afficher").click()
    link_to(page, kept["reference"]).click()
    page.get_by_role("button", name="Attribuer").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Choisissez un service")
    page.get_by_label("Sujet").select_option(label="Odeur de gaz")
    page.get_by_role("button", name="Afficher qui est responsable").click()
    page.get_by_role("radio", name="Urgence gaz").check()
    page.get_by_label("Commentaire pour le service").fill("odeur depuis lundi")
    page.get_by_role("button", name="Attribuer").last.click()
    expect(page.get_by_role("status").first).to_contain_text(kept["reference"])
    assert "why=reason.service-missing" in page.url  # the same list as before
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_role("alert")).to_contain_text("Vous êtes déconnecté.")
    page.go_back()
    page.reload()
    expect(page.locator("#f-key")).to_be_visible()
    visitor.leaves_content()


def test_who_follows_the_mails_link_logs_in_and_is_there(clerk: Callable[..., Clerk]) -> None:
    visitor = clerk()
    (kept,) = held(visitor.system)
    mail = first_mail(visitor.system, kept["reference"], "orientation@val-de-brume.example")
    (link,) = re.findall(r"http\S+(/triage/\S+)", mail)
    page = visitor.logs_in(link)
    expect(page.locator(".case")).to_contain_text(kept["reference"])
    visitor.leaves_content()


def test_a_department_answers_from_its_mail_in_a_browser(clerk: Callable[..., Clerk]) -> None:
    visitor, system = clerk(390), clerk().system
    kept = system.submit(in_the_valley(uuid4().hex, service="pothole", place=ON_THE_STATE_ROAD)).json()
    mail = first_mail(system, kept["reference"], "routes@etat-brume.example")
    page = visitor.page
    page.goto(answer_link(mail))
    expect(page.get_by_label("Message à la personne")).to_be_hidden()
    page.get_by_role("radio", name="C’est terminé").check()
    page.get_by_label("Ce qu’il en est advenu").select_option(label="Aucune suite ne sera donnée")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.get_by_label("Message à la personne").fill("La route sera refaite en mai.")
    page.get_by_role("button", name="Envoyer la réponse").click()
    expect(page.get_by_role("status")).to_contain_text("Merci")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert system.request(kept["request_id"])["outcome_code"] == "no_action"
    visitor.leaves_content()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_its_width_with_targets_large_enough(
    clerk: Callable[..., Clerk], width: int, scheme: str
) -> None:
    visitor = clerk(width, color_scheme=scheme, reduced_motion="reduce")
    (kept,) = held(visitor.system, description="a" * 200 + " " + "Tags on the railing " * 20)
    page = visitor.page

    def fits() -> None:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_SMALL, [CONTROLS, TARGET_PX_MIN]) == []

    for language in ("sv", "fr", "en"):
        page.goto(f"{visitor.system.intake_url}/triage?lang={language}")
        fits()
    visitor.logs_in()
    fits()
    link_to(page, kept["reference"]).click()
    page.locator(".wrote").wait_for()
    fits()
    page.get_by_role("button", name="Assign").last.click()
    page.get_by_role("alert").wait_for()
    fits()
    page.locator("details.panel summary").click()
    fits()
    visitor.leaves_content()
