"""Which postal code and which town stand in an address as somebody typed it?

Nothing is known of a country but the forms of the territory's own postal codes (33000, 114 55, 1012 AB, H1 1AA).
A town stands after its code, or else fills a part of the address between commas; any other name is a street's.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from libs.directory.model import PostalCode
from libs.directory.names import Gazetteer, is_cedex, spell

PARTS = re.compile(r"[,;\n\r|/()]+|\s[-–—]\s")
COUNTRY = re.compile(r"^[A-Za-z]{1,3}-(?=\w)")  # F-33000, SE-114 55
# A number after one of these is a box at the post office, however much it looks like a postal code.
BOXES = frozenset(("bp", "cs", "tsa", "box", "boite", "postbox", "postfach", "postbus"))
WORDS_MAX = 120  # an address has at most 500 characters
CODE_WORDS_MAX = 2  # `H1 1AA`; no country writes a postal code in three


class Words(NamedTuple):
    """What an address says in place of fields of their own; empty is nothing."""

    postal_code: str = ""
    town: str = ""


class _Code(NamedTuple):
    """A postal code with what is written around it in its part of the address."""

    code: str
    before: str
    after: str
    part: int


def compact(postal_code: str) -> str:
    """A postal code as it is compared: `h1 1aa`, `H1-1AA` and `H11AA` are one."""
    return postal_code if postal_code.isdigit() else "".join(filter(str.isalnum, postal_code.upper()))


def form_of(postal_code: str) -> str:
    """What it looks like: `00000`, `A00AA`."""
    return "".join("0" if letter.isdigit() else "A" for letter in postal_code)


def read_address(text: str, postal: Mapping[str, PostalCode], forms: frozenset[str], towns: Gazetteer) -> list[Words]:
    """All that an address may say of its town, the surest first; nothing when it names none."""
    parts = [part.split()[:WORDS_MAX] for part in PARTS.split(text) if part.strip()]
    codes = [code for index, part in enumerate(parts) for code in _codes(part, index, postal, forms, towns)]
    found = [_around(code, parts, postal, towns, {one.part for one in codes}) for code in codes]
    if codes:
        sure = [one for one in found if one.town and not is_cedex(one.town)]
        known = [one for one in found if one.town or one.postal_code in postal]
        # A number that only looks like a postal code is followed by nothing, or by another number.
        return sure or known or [one for one, code in zip(found, codes, strict=True) if code.after[:1].isalpha()]
    # The town is said last; after it may come a country.
    named = [" ".join(part) for part in parts[-2:] if towns.has(" ".join(part))]
    return [Words(town=named[-1])] if named else []


def _codes(
    part: Sequence[str], index: int, postal: Mapping[str, PostalCode], forms: frozenset[str], towns: Gazetteer
) -> Iterator[_Code]:
    """The postal codes in one part. One of two words could as well be two numbers, unless it is known, or a town's."""
    place = 0
    while place < len(part):
        for words in range(CODE_WORDS_MAX, 0, -1):
            code = compact(COUNTRY.sub("", "".join(part[place : place + words])))
            after = " ".join(part[place + words :])
            if form_of(code) not in forms or place + words > len(part) or (place and spell(part[place - 1]) in BOXES):
                continue
            if words == 1 or code in postal or _town_at_beginning(after, None, towns):
                yield _Code(code, " ".join(part[:place]), after, index)
                place += words - 1
                break
        place += 1


def _around(
    code: _Code,
    parts: Sequence[Sequence[str]],
    postal: Mapping[str, PostalCode],
    towns: Gazetteer,
    taken: set[int],
) -> Words:
    """The code with its town: after it, else alone before it."""
    known = postal.get(code.code)
    after = code.after
    if not after and code.part + 1 < len(parts) and code.part + 1 not in taken:
        after = " ".join(parts[code.part + 1])
    town = after if is_cedex(after) else _town_at_beginning(after, known, towns)
    if not town:
        earlier = [code.before] if code.before else [" ".join(part) for part in reversed(parts[: code.part])]
        town = next((one for one in earlier if towns.has(one)), "")
    return Words(code.code, town)


def _town_at_beginning(text: str, known: PostalCode | None, towns: Gazetteer) -> str:
    """The longest name with which it begins; else all of it, where it is a misspelt one of those that have the code."""
    words = text.split()
    for count in range(len(words), 0, -1):
        if towns.has(" ".join(words[:count])):
            return " ".join(words[:count])
    return text if known and text and towns.find(text, among=known.municipalities) else ""
