"""What is read in a text, and is it the same one by one, together, and in another process's copy of the release?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Guess, Reading, Release, Text, read, read_many, safety_of
from tests.unit.directory_packs import files, release_of
from tests.unit.directory_texts import EXAMPLES, taught

TAUGHT = taught()
COPY = Release.from_bytes(TAUGHT.to_bytes())
WIRE = {"fr": "Ne touchez pas les fils.", "en": "Do not touch the wires."}
SOME_WORDS = ["trou", "route", "lampe", "mur", "the", "road", "light", "wall", "live", "wires", "zzz", "é", "!", "12"]
TEXTS = st.builds(
    lambda words, language, service: Text(" ".join(words), language, service),
    st.lists(st.sampled_from(SOME_WORDS), max_size=12),
    st.sampled_from([None, "fr", "en", "de"]),
    st.sampled_from([None, None, "pothole", "lamp"]),
)


def best(text: str, language: str | None = None) -> tuple[str, str | None]:
    reading = read(TAUGHT, Text(text, language))
    return reading.language, reading.guesses[0].service if reading.guesses else None


@settings(max_examples=150, deadline=None)
@given(st.lists(TEXTS, max_size=6))
def test_together_one_by_one_and_elsewhere_the_same_is_read(texts: list[Text]) -> None:
    together = read_many(TAUGHT, texts)
    assert together == [read(TAUGHT, text) for text in texts] == read_many(COPY, texts)
    assert all(sum(guess.confidence for guess in one.guesses) <= 1.0002 for one in together)


def test_a_text_is_read_in_the_language_it_is_written_in() -> None:
    assert best("trou énorme dans la chaussée") == ("fr", "pothole")
    assert best("huge hole in the road surface") == ("en", "pothole")
    assert best("huge hole in the road surface", "fr") == ("en", "pothole")


@pytest.mark.parametrize("text", ["Tag", "12 ?", "mur wall", "mur wall trou hole lampe lamp"])
def test_what_may_be_any_language_is_the_default_one(text: str) -> None:
    assert read(TAUGHT, Text(text)).language == "fr"
    assert read(TAUGHT, Text(text, "en")).language == "en"


@pytest.mark.parametrize("text", ["", "…", "qqq www", "xyzzy"])
def test_nothing_is_guessed_from_words_that_were_never_met(text: str) -> None:
    assert read(TAUGHT, Text(text)).guesses == ()


def test_what_asks_for_nothing_is_not_taken_for_something() -> None:
    guesses = read(TAUGHT, Text("Bonjour à tous, bonjour à toutes.")).guesses
    assert all(guess.confidence < 0.5 for guess in guesses)
    assert "" not in {guess.service for guess in guesses}


def test_where_a_service_is_named_nothing_is_guessed_but_danger_is_seen() -> None:
    reading = read(TAUGHT, Text("Live wires in the road", "en", "pothole"))
    assert (reading.urgent, reading.guesses) == ("lamp", ())


def test_without_a_classifier_danger_is_seen_all_the_same() -> None:
    plain = release_of(safety="service,language,words\nlamp,en,live wire*\n")
    assert read(plain, Text("LIVE WIRES! Hole in the road.")) == Reading("fr", "lamp", ())


@pytest.mark.parametrize(
    ("service", "reading", "told"),
    [
        ("lamp", None, True),
        ("pothole", None, False),
        ("pothole", Reading("en", "lamp"), True),
        (None, Reading("en", None, (Guess("lamp", 0.5),)), True),  # a person will choose, but the advice is given
        (None, Reading("en", None, (Guess("lamp", 0.49),)), False),
        ("pothole", Reading("en", None, (Guess("lamp", 0.9),)), False),
        ("gone", Reading("en", "gone"), False),
    ],
)
def test_advice_is_given_for_danger_seen_named_or_likely(
    service: str | None, reading: Reading | None, told: bool
) -> None:
    assert safety_of(TAUGHT, service, reading) == (WIRE if told else None)


def test_the_classifier_knows_its_own_examples_and_the_release_reads_the_same_after_travelling() -> None:
    rows = [line.rsplit(",", 2) for line in EXAMPLES.splitlines()[1:]]
    right = [best(text.strip('"'))[1] == (service or None) for text, _, service in rows if service]
    assert sum(right) >= 0.9 * len(right)
    assert COPY.version == TAUGHT.version
    assert len(COPY.to_bytes()) > len(release_of().to_bytes())
    assert set(files()) < {*files(safety="x", examples="x", classifier="x")}
