"""Does a person find the subject by the words that people use, typed as people type them?"""

import csv
from collections.abc import Iterator
from itertools import groupby

import pytest

from libs.directory import Release
from libs.directory.suggest import SUGGESTIONS_MAX, suggest
from libs.operate.packs import SHIPPED
from tests.unit.counter_desk import release_of
from tests.unit.directory_packs import release_of as untaught_release_of

PACKS = ("val-de-brume", "bordeaux-metropole")
RIGHT_MIN = 0.90
ORDINARY = [
    ("fr", "un trou dans la rue", "pothole"),
    ("fr", "poubelle pas ramassée", "household_waste"),
    ("fr", "ma rue est sale", "street_cleaning"),
    ("fr", "lampadere", "street_lighting"),
    ("fr", "lampadaires", "street_lighting"),
    ("fr", "poubele", "household_waste"),
    ("fr", "le chien du voisin qui aboie", "noise"),
    ("fr", "acte de naisance", "civil_status"),
    ("fr", "frigo à jeter", "bulky_waste"),
    ("en", "potholes", "pothole"),
    ("en", "pot hole", "pothole"),
    ("en", "hole in the road", "pothole"),
    ("en", "garbage", "household_waste"),
    ("en", "trash", "household_waste"),
    ("en", "streetlight", "street_lighting"),
    ("en", "lamppost broken", "street_lighting"),
    ("en", "barking dogs", "noise"),
    ("en", "birth certificat", "civil_status"),
]


def shown(release: Release, text: str, language: str) -> list[str]:
    return [one.service for one in suggest(release, text, language)]


def evaluation(pack: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """By language: sentences that no classifier learnt from, and the subject that each is about."""
    with (SHIPPED / pack / "evaluation.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(line for line in file if not line.startswith("#")) if row["service"]]
    rows.sort(key=lambda row: row["language"])
    for language, group in groupby(rows, key=lambda row: row["language"]):
        yield language, [(row["text"], row["service"]) for row in group]


@pytest.mark.parametrize("pack", PACKS)
def test_nine_of_ten_sentences_have_the_right_subject_among_the_three_shown(pack: str) -> None:
    release = release_of(pack)
    for language, sentences in evaluation(pack):
        found = [service in shown(release, text, language) for text, service in sentences]
        assert sum(found) / len(found) >= RIGHT_MIN, (language, sum(found), len(found))


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(("language", "text", "service"), ORDINARY)
def test_an_ordinary_word_finds_its_subject(pack: str, language: str, text: str, service: str) -> None:
    assert service in shown(release_of(pack), text, language)


def test_dog_mess_is_found_by_a_childs_word() -> None:
    assert shown(release_of("bordeaux-metropole"), "dog poo", "en")[0] == "dog_fouling"


@pytest.mark.parametrize(
    ("text", "service"),
    [("hål i gatan", "pothole"), ("sopor", "household_waste"), ("trasig gatlampa", "street_lighting")],
)
def test_swedish_words_find_their_subjects(text: str, service: str) -> None:
    assert shown(release_of("val-de-brume"), text, "sv")[0] == service


def test_a_word_that_is_still_being_typed_finds_what_it_begins() -> None:
    assert "street_lighting" in shown(release_of("val-de-brume"), "lampa", "fr")
    assert "graffiti" in shown(release_of("val-de-brume"), "graf", "en")


def test_a_word_of_the_territorys_other_language_is_found_too() -> None:
    assert shown(release_of("val-de-brume"), "rubbish collection", "fr")[0] == "household_waste"


def test_danger_comes_before_everything_else() -> None:
    assert shown(release_of("val-de-brume"), "the dirty street smells of gas", "en")[0] == "gas_leak"


def test_a_pack_that_has_trained_nothing_is_searched_by_its_words_and_synonyms() -> None:
    release = untaught_release_of()
    assert release.classifier is None
    for text in ("street lamp", "lamppost", "streetlights", "lantern", "stret light"):
        assert shown(release, text, "en") == ["lamp"], text
    for text in ("trou", "nid de poule", "nids-de-poule", "chaussée"):
        assert shown(release, text, "fr") == ["pothole"], text


def test_what_nobody_here_knows_finds_nothing_rather_than_anything() -> None:
    assert shown(release_of("val-de-brume"), "", "en") == []
    assert shown(release_of("val-de-brume"), "!!! ???", "en") == []
    assert shown(untaught_release_of(), "zyzzyva quux", "en") == []


def test_no_more_are_shown_than_a_person_reads_and_always_in_the_same_order() -> None:
    release = release_of("bordeaux-metropole")
    first = suggest(release, "arbre rue école bus bruit", "fr")
    assert len(first) == SUGGESTIONS_MAX
    assert first == suggest(release, "arbre rue école bus bruit", "fr")
    assert [one.score for one in first] == sorted((one.score for one in first), reverse=True)
