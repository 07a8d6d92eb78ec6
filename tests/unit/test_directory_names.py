"""Is a municipality found by a name that somebody typed, and never one that nobody meant?"""

import pytest

from libs.directory.names import Gazetteer, is_cedex, spell

BORDEAUX = {
    "33063": "Bordeaux",
    "33281": "Mérignac",
    "33318": "Pessac",
    "33069": "Le Bouscat",
    "33449": "Saint-Médard-en-Jalles",
    "33376": "Saint-Aubin-de-Médoc",
    "33004": "Ambès",
    "33003": "Ambarès-et-Lagrave",
    "33119": "Cenon",
    "33065": "Bouliac",
}
GAZETTEER = Gazetteer((code, {"fr": name}) for code, name in BORDEAUX.items())


@pytest.mark.parametrize(
    ("typed", "code", "how"),
    [
        ("bordeaux", "33063", "exact"),
        ("Bouscat", "33069", "exact"),
        ("LE BOUSCAT", "33069", "exact"),
        ("St Médard en Jalles", "33449", "exact"),
        ("st-medard", "33449", "short form"),
        ("Ambarès", "33003", "short form"),
        ("Bor\u00addeaux", "33063", "exact"),
        ("\u200eSaint-\u200bMédard-en-\u2060Jalles\ufeff", "33449", "exact"),
        ("Bordeuax", "33063", "typo"),
        ("Merignak", "33281", "typo"),
        ("Saint Aubin de Mdeoc", "33376", "typo"),
        ("Pesac", "33318", "typo"),
    ],
)
def test_a_name_is_understood_as_people_write_it(typed: str, code: str, how: str) -> None:
    found = GAZETTEER.find(typed)
    assert found is not None
    assert (found.codes, found.how) == ((code,), how)


@pytest.mark.parametrize(
    "typed", ["Libourne", "Arcachon", "Cestas", "Preignac", "Cénac", "Cambes", "Cessac", "", "-", "Ax"]
)
def test_another_town_is_nobody(typed: str) -> None:
    assert GAZETTEER.find(typed) is None


def test_a_beginning_that_several_share_names_all_of_them() -> None:
    found = GAZETTEER.find("Saint")
    assert found is not None
    assert found.codes == ("33376", "33449")


def test_two_municipalities_of_one_name_are_both_named() -> None:
    twins = Gazetteer([("1", {"fr": "Floirac"}), ("2", {"fr": "Floirac"})])
    found = twins.find("floirac")
    assert found is not None
    assert found.codes == ("1", "2")


@pytest.mark.parametrize("typed", ["Ars", "ars"])
def test_a_short_name_says_that_it_is_short(typed: str) -> None:
    found = Gazetteer([("1", {"fr": "Ars"})]).find(typed)
    assert found is not None
    assert found.is_short


def test_a_name_is_found_in_each_language_of_the_territory() -> None:
    found = Gazetteer([("1", {"sv": "Åbo", "fi": "Turku"})]).find("turku")
    assert found is not None
    assert found.codes == ("1",)


def test_spelling_forgets_accents_case_and_ligatures() -> None:
    assert spell("  L'Œuvre-Sté. ") == "oeuvre sainte"


def test_cedex_is_a_word_of_its_own() -> None:
    assert is_cedex("33045 Bordeaux Cedex")
    assert not is_cedex("Cedexville")
