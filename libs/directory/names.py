"""Which municipality does someone mean by this name?"""

import re
import unicodedata
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

from libs.characters import INVISIBLE, visible
from libs.directory.spellings import Spellings
from libs.value import value

# Names this short have too many neighbours one letter away; they need a second clue.
SHORT_LETTERS = 5
# Letters that may be wrong, missing, added or swapped, never the first: with more, other towns of the region are meant.
# Of the 506 communes around Bordeaux Métropole this leaves one (Mérignas) that reads as one of its 28 (Mérignac).
TYPOS_FROM_LETTERS = ((10, 2), (5, 1), (0, 0))
TWO_TYPOS_LETTERS_MIN = TYPOS_FROM_LETTERS[0][0]
COMPARED_MAX = 300  # comparing with so few names takes less time than looking them up
CEDEX = re.compile(r"\bcedex\b")
SPELLED_OUT = {"st": "saint", "ste": "sainte", "sts": "saints"}
ARTICLES = ("le", "la", "les", "l", "the")
SPELLED_APART = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})
LETTERS: Mapping[int, str | None] = {**INVISIBLE, **SPELLED_APART}

How = Literal["exact", "short form", "typo"]


@value
class Named:
    """The municipalities a name can mean, by official code, and how it was understood."""

    codes: tuple[str, ...]
    how: How
    is_short: bool


def spell(name: str) -> str:
    """A name as it is compared: no accents, case, punctuation or invisible marks, saint for st, no article in front."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    words = re.findall(r"[^\W_]+", "".join(mark for mark in folded if not unicodedata.combining(mark)))
    words = [SPELLED_OUT.get(word, word) for word in words]
    return " ".join(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


def is_cedex(name: str) -> bool:
    """“Bordeaux CEDEX 9” is where large receivers of mail are served from, not where something is."""
    return bool(CEDEX.search(visible(name).casefold()))


class Gazetteer:
    """The names of a territory's municipalities, in all its languages. A country's are found as fast as a town's."""

    def __init__(self, names: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        codes: dict[str, set[str]] = defaultdict(set)
        for code, spellings in names:
            for name in spellings.values():
                codes[spell(name)].add(code)
        self._codes = {name: tuple(sorted(codes[name])) for name in sorted(codes)}
        self._names = list(self._codes)
        self._names_of: dict[str, list[str]] = defaultdict(list)
        for name, several in self._codes.items():
            for code in several:
                self._names_of[code].append(name)

    @cached_property
    def _spellings(self) -> Spellings:
        """Made for the first typing error: half a second for a country."""
        return Spellings(self._names, TWO_TYPOS_LETTERS_MIN)

    def has(self, name: str) -> bool:
        """Whether somebody is called exactly this."""
        return spell(name) in self._codes

    def find(self, name: str, among: Collection[str] | None = None) -> Named | None:
        """Who is meant, exactly, by a short form, or with typos; `among` narrows to some official codes."""
        wanted = spell(name)
        known = self._codes if among is None else self._narrowed(among)
        if not wanted:
            return None
        is_short = len(wanted) < SHORT_LETTERS
        if wanted in known:
            return Named(known[wanted], "exact", is_short)
        if len(wanted) >= SHORT_LETTERS:
            begun = {code for full in self._beginning(wanted, known) for code in known[full]}
            if begun:
                return Named(tuple(sorted(begun)), "short form", is_short)
        return self._typos(wanted, known, is_short)

    def _beginning(self, words: str, known: Mapping[str, tuple[str, ...]]) -> list[str]:
        """The names that go on after these words. In order they stand between the next two marks, a space and a “!”."""
        names = self._names if known is self._codes else sorted(known)
        return names[bisect_left(names, f"{words} ") : bisect_left(names, f"{words}!")]

    def _typos(self, wanted: str, known: Mapping[str, tuple[str, ...]], is_short: bool) -> Named | None:
        allowed = next(typos for letters, typos in TYPOS_FROM_LETTERS if len(wanted) >= letters)
        if not allowed:
            return None
        near = self._near(wanted, known, allowed)
        if not near:
            return None
        best = min(distance for _, distance, _ in near)
        codes = {code for full, distance, _ in near if distance == best for code in known[full]}
        is_short = is_short or any(len(full) < SHORT_LETTERS for full, distance, _ in near if distance == best)
        return Named(tuple(sorted(codes)), "typo", is_short)

    def _near(
        self, wanted: str, known: Mapping[str, tuple[str, ...]], allowed: int
    ) -> Sequence[tuple[str, float, int]]:
        """The nearest names with their errors, and perhaps some less near."""
        if known is not self._codes or len(known) <= COMPARED_MAX:
            return _compared(wanted, known, allowed)
        # Most people make one error; only who makes two has to be looked for among many more.
        one = _compared(wanted, self._spellings.alike(wanted, 1), 1)
        return one or (_compared(wanted, self._spellings.alike(wanted, 2), 2) if allowed > 1 else [])

    def _narrowed(self, among: Collection[str]) -> dict[str, tuple[str, ...]]:
        names = {name for code in among for name in self._names_of.get(code, ())}
        return {name: tuple(code for code in self._codes[name] if code in among) for name in names}


def _compared(wanted: str, names: Iterable[str], allowed: int) -> Sequence[tuple[str, float, int]]:
    alike = [name for name in names if name[:1] == wanted[:1]]
    return process.extract(wanted, alike, scorer=OSA.distance, score_cutoff=allowed, limit=None)
