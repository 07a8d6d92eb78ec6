"""Are characters counted as people see them, and is nothing left that nobody sees?"""

import sys

import pytest
import regex

from libs.characters import INVISIBLE, characters_in, is_longer, visible


def test_everything_that_unicode_calls_ignorable_is_invisible() -> None:
    ignorable = regex.compile(r"\p{Default_Ignorable_Code_Point}")
    everything = map(chr, range(sys.maxunicode + 1))
    assert {each for each in everything if ignorable.match(each)} <= {chr(point) for point in INVISIBLE}


@pytest.mark.parametrize("mark", ["a", "é", "e\u0301", " ", "\u00a0", "\n", "ल", "\u0629", "👍", "﷽", "\u0600"])
def test_nothing_that_somebody_sees_is_taken_out(mark: str) -> None:
    assert visible(mark) == mark


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("abc", 3),
        ("e\u0301te\u0301", 3),  # accents typed apart
        ("a\r\nb", 3),
        ("🇫🇷", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("👍🏽", 1),
        ("नेपाल", 3),
    ],
)
def test_a_character_is_what_somebody_sees(text: str, seen: int) -> None:
    assert characters_in(text) == seen
    assert not is_longer(text, seen)
    assert is_longer(text, seen - 1)
