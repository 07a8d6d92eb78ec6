"""What does the classifier see of a text? Its words, pairs of words and pieces of words, without accents or case.

Pieces (three and four letters, with the word's edges) make a misspelt or inflected word resemble the right one.
"""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

from libs.characters import ZERO_WIDTH_SPACE
from libs.directory.names import LETTERS

RECIPE = 1  # of these features; a classifier that learnt from others is refused, for it would see something else
TEXT_CHARACTERS_MAX = 2_000  # the rest of a longer text is not read: what it is about stands at its beginning
PIECE_LETTERS = (3, 4)
WORD = re.compile(r"[^\W_]+")


def words_in(text: str) -> list[str]:
    """The words of a text as they are compared: small letters, no accents, no punctuation, no invisible marks.

    A zero-width space may stand between two words or, where a page was allowed to break, inside one. Nobody can see
    which, so that a text with some is read both ways, one after the other.
    """
    plain = text[:TEXT_CHARACTERS_MAX].casefold()
    if plain.isascii():
        return WORD.findall(plain)
    words = _words_in(plain)
    if ZERO_WIDTH_SPACE not in plain:
        return words
    apart = _words_in(plain.replace(ZERO_WIDTH_SPACE, " "))
    return apart if apart == words else apart + words


def _words_in(plain: str) -> list[str]:
    marked = unicodedata.normalize("NFKD", plain.translate(LETTERS))
    return WORD.findall("".join(mark for mark in marked if not unicodedata.combining(mark)))


def features_of(words: Sequence[str]) -> set[str]:
    """`=word`, `two words`, and pieces such as ` wo`, `wor`, `ord `. A feature counts once, however often it occurs."""
    features = {f"{word} {after}" for word, after in pairwise(words)}
    for word in set(words):
        features.add(f"={word}")
        _add_pieces(f" {word} ", features)
    return features


def _add_pieces(edged: str, features: set[str]) -> None:
    for length in PIECE_LETTERS:
        if length >= len(edged):
            features.add(edged)
            return
        features.update([edged[start : start + length] for start in range(len(edged) - length + 1)])
