"""How is a part of a record written as JSON once, for all the decisions that share it?

In two orders of fields: as declared, for the body of an event, and sorted, for the hash that is its id. Both are the
bytes that the checked model of the event makes; a property test over decisions holds them together.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

HOLE = orjson.Fragment(b"\x00")  # within JSON a byte that is always escaped


Written = tuple[bytes, bytes]
"""One JSON value: as declared, and sorted."""


def write(fields: Mapping[str, Any]) -> Written:
    """An object of plain parts, for a moment."""
    return orjson.dumps(fields), orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)


def write_to_keep(fields: Mapping[str, Any]) -> Written:
    """The same, copied: orjson leaves a kilobyte around its result, which is much for as long as a release lives."""
    declared, canonical = write(fields)
    return memoryview(declared).tobytes(), memoryview(canonical).tobytes()


def text(value: str) -> Written:
    """A text, of which there is one way to write it."""
    written = orjson.dumps(value)
    return written, written


def listed(parts: Sequence[Written]) -> Written:
    """What stands within the brackets of a list."""
    return b",".join([one[0] for one in parts]), b",".join([one[1] for one in parts])


class Frame:
    """One JSON object with holes, for the few fields in which many are different. None leaves a field out."""

    def __init__(self, fields: Mapping[str, Any], holes: Sequence[str]) -> None:
        """`holes`, in the order of the fields: what they hold is `HOLE`, or a list of it for what `listed` gives."""
        present = {name: value for name, value in fields.items() if value is not None}
        self._declared = _split(orjson.dumps(present))
        self._canonical = _split(orjson.dumps(present, option=orjson.OPT_SORT_KEYS))
        self._sorted = [holes.index(name) for name in sorted(holes)]

    def fill(self, parts: Sequence[Written]) -> Written:
        """The whole, with a part for each hole."""
        declared, canonical = self._declared.copy(), self._canonical.copy()
        declared[1::2] = [one[0] for one in parts]
        canonical[1::2] = [parts[place][1] for place in self._sorted]
        return b"".join(declared), b"".join(canonical)


def _split(whole: bytes) -> list[bytes]:
    """At the holes, with a place for each."""
    pieces = [b""] * (2 * whole.count(b"\x00") + 1)
    pieces[::2] = whole.split(b"\x00")
    return pieces
