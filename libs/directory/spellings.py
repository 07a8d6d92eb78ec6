"""Which of many known names may someone have meant by a misspelt one, without comparing with all of them?

Two words one typing error apart (a letter wrong, missing, added, or two swapped) become the same when each loses at
most one letter. So names are filed under what is left of them, and of their halves: of two errors one half has at most
one, because a swap across the middle is a single wrong letter to either half. It finds too many, never too few.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

# Hashes are spread evenly, so their first bits say almost where they stand: a country has some fifteen in each drawer.
DRAWERS = 1 << 16
DRAWER_SHIFT = 64 - 16


class Spellings:
    """An index of names by typing errors, of which the first letter is never one.

    The hashes of what is left, sorted: some 30 a name, of 12 bytes each, where a table of texts takes ten times that.
    Two texts of one hash only make one more name to compare.
    """

    def __init__(self, names: Sequence[str], two_errors_letters_min: int) -> None:
        """What somebody typed is asked for with two errors only if it has so many letters."""
        self._names = names
        filed = [(hash(key), index) for index, name in enumerate(names) for key in _keys(name, two_errors_letters_min)]
        keys = np.array([key for key, _ in filed], dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        begins = keys[order].searchsorted(np.arange(DRAWERS, dtype=np.int64) - DRAWERS // 2 << DRAWER_SHIFT)
        self._keys = array("q", keys[order].tobytes())
        self._indexes = array("i", np.array([index for _, index in filed], dtype=np.int32)[order].tobytes())
        self._drawers = array("i", [*begins.tolist(), len(keys)])

    def alike(self, wanted: str, typos: int) -> list[str]:
        """All names within this many typing errors (1 or 2) that begin with the same letter, and some others."""
        keys, drawers, found = self._keys, self._drawers, set[int]()
        for key in map(hash, _whole(wanted) if typos == 1 else _halves_asked(wanted)):
            drawer = (key >> DRAWER_SHIFT) + DRAWERS // 2
            end = drawers[drawer + 1]
            place = bisect_left(keys, key, drawers[drawer], end)
            while place < end and keys[place] == key:
                found.add(self._indexes[place])
                place += 1
        return [self._names[index] for index in sorted(found)]


def _keys(name: str, two_errors_letters_min: int) -> Iterator[str]:
    """What a name is filed under. Two errors can make it two letters longer."""
    yield from _whole(name)
    if len(name) >= two_errors_letters_min - 2:
        middle = len(name) // 2
        yield from _left(name[:1], name[:middle])
        yield from _right(name[:1], name[middle:])


def _halves_asked(wanted: str) -> Iterator[str]:
    """Where the middle of the right name may lie in the wrong one: two errors move it by one letter at most."""
    letters = len(wanted)
    middles = {max(known, 0) // 2 for known in range(letters - 2, letters + 3)}
    for cut in sorted({middle + moved for middle in middles for moved in (-1, 0, 1)}):
        yield from _left(wanted[:1], wanted[:cut])
    ends = {known - known // 2 for known in range(letters - 2, letters + 3)}
    for end in sorted({length + moved for length in ends for moved in (-1, 0, 1)}):
        yield from _right(wanted[:1], wanted[letters - end :])


def _whole(name: str) -> Iterable[str]:
    return (f"={left}" for left in _left_over(name))


def _left(letter: str, half: str) -> Iterable[str]:
    return (f"{letter}<{left}" for left in _left_over(half))


def _right(letter: str, half: str) -> Iterable[str]:
    return (f"{letter}>{left}" for left in _left_over(half))


def _left_over(text: str) -> set[str]:
    """The text, and the text without each one of its letters."""
    return {text, *(text[:place] + text[place + 1 :] for place in range(len(text)))}
