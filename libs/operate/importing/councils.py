"""Which council does what a département or a region does, for each commune of a draft?

Where there is no such council any more, another one acts in its place: the law of its own is named beside each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from libs.operate.importing.places import Commune, Grouping, Register

Level = Literal["department", "region"]
LEVELS: tuple[Level, ...] = ("department", "region")


@dataclass(frozen=True, slots=True)
class Council:
    """An authority above communes and groupings. `code` is INSEE's of the collectivity (CTCD) or of the département."""

    code: str
    kind: Level
    name: str


MUNICIPALITY: Literal["@municipality"] = "@municipality"
GROUPING: Literal["@grouping"] = "@grouping"
Holder = Council | Literal["@municipality", "@grouping"]
"""A council; or the municipality or the grouping itself, which exercises what the département has elsewhere."""

STAND_IN: Mapping[Level, str] = {"department": "Département", "region": "Région"}
LYON = "200046977"  # the SIREN of the Métropole de Lyon, which is no EPCI: the Rhône's council ends at its border
LYON_COUNCIL = Council("69M", "department", "Métropole de Lyon")
RHONE = "69"
CORSICA = Council("20R", "region", "Collectivité de Corse")  # since 2018
ALSACE = Council("6AE", "department", "Collectivité européenne d'Alsace")  # since 2021
BOTH: Mapping[str, Holder] = {
    "2A": CORSICA,
    "2B": CORSICA,
    "972": Council("972R", "region", "Collectivité territoriale de Martinique"),  # since 2015
    "973": Council("973R", "region", "Collectivité territoriale de Guyane"),  # since 2015
    "975": Council("975", "region", "Collectivité territoriale de Saint-Pierre-et-Miquelon"),
    "976": Council("976D", "department", "Département-Région de Mayotte"),
    "977": MUNICIPALITY,  # Saint-Barthélemy and Saint-Martin are commune, département and region in one (2007)
    "978": MUNICIPALITY,
    "986": Council("986", "region", "Wallis-et-Futuna"),
    "987": Council("987", "region", "Polynésie française"),
    "988": Council("988", "region", "Nouvelle-Calédonie"),
}
INSTEAD: Mapping[Level, Mapping[str, Holder]] = {
    # Paris is commune and département in one (2019).
    "department": {**BOTH, "67": ALSACE, "68": ALSACE, "75": MUNICIPALITY},
    "region": BOTH,
}
PROVINCES = "988"  # between Nouvelle-Calédonie and its communes stand three provinces, which no register lists


@dataclass(frozen=True, slots=True)
class Holders:
    """Who holds each level, by commune; None where the register does not name the council."""

    by_level: Mapping[Level, Mapping[str, Holder | None]]

    def councils(self, level: Level) -> list[Council]:
        """Each once, in the order of its code."""
        found = {one for one in self.by_level[level].values() if isinstance(one, Council)}
        return sorted(found, key=lambda council: council.code)


def holders_of(communes: Sequence[Commune], grouping: Grouping, register: Register) -> Holders:
    """For all communes of a draft."""
    names: Mapping[Level, Mapping[str, str]] = {"department": register.departements, "region": register.regions}
    by_level = {}
    for level in LEVELS:
        known = _with_stand_ins(level, communes, names[level])
        by_level[level] = {one.code: _holder(level, one, grouping, known) for one in communes}
    return Holders(by_level)


def _with_stand_ins(level: Level, communes: Sequence[Commune], names: Mapping[str, str]) -> Mapping[str, str]:
    """Several councils that no file names are still several: each goes by its number. One alone needs no number."""
    unnamed = unnamed_of(level, communes, names)
    return {**{code: f"{STAND_IN[level]} {code}" for code in unnamed if len(unnamed) > 1}, **names}


def unnamed_of(level: Level, communes: Sequence[Commune], names: Mapping[str, str]) -> tuple[str, ...]:
    """The départements or regions of these communes that no file names, and no other council replaces."""
    codes = {_code_at(level, one) for one in communes if one.departement not in INSTEAD[level]}
    return tuple(sorted(code for code in codes if code and not names.get(code)))


def _code_at(level: Level, commune: Commune) -> str:
    return commune.departement if level == "department" else commune.region


def _holder(level: Level, commune: Commune, grouping: Grouping, names: Mapping[str, str]) -> Holder | None:
    if instead := INSTEAD[level].get(commune.departement):
        return instead
    code = _code_at(level, commune)
    if level == "department" and code == RHONE and LYON in (commune.grouping, grouping.code):
        return GROUPING if grouping.code == LYON else LYON_COUNCIL
    return Council(code, level, names[code]) if names.get(code) else None
