"""Which texts cannot wait? Those with words that a territory has listed as urgent, whatever else is in them.

A line of safety.csv is a few words in order, up to three others between each two; a star stands for any ending:
`sent* gaz` is found in “ça sentait très fort le gaz”. That errs on the side of danger: “no smell of gas” is found too.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.directory.features import words_in
from libs.directory.model import Row

BETWEEN_MAX = 3  # other words between two of a line
ANY_ENDING = "*"
STEM_LETTERS_MIN = 3  # before a star; a shorter stem begins every other word
START_LETTERS = 2  # lines are looked up by the first letters of their first word
WORDS_MAX = 6  # of a line; a longer one is a sentence, and nobody writes the same sentence


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word of a line."""

    word: str
    is_beginning: bool

    def fits(self, word: str) -> bool:
        """Whether a word of a text is meant."""
        return word.startswith(self.word) if self.is_beginning else word == self.word


@dataclass(frozen=True, slots=True)
class Line:
    """Words that, in this order, mean danger that this service deals with."""

    service: str
    wanted: tuple[Wanted, ...]

    @property
    def rank(self) -> tuple[int, int, str]:
        """Of several lines found, the one that says most goes first: more words, more letters."""
        return (-len(self.wanted), -sum(len(one.word) for one in self.wanted), self.service)


class UrgentWords:
    """All lines of a territory, in all its languages: someone in danger does not choose a language first."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._by_start: dict[str, list[Line]] = defaultdict(list)
        for row in rows:
            line = Line(row["service"], wanted_in(row["words"]))
            self._by_start[line.wanted[0].word[:START_LETTERS]].append(line)

    def services_in(self, words: Sequence[str]) -> list[str]:
        """The services whose urgent words stand in a text, the one that says most first."""
        found = [
            line
            for place, word in enumerate(words)
            for line in self._by_start.get(word[:START_LETTERS], ())
            if line.wanted[0].fits(word) and _follow(line.wanted[1:], words, place + 1)
        ]
        return list(dict.fromkeys(line.service for line in sorted(found, key=lambda line: line.rank)))


def wanted_in(text: str) -> tuple[Wanted, ...]:
    """The words of a line. ValueError for a line that would find nothing, or everything."""
    wanted = tuple(_wanted(part) for part in text.split())
    if not 1 <= len(wanted) <= WORDS_MAX:
        raise ValueError(f"expected one to {WORDS_MAX} words")
    return wanted


def _wanted(part: str) -> Wanted:
    stem = part.removesuffix(ANY_ENDING)
    plain = words_in(stem)
    if len(plain) != 1:
        raise ValueError(f"“{part}” is not one word; a star may stand at its end")
    if part.endswith(ANY_ENDING) and len(plain[0]) < STEM_LETTERS_MIN:
        raise ValueError(f"“{part}” has fewer than {STEM_LETTERS_MIN} letters before its star")
    return Wanted(plain[0], part.endswith(ANY_ENDING))


def _follow(wanted: Sequence[Wanted], words: Sequence[str], start: int) -> bool:
    """Whether the rest follows. Every way is tried, because a word may stand twice within reach."""
    if not wanted:
        return True
    near = range(start, min(start + BETWEEN_MAX + 1, len(words)))
    return any(wanted[0].fits(words[place]) and _follow(wanted[1:], words, place + 1) for place in near)
