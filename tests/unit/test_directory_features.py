"""Does the classifier see the same in a text however it is typed?"""

import pytest

from libs.directory.features import TEXT_CHARACTERS_MAX, features_of, words_in


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("L'ÉGOUT refoule !", ["l", "egout", "refoule"]),
        ("l\u2019e\u0301gout", ["l", "egout"]),  # an accent of its own, as some keyboards send it
        ("cœur, Ångström, straße", ["coeur", "angstrom", "strasse"]),
        ("…", []),
    ],
)
def test_accents_case_and_marks_do_not_count(typed: str, words: list[str]) -> None:
    assert words_in(typed) == words


def test_words_pairs_and_pieces_are_seen_once() -> None:
    assert features_of(["gas", "gas", "at"]) == {"=gas", "=at", "gas gas", "gas at"} | {
        *(" ga", "gas", "as ", " gas", "gas "),
        *(" at", "at ", " at "),
    }


def test_a_misspelt_word_still_resembles_the_right_one() -> None:
    right, wrong, other = (features_of([word]) for word in ("lampadaire", "lampadère", "trottoir"))
    assert len(right & wrong) > 2 * len(right & other)


def test_of_an_endless_text_only_the_beginning_is_read() -> None:
    assert words_in("a" * TEXT_CHARACTERS_MAX + " gas") == ["a" * TEXT_CHARACTERS_MAX]
