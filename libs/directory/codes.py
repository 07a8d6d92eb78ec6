"""Which municipality does an official code mean on a day?

Its own, while that is in office; else the one whose part has the code, or that had it before. Registers, geocoders and
recorded requests go on using such codes.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Literal

from libs.directory.model import Authority, Row, days_of
from libs.value import value

CodeStatus = Literal["ours", "part", "former", "expired", "elsewhere"]


@value
class Meant:
    """The municipalities that a code means, by official code: one, or several when a former one was divided."""

    status: CodeStatus
    municipalities: tuple[str, ...] = ()


@value
class _Other:
    municipality: str
    relation: CodeStatus
    days: range


class Codes:
    """The official codes of a territory: those of its municipalities, and the others of codes.csv."""

    def __init__(self, rows: Iterable[Row], municipalities: Mapping[str, Authority]) -> None:
        self._municipalities = municipalities
        self._own = {code: Meant("ours", (code,)) for code in municipalities}
        self._others: dict[str, list[_Other]] = defaultdict(list)
        for row in rows:
            self._others[row["code"]].append(_Other(row["municipality"], row["relation"], days_of(row)))

    def meant(self, code: str, day: int) -> Meant:
        """Whom this code means on this day. A whole that has itself become part of another means that one."""
        municipality = self._municipalities.get(code)
        if municipality is not None and day in municipality.days:
            return self._own[code]
        return self._meant(code, day, ())

    def _meant(self, code: str, day: int, asked: tuple[str, ...]) -> Meant:
        municipality = self._municipalities.get(code)
        if municipality is not None and day in municipality.days:
            return self._own[code]
        others = [one for one in self._others.get(code, ()) if one.municipality not in asked]
        found = {
            whole: other.relation
            for other in others
            if day in other.days
            for whole in self._meant(other.municipality, day, (*asked, code)).municipalities
        }
        if found:
            return Meant(min(found.values(), key=("part", "former").index), tuple(sorted(found)))
        return Meant("expired" if municipality is not None or code in self._others else "elsewhere")

    def all_meant(self, codes: Iterable[str], day: int) -> tuple[str, ...]:
        """Whom several codes mean together; in their order, each once."""
        if not self._others:  # each means itself, or nobody
            return tuple(code for code in codes if self.meant(code, day).municipalities)
        return tuple(dict.fromkeys(one for code in codes for one in self.meant(code, day).municipalities))

    def all_meaning(self, codes: Iterable[str], day: int) -> tuple[str, ...]:
        """Those of several codes that mean anybody on this day, as they are."""
        return tuple(code for code in codes if self.meant(code, day).municipalities)
