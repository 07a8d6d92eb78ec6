"""Is a person the same pseudonym everywhere, and nobody without the secret?"""

from libs.privacy.pseudonym import pseudonym

SECRET = bytes(32)


def test_the_same_address_written_differently_is_the_same_person() -> None:
    assert pseudonym(SECRET, " Mairie@Ville.example ") == pseudonym(SECRET, "mairie@ville.example")
    assert pseudonym(SECRET, "e\u0301") == pseudonym(SECRET, "\u00e9")


def test_another_secret_makes_another_pseudonym() -> None:
    assert pseudonym(SECRET, "a@ville.example") != pseudonym(bytes([1]) * 32, "a@ville.example")


def test_a_pseudonym_is_hexadecimal_of_a_fixed_length() -> None:
    text = pseudonym(SECRET, "a@ville.example")
    assert len(text) == 64
    assert set(text) <= set("0123456789abcdef")
