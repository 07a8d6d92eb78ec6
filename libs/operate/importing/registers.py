"""Which communes and groupings does a national register, or a file of contours, know?"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from libs.directory.shapes import code_of
from libs.operate.importing import columns
from libs.operate.importing.communes import ABOVE_CODE, Communes, communes_of, departement_of, region_of
from libs.operate.importing.places import Grouping, Register
from libs.operate.importing.tables import Table, count_in, first_of, plain, table_in
from libs.operate.output import WrongUse

# Files are found by words in their names. What is about communes and the post is a table of communes, unless there is
# another one: then only its postal codes count.
WORDS: Mapping[str, Sequence[str]] = {
    "communes": ("communes", "commune"),
    "epci": ("epci", "epcicom", "intercommunalite", "groupements"),
    "departements": ("departements", "departement"),
    "regions": ("regions", "region"),
    "post": ("laposte", "postaux", "postal", "hexasmal"),
}
SUFFIXES = (".csv", ".csv.gz", ".json", ".json.gz", ".xlsx", ".txt")


def register_in(folder: Path) -> Register:
    """A folder with the files of a register: communes or La Poste's postal codes, epci, departements, regions."""
    if not folder.is_dir():
        raise WrongUse(f"{folder} is no folder; name the one that holds the register's communes and epci files.")
    files = _files_in(folder)
    register = Register(is_national=True)
    communes = files.get("communes") or files.get("post")
    if communes is None:
        raise WrongUse(
            f"{folder} has no file of communes. Files are known by a word in their names: "
            f"{', '.join(words[0] for words in WORDS.values())}; such as communes.json or laposte_hexasmal.csv."
        )
    _add_communes(register, communes)
    if files.get("communes") and (post := files.get("post")):
        _add_postal_codes(register, post)
    if epci := files.get("epci"):
        register.groupings |= _groupings(table_in(epci), str(epci))
    for names, part in ((register.departements, "departements"), (register.regions, "regions")):
        if path := files.get(part):
            rows = table_in(path)
            columns.require(rows, str(path), {"code": columns.CODE, "name": columns.NAME})
            names |= {first_of(row, columns.CODE).zfill(2): first_of(row, columns.NAME) for row in rows}
    _join_members(register)
    return register


def communes_in_contours(features: Iterable[Mapping[str, Any]], source: str) -> Register:
    """What contours say about their communes besides where they are. `WrongUse` when they name none."""
    rows = []
    for feature in features:
        row = {plain(name): value for name, value in (feature.get("properties") or {}).items()}
        rows.append({**row, "code": code_of(feature) or ""})
    found = communes_of(rows)
    if not found.communes:
        held = ", ".join(sorted(columns.columns_of(rows) - {"code"})) or "none"
        raise WrongUse(
            f"None of the {len(rows)} features of {source} says which commune it is: that takes an official code "
            f"({', '.join(columns.CODE)}) and a name ({', '.join(columns.NAME[:6])}, …) among its properties. "
            f"They have: {held}. Add the codes, or give --register FOLDER and contours with codes."
        )
    register = Register()
    _take(register, found)
    return register


def _files_in(folder: Path) -> dict[str, Path]:
    about = {path: _parts_of(path) for path in sorted(folder.iterdir()) if path.name.lower().endswith(SUFFIXES)}
    found: dict[str, list[Path]] = {part: [] for part in WORDS}
    plainly = [path for path, parts in about.items() if "communes" in parts and "post" not in parts]
    for path, parts in about.items():
        is_for_the_post = {"communes", "post"} <= parts and plainly
        # “communes_par_departement.csv” is about communes, whatever else it names
        for part in {"post"} if is_for_the_post else parts & {"communes"} or parts:
            found[part].append(path)
    for part, paths in found.items():
        if len(paths) > 1:
            raise WrongUse(f"{folder} has several files about {part}: {', '.join(path.name for path in paths)}.")
    return {part: paths[0] for part, paths in found.items() if paths}


def _parts_of(path: Path) -> set[str]:
    stem = path.name.partition(".")[0].casefold()
    words = {plain(word) for word in re.split(r"[^\w]+|_|\d+", stem)}
    return {part for part, known in WORDS.items() if words & set(known) or (part == "post" and "hexasmal" in stem)}


def _add_communes(register: Register, path: Path) -> None:
    rows = table_in(path)
    columns.require(rows, str(path), {"official code": columns.CODE, "name": columns.NAME})
    found = communes_of(rows)
    if not found.communes:
        raise WrongUse(f"{path} has no row that is a commune of today: {_said(found.left_out) or 'it is empty'}.")
    _take(register, found)
    register.departements |= _names(rows, departement_of, (*columns.DEPARTEMENT_NAME, "departement"))
    register.regions |= _names(rows, region_of, (*columns.REGION_NAME, "region"))
    named = _names(rows, lambda row: first_of(row, columns.GROUPING), columns.GROUPING_NAME)
    register.groupings |= {code: Grouping(code, name) for code, name in named.items()}


def _take(register: Register, found: Communes) -> None:
    register.communes, register.parts, register.left_out = found.communes, found.parts, found.left_out


def _said(left_out: Counter[str]) -> str:
    return ", ".join(f"{count} {why}" for why, count in left_out.items())


def _names(rows: Table, coded: Callable[[Mapping[str, Any]], str], names: Sequence[str]) -> dict[str, str]:
    found = {coded(row): first_of(row, names) for row in rows}
    return {code: name for code, name in found.items() if code and name and not ABOVE_CODE.fullmatch(name)}


def _add_postal_codes(register: Register, path: Path) -> None:
    rows = table_in(path)
    columns.require(rows, str(path), {"official code": columns.CODE, "postal code": columns.POSTAL})
    for code, one in communes_of(rows).communes.items():
        if known := register.communes.get(code):
            postal = tuple(sorted({*known.postal_codes, *one.postal_codes}))
            register.communes[code] = replace(known, postal_codes=postal)


def _groupings(rows: Table, source: str) -> dict[str, Grouping]:
    """One row for each grouping, or one for each of its members."""
    own = ("siren", "codesiren", *columns.GROUPING, "code")
    columns.require(rows, source, {"SIREN of the grouping": own})
    found: dict[str, Grouping] = {}
    members: dict[str, dict[str, None]] = {}
    for row in rows:
        code = first_of(row, own)
        if not code:
            continue
        listed = row.get("membres") or row.get("members") or []
        codes = [str(one.get("code", "")) for one in listed] if isinstance(listed, list) else []
        one_member = first_of(row, [name for name in columns.CODE if name not in ("code", "com")])
        members.setdefault(code, {}).update(dict.fromkeys([*codes, one_member] if one_member else codes))
        size = count_in(first_of(row, ("ncommunes", "nbcommunes", "nbmembres", "nbcom")))
        name = first_of(row, (*columns.GROUPING_NAME, *columns.NAME))
        found[code] = Grouping(code, name, (), size)
    return {
        code: replace(one, members=tuple(members[code]), size=one.size or len(members[code]) or None)
        for code, one in found.items()
    }


def _join_members(register: Register) -> None:
    for grouping in register.groupings.values():
        for code in grouping.members:
            if code in register.communes:
                register.communes[code] = replace(register.communes[code], grouping=grouping.code)
