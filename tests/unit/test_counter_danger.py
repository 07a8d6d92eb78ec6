"""Is someone in danger told what to do at once, whatever is still wrong with the form?"""

from html import unescape

import pytest

from libs.directory.reading import Text, read
from services.intake.web.danger import alarm_for
from tests.unit.counter_desk import Desk, release_of
from tests.unit.test_counter_form import filled

ADVICE = {
    "en": "Switch nothing on, open the windows, go outside, then call 112 from there.",
    "fr": "N'allumez rien, ouvrez les fenêtres, sortez, puis appelez le 112 depuis l'extérieur.",
    "sv": "Tänd ingenting, öppna fönstren, gå ut och ring sedan 112 utifrån.",
}
GAS = {"en": "It smells of gas", "fr": "Ça sent le gaz", "sv": "Det luktar gas"}


def alarm(page: str) -> str:
    return unescape(page.partition('class="alarm"')[2].partition("</section>")[0])


@pytest.mark.parametrize("language", ADVICE)
def test_a_form_that_is_not_right_yet_shows_the_advice_first(language: str) -> None:
    answer = (
        Desk().client().post("/", data=filled(lang=language, service=None, lat="", lon="", description=GAS[language]))
    )
    assert answer.status_code == 422
    assert ADVICE[language] in alarm(answer.text)
    assert answer.text.index('class="alarm"') < answer.text.index('class="summary"')


def test_the_page_of_a_request_shows_it_before_anyone_has_decided() -> None:
    desk = Desk()
    client = desk.client()
    answer = client.post("/", data=filled(service="?", description="There is a smell of gas in the hall"))
    page = client.get(answer.headers["location"]).text
    assert ADVICE["en"] in alarm(page)
    desk.decide()
    (status,) = desk.kept.values()
    assert status.decision is not None
    assert (status.decision["outcome"], status.decision["service"]) == ("routed", "gas_leak")
    assert ADVICE["en"] in alarm(client.get(answer.headers["location"]).text)


def test_danger_beside_another_service_is_shown_too() -> None:
    desk = Desk()
    client = desk.client()
    answer = client.post("/", data=filled(description="The sign lies beside a hole that smells of gas"))
    assert ADVICE["en"] in alarm(client.get(answer.headers["location"]).text)


def test_everyday_matters_raise_no_alarm() -> None:
    client = Desk().client()
    wrong = client.post("/", data=filled(lat="", lon="", description="The stop sign is bent"))
    assert wrong.status_code == 422
    assert alarm(wrong.text) == ""
    answer = client.post("/", data=filled(description="The stop sign is bent"))
    assert alarm(client.get(answer.headers["location"]).text) == ""


@pytest.mark.parametrize(
    "text",
    ["Nos poubelles dorment dehors depuis jeudi", "Le chien d'en face dort dehors et hurle", "Le chat dort dehors"],
)
def test_bins_and_animals_outside_are_nobody_without_a_shelter(text: str) -> None:
    release = release_of("bordeaux-metropole")
    assert alarm_for(release, text, "", "fr") == ""
    guesses = read(release, Text(text, "fr")).guesses
    assert guesses[0].service != "emergency_shelter"


def test_a_person_outside_still_is() -> None:
    text = "Un vieil homme dort dehors devant la poste"
    assert "115" in alarm_for(release_of("bordeaux-metropole"), text, "", "fr")


def test_a_subject_that_was_chosen_counts_for_more_than_a_guess_about_the_text() -> None:
    release, text = release_of("bordeaux-metropole"), "Un vieil homme dort dehors devant la poste"
    assert alarm_for(release, text, "noise", "fr") == ""
    sent = filled(
        territory="bordeaux-metropole", lang="fr", service="street_cleaning", lat="", lon="", description=text
    )
    answer = Desk().client().post("/", data=sent)
    assert answer.status_code == 422
    assert alarm(answer.text) == ""


def test_words_that_cannot_wait_raise_the_alarm_whatever_was_chosen() -> None:
    release = release_of("bordeaux-metropole")
    assert "112" in alarm_for(release, "ça sent très fort le gaz dans la cour", "noise", "fr")
