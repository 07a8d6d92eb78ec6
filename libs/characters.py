"""Which characters does nobody see, and how many does somebody see?"""

from collections.abc import Mapping
from types import MappingProxyType

# Unicode's default-ignorable code points and the annotation marks: soft hyphens, joiners, direction marks, byte order
# marks, variation selectors and their like. They come along when text is copied, and some keyboards write them.
_RANGES = (
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1BCA0, 0x1BCA3),
    (0x1D173, 0x1D17A),
    (0xE0000, 0xE0FFF),
)
ZERO_WIDTH_SPACE = "\u200b"
"""The one of them that stands between words, in languages that write no blanks, and where pages may break a line."""

INVISIBLE: Mapping[int, None] = MappingProxyType(
    {point: None for first, last in _RANGES for point in range(first, last + 1)}
)
"""For `str.translate`."""


def visible(text: str) -> str:
    """The same without what nobody sees."""
    return text if text.isascii() else text.translate(INVISIBLE)


def is_longer(text: str, characters_max: int) -> bool:
    """Whether somebody would count more characters than so many: an accent typed apart, a flag or a family of joined
    faces is one (an extended grapheme cluster of Unicode, UAX 29)."""
    if len(text) <= characters_max:
        return False
    return characters_in(text) > characters_max


def characters_in(text: str) -> int:
    """How many characters somebody sees; a line end is one, however it is written."""
    import regex

    return sum(1 for _ in regex.finditer(r"\X", text))
