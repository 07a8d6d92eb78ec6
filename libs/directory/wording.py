"""Which words stand in a name, and which other words mean the same to the people who type them?

Everyday words come in groups (`everyday/fr.txt`; `fr-function.txt` has the words that say nothing): “garbage” finds
what a pack calls “rubbish”. Two words side by side are also one: “streetlight” finds “street light”, and the reverse.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path

from libs.directory.features import words_in

FOLDER = Path(__file__).parent / "everyday"
PHRASE_WORDS_MAX = 2  # words that stand side by side are also read as one; three in a row say no more than two


@cache
def function_words(language: str) -> frozenset[str]:
    """Those of a language; none where none are listed, and then rarity alone tells words apart."""
    return frozenset(word for line in _lines(f"{language}-function.txt") for word in line.split())


def content_words(text: str, language: str) -> list[str]:
    """The words that can say what it is about; all of them when there are no others."""
    words = words_in(text)
    return [word for word in words if word not in function_words(language)] or words


def terms_of(words: Sequence[str]) -> list[str]:
    """The words, and each two neighbours as one."""
    return [*words, *(first + second for first, second in pairwise(words))]


@cache
def everyday(language: str) -> Mapping[str, frozenset[str]]:
    """For a word, or two written as one: the others of its groups."""
    groups = [_group(line, language) for line in _lines(f"{language}.txt")]
    found: dict[str, set[str]] = defaultdict(set)
    for group in groups:
        for word in group:
            found[word] |= group - {word}
    return {word: frozenset(others) for word, others in found.items()}


def _lines(name: str) -> list[str]:
    path = FOLDER / name
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [line for line in lines if line.strip() and not line.startswith("#")]


def _group(line: str, language: str) -> set[str]:
    phrases = [content_words(phrase, language) for phrase in line.split(",")]
    return {"".join(words) for words in phrases if 1 <= len(words) <= PHRASE_WORDS_MAX}
