"""Which authorities does a draft begin with, and which of them decides at each level?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from libs.operate.importing.councils import (
    GROUPING,
    LEVELS,
    MUNICIPALITY,
    Council,
    Holder,
    Holders,
    Level,
    holders_of,
)
from libs.operate.importing.own_codes import commune_codes, free_code, stem_of
from libs.operate.importing.places import Commune, Grouping, Register
from libs.operate.importing.words import kind_names

Cells = dict[str, Any]


@dataclass(slots=True)
class Authorities:
    """`rows` are the lines of authorities.csv, `territory` is the territory's code; `head`'s front desk is its desk."""

    territory: str
    head: str = ""
    grouping: str | None = None
    """The grouping's code; None where one town is the whole territory."""
    rows: list[Cells] = field(default_factory=list)
    own: Mapping[str, str] = field(default_factory=dict)
    """The codes of communes, by official code."""
    councils: dict[Council, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    """What stands in for an authority that only its kind is known of."""
    holders: Holders = field(default_factory=lambda: Holders({}))

    def decides(self, level: str, commune: str) -> str | None:
        """The authority for a level at a commune, by its official code; None where there is none of that kind."""
        if level == "municipality":
            return MUNICIPALITY
        if level == "metropole":
            return self.grouping
        holder = self.holders.by_level[level][commune] if level in LEVELS else None
        return self._code_of(holder) or self.kinds.get(level)

    def _code_of(self, holder: Holder | None) -> str | None:
        if isinstance(holder, Council):
            return self.councils[holder]
        return self.grouping if holder == GROUPING else holder


def authorities_of(
    grouping: Grouping, communes: Sequence[Commune], register: Register, languages: Sequence[str], levels: set[str]
) -> Authorities:
    """Communes, their grouping, the councils above, and whoever else the list of services names by kind only."""
    found = Authorities(stem_of(grouping.name, grouping.code), own=commune_codes(communes))
    found.holders = holders_of(communes, grouping, register)
    taken = set(found.own.values())
    if grouping.code or len(communes) > 1:
        found.grouping = free_code(grouping.name, "metropole", grouping.code, taken)
        taken.add(found.grouping)
    found.head = found.grouping or next(iter(found.own.values()))
    for level in reversed(LEVELS):  # the region first: it is the parent of the other
        for council in found.holders.councils(level):
            if council not in found.councils:
                found.councils[council] = free_code(council.name, council.kind, council.code, taken)
                taken.add(found.councils[council])
    for kind in sorted(levels):
        if _is_unnamed(kind, found.holders, communes):
            found.kinds[kind] = free_code(kind, "authority", kind, taken)
            taken.add(found.kinds[kind])
    found.rows = [*_communes(found, communes, languages), *_above(found, grouping, communes, languages)]
    return found


def _is_unnamed(level: str, holders: Holders, communes: Sequence[Commune]) -> bool:
    if level in ("municipality", "metropole"):
        return False
    return level not in LEVELS or any(holders.by_level[level][one.code] is None for one in communes)


def _communes(found: Authorities, communes: Sequence[Commune], languages: Sequence[str]) -> list[Cells]:
    parent = found.grouping or _only(found, "department") or _only(found, "region")
    return [
        {
            "code": found.own[one.code],
            "kind": "municipality",
            "official_code": one.code,
            **_named(dict.fromkeys(languages, one.name)),
            "parent": parent,
            "population": one.population,
        }
        for one in communes
    ]


def _above(
    found: Authorities, grouping: Grouping, communes: Sequence[Commune], languages: Sequence[str]
) -> list[Cells]:
    rows: list[Cells] = []
    department, region = _only(found, "department"), _only(found, "region")
    if found.grouping:
        names = _named(dict.fromkeys(languages, grouping.name))
        head = {"code": found.grouping, "kind": "metropole", "official_code": grouping.code, **names}
        population = sum(one.population or 0 for one in communes) or None
        rows.append(head | {"parent": department or region, "population": population})
    for council, code in sorted(found.councils.items(), key=lambda item: (item[0].kind, item[0].code)):
        parent = region if council.kind == "department" and region != code else ""
        names = _named(dict.fromkeys(languages, council.name))
        rows.append({"code": code, "kind": council.kind, "official_code": council.code, **names, "parent": parent})
    rows += [
        {"code": code, "kind": level, **_named(kind_names(level, languages))} for level, code in found.kinds.items()
    ]
    return rows


def _only(found: Authorities, level: Level) -> str:
    """The council of this level, where all communes have the same."""
    holders = set(found.holders.by_level[level].values())
    one = next(iter(holders)) if len(holders) == 1 else None
    return found.councils[one] if isinstance(one, Council) else ""


def _named(names: Mapping[str, str]) -> Cells:
    return {f"name_{language}": name for language, name in names.items()}
