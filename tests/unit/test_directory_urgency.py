"""Are words that cannot wait found where people write them, and nowhere else?"""

import pytest

from libs.directory.features import words_in
from libs.directory.urgency import UrgentWords, wanted_in

WORDS = UrgentWords(
    [
        {"service": "gas", "language": "fr", "words": "sent* gaz"},
        {"service": "gas", "language": "fr", "words": "odeur gaz"},
        {"service": "gas", "language": "en", "words": "smell* gas"},
        {"service": "fire", "language": "fr", "words": "il y a le feu"},
        {"service": "fire", "language": "sv", "words": "brinner"},
    ]
)


@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("Ça SENT le gaz !", ["gas"]),
        ("ça sentait vraiment très fort gaz", ["gas"]),
        ("une odeur de gaz", ["gas"]),
        ("The hall smells of gas", ["gas"]),
        ("Det brinner", ["fire"]),
        ("Pas d'odeur de gaz", ["gas"]),  # on the side of danger
        ("Il y a le feu et une odeur de gaz", ["fire", "gas"]),  # the longer line says more
        ("ça sentait vraiment très très fort gaz", []),
        ("le gaz sent", []),
        ("il y a le grand feu rouge", ["fire"]),
        ("il y a un feu rouge", []),
        ("un sentier et du gazon", []),
        ("", []),
    ],
)
def test_lines_are_found_in_order_with_a_few_words_between(text: str, services: list[str]) -> None:
    assert WORDS.services_in(words_in(text)) == services


def test_a_word_that_stands_twice_is_tried_twice() -> None:
    words = UrgentWords([{"service": "x", "language": "en", "words": "man under train"}])
    assert words.services_in(words_in("a man a man fell just under the train")) == ["x"]


@pytest.mark.parametrize("line", ["", "ga*", "*", "d'eau", "one two three four five six seven", "!"])
def test_a_line_that_finds_nothing_or_everything_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"expected|not one word|letters"):
        wanted_in(line)


@pytest.mark.parametrize(
    "text",
    [
        "une o\u00addeur de ga\u00adz",
        "une odeur de g\u200daz",
        "une odeur de ga\u200cz",
        "une od\u2060eur de \ufeffgaz",
        "une odeur de gaz\ufe0f",
        "une od\u200beur de g\u200baz",
        "une\u200bodeur\u200bde\u200bgaz",
        "une\u00a0odeur\u202fde\u2003gaz",
    ],
)
def test_danger_is_found_through_marks_that_nobody_sees(text: str) -> None:
    assert WORDS.services_in(words_in(text)) == ["gas"]
