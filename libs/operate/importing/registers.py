"""Which communes and groupings does a national register, or a file of contours, know?"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from libs.directory.shapes import code_of
from libs.operate.importing.tables import Table, first_of, plain, table_in
from libs.operate.output import WrongUse

CODE = ("code", "insee", "codgeo", "codeinsee", "inseecom", "com", "comcode", "codecommune")
NAME = ("nom", "name", "libelle", "libgeo", "nomcom", "comname", "nomcommune", "libellecommune")
POSTAL = ("codespostaux", "codepostal", "postalcodes", "cp")
POPULATION = ("population", "populationmunicipale", "popmun", "pmun", "ptot")
DEPARTEMENT = ("departement", "dep", "codedepartement")
REGION = ("region", "reg", "coderegion")
GROUPING = ("epci", "codeepci", "sirenepci", "epcicode")
# A register also lists what is no commune of today: delegated ones, and the arrondissements of three towns.
IS_COMMUNE = ("", "commune-actuelle", "COM")
POSTAL_CODE = re.compile(r"\b\d{5}\b")
FILES = {"communes": "communes", "epci": "groupings", "departements": "departements", "regions": "regions"}
SUFFIXES = (".csv", ".csv.gz", ".json", ".json.gz", ".xlsx")


@dataclass(frozen=True, slots=True)
class Commune:
    """A municipality as the register has it."""

    code: str
    name: str
    siren: str = ""
    postal_codes: tuple[str, ...] = ()
    population: int | None = None
    departement: str = ""
    region: str = ""
    grouping: str = ""


@dataclass(frozen=True, slots=True)
class Grouping:
    """A grouping of communes (EPCI), by SIREN. `members` are official codes, where the register lists them."""

    code: str
    name: str
    members: tuple[str, ...] = ()
    size: int | None = None


@dataclass(slots=True)
class Register:
    """Everything that was read, by code."""

    communes: dict[str, Commune] = field(default_factory=dict)
    groupings: dict[str, Grouping] = field(default_factory=dict)
    departements: dict[str, str] = field(default_factory=dict)
    regions: dict[str, str] = field(default_factory=dict)
    is_national: bool = False
    """Whether it holds the neighbours too, so that a postal code is known to be shared with them."""


def register_in(folder: Path) -> Register:
    """A folder with the files of a register, found by their names: communes, epci, departements, regions."""
    if not folder.is_dir():
        raise WrongUse(f"{folder} is no folder; name the one that holds the register's communes and epci files.")
    tables: dict[str, Table] = {}
    for word, part in FILES.items():
        files = [path for path in sorted(folder.iterdir()) if _is_about(path, word)]
        if len(files) > 1:
            raise WrongUse(f"{folder} has several files about {word}: {', '.join(path.name for path in files)}.")
        tables[part] = table_in(files[0]) if files else []
    if not tables["communes"]:
        raise WrongUse(f"{folder} has no file of communes (such as communes.json or fr_communes_2026.csv.gz).")
    register = Register(
        communes=communes_of(tables["communes"]), groupings=_groupings(tables["groupings"]), is_national=True
    )
    register.departements = {first_of(row, CODE): first_of(row, NAME) for row in tables["departements"]}
    register.regions = {first_of(row, CODE): first_of(row, NAME) for row in tables["regions"]}
    for grouping in register.groupings.values():
        for code in grouping.members:
            if code in register.communes:
                register.communes[code] = replace(register.communes[code], grouping=grouping.code)
    return register


def _is_about(path: Path, word: str) -> bool:
    stem = path.name.partition(".")[0].casefold()
    return path.name.endswith(SUFFIXES) and word in re.split(r"[^a-z]+", stem)


def communes_in_contours(features: Iterable[Mapping[str, Any]]) -> dict[str, Commune]:
    """What contours say about their communes besides where they are."""
    rows = []
    for feature in features:
        row = {plain(name): value for name, value in (feature.get("properties") or {}).items()}
        rows.append({**row, "code": code_of(feature) or ""})
    return communes_of(rows)


def communes_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Commune]:
    """By code; rows without code or name are left out, and so is what is no commune of today."""
    found: dict[str, Commune] = {}
    for row in rows:
        code, name = first_of(row, CODE), first_of(row, NAME)
        if not code or not name or str(row.get("type") or row.get("typecom") or "") not in IS_COMMUNE:
            continue
        known = found.get(code)
        postal = {*_postal_codes(row), *(known.postal_codes if known else ())}
        found[code] = Commune(
            code,
            name,
            first_of(row, ("siren",)),
            tuple(sorted(postal)),
            _count(first_of(row, POPULATION)),
            first_of(row, DEPARTEMENT),
            first_of(row, REGION),
            first_of(row, GROUPING),
        )
    return found


def _postal_codes(row: Mapping[str, Any]) -> Sequence[str]:
    given = next((row[name] for name in POSTAL if row.get(name)), "")
    text = " ".join(str(one) for one in given) if isinstance(given, list) else str(given)
    return POSTAL_CODE.findall(text)


def _groupings(rows: Table) -> dict[str, Grouping]:
    found: dict[str, Grouping] = {}
    for row in rows:
        code = first_of(row, ("code", "siren"))
        members = row.get("membres") or row.get("members") or []
        codes = tuple(str(one.get("code", "")) for one in members) if isinstance(members, list) else ()
        size = _count(first_of(row, ("ncommunes", "nbcommunes"))) or len(codes) or None
        if code:
            found[code] = Grouping(code, first_of(row, NAME), codes, size)
    return found


def _count(text: str) -> int | None:
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    return int(digits) if digits.isdigit() else None
