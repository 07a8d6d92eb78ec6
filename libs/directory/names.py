"""Which municipality does someone mean by this name?"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import process
from rapidfuzz.distance import OSA

# Names this short have too many neighbours one letter away; they need a second clue.
SHORT_LETTERS = 5
# Letters that may be wrong, missing, added or swapped, never the first: with more, other towns of the region are meant.
# Of the 506 communes around Bordeaux Métropole this leaves one (Mérignas) that reads as one of its 28 (Mérignac).
TYPOS_FROM_LETTERS = ((10, 2), (5, 1), (0, 0))
CEDEX = re.compile(r"\bcedex\b")
SPELLED_OUT = {"st": "saint", "ste": "sainte", "sts": "saints"}
ARTICLES = ("le", "la", "les", "l", "the")
LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ß": "ss", "ł": "l", "đ": "d"})

How = Literal["exact", "short form", "typo"]


@dataclass(frozen=True, slots=True)
class Named:
    """The municipalities a name can mean, by official code, and how it was understood."""

    codes: tuple[str, ...]
    how: How
    is_short: bool


def spell(name: str) -> str:
    """A name as it is compared: no accents, case or punctuation, saint for st, no article in front."""
    folded = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    words = re.findall(r"[^\W_]+", "".join(mark for mark in folded if not unicodedata.combining(mark)))
    words = [SPELLED_OUT.get(word, word) for word in words]
    return " ".join(words[1:] if len(words) > 1 and words[0] in ARTICLES else words)


def is_cedex(name: str) -> bool:
    """“Bordeaux CEDEX 9” is where large receivers of mail are served from, not where something is."""
    return bool(CEDEX.search(name.casefold()))


class Gazetteer:
    """The names of a territory's municipalities, in all its languages."""

    def __init__(self, names: Iterable[tuple[str, Mapping[str, str]]]) -> None:
        codes: dict[str, set[str]] = defaultdict(set)
        for code, spellings in names:
            for name in spellings.values():
                codes[spell(name)].add(code)
        self._codes = {name: tuple(sorted(codes[name])) for name in sorted(codes)}

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
            begun = {code for full, codes in known.items() if full.startswith(wanted + " ") for code in codes}
            if begun:
                return Named(tuple(sorted(begun)), "short form", is_short)
        return self._typos(wanted, known, is_short)

    def _typos(self, wanted: str, known: Mapping[str, tuple[str, ...]], is_short: bool) -> Named | None:
        allowed = next(typos for letters, typos in TYPOS_FROM_LETTERS if len(wanted) >= letters)
        alike = [name for name in known if name[:1] == wanted[:1]]
        near = process.extract(wanted, alike, scorer=OSA.distance, score_cutoff=allowed, limit=None)
        if not allowed or not near:
            return None
        best = min(distance for _, distance, _ in near)
        codes = {code for full, distance, _ in near if distance == best for code in known[full]}
        is_short = is_short or any(len(full) < SHORT_LETTERS for full, distance, _ in near if distance == best)
        return Named(tuple(sorted(codes)), "typo", is_short)

    def _narrowed(self, among: Collection[str]) -> dict[str, tuple[str, ...]]:
        narrowed = {name: tuple(code for code in codes if code in among) for name, codes in self._codes.items()}
        return {name: codes for name, codes in narrowed.items() if codes}
