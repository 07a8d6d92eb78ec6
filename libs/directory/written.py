"""How is a part of a record written as JSON once, for all the decisions that share it?

In two orders of fields: as declared, for the body of an event, and sorted, for the hash that is its id. Both are the
bytes that the checked model of the event makes; a property test over decisions holds them together.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson


class Written(NamedTuple):
    """One JSON value, ready to be put into a larger one."""

    declared: orjson.Fragment
    canonical: orjson.Fragment


def write(fields: Mapping[str, Any]) -> Written:
    """A value of plain parts."""
    return Written(_kept(orjson.dumps(fields)), _kept(orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)))


class Around:
    """One JSON value with a hole in its middle, for the few bytes in which many are different."""

    def __init__(self, fields: Mapping[str, Any], hole: bytes) -> None:
        self._before, self._after = orjson.dumps(fields).split(hole)
        self._before_sorted, self._after_sorted = orjson.dumps(fields, option=orjson.OPT_SORT_KEYS).split(hole)

    def fill(self, part: bytes) -> Written:
        """The whole."""
        declared = self._before + part + self._after
        return Written(orjson.Fragment(declared), orjson.Fragment(self._before_sorted + part + self._after_sorted))


def _kept(text: bytes) -> orjson.Fragment:
    """Copied, since orjson leaves a kilobyte around its result: nothing for a moment, much for as long as a release."""
    return orjson.Fragment(memoryview(text).tobytes())


def assemble(fields: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The bytes of an object, as declared and sorted, without what is None. Lists hold written parts only."""
    declared: dict[str, Any] = {}
    canonical: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None:
            continue
        if type(value) is Written:
            declared[name], canonical[name] = value
        elif type(value) is list:
            declared[name], canonical[name] = [one.declared for one in value], [one.canonical for one in value]
        else:
            declared[name] = canonical[name] = value
    return orjson.dumps(declared), orjson.dumps(canonical, option=orjson.OPT_SORT_KEYS)
