"""Which rows of a table are communes of today, which are parts of one, and which are neither?"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from libs.operate.importing import columns
from libs.operate.importing.places import ARRONDISSEMENTS, Commune, Part, departement_in
from libs.operate.importing.tables import Table, count_in, first_of, plain

POSTAL_CODE = re.compile(r"\b\d{5}\b")
SHORT_POSTAL_CODE = re.compile(r"\b\d{4}\b")  # a spreadsheet takes the first zero of 01000 away
CODE_DIGITS = 5
NUMBER_DIGITS = 3  # of a commune within its département, as older tables write it
ABOVE_CODE = re.compile(r"\d{1,3}|2[ABab]")  # of a département, an overseas collectivity or a region
OFFICIAL_CODE = re.compile(r"\w{2,}")


@dataclass(slots=True)
class Communes:
    """What was found, and why rows became nothing."""

    communes: dict[str, Commune] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def communes_of(rows: Table) -> Communes:
    """By code. Several rows of one commune, as La Poste has them for its post towns, are put together."""
    found = Communes()
    for row in _with_their_zeros(rows):
        code, name = first_of(row, columns.CODE), first_of(row, columns.NAME)
        kind = plain(first_of(row, columns.TYPE))
        whole = _whole_of(row, code, kind)
        if not code or not name:
            found.left_out["without code" if name else "without name"] += 1
        elif kind in columns.NO_COMMUNE:
            found.left_out[f"of the type “{kind}”"] += 1
        elif first_of(row, columns.ENDED):
            found.left_out["that have ended"] += 1
        elif whole is not None:
            _add_part(found, row, Part(code, name, whole))
        else:
            _add(found, _commune(row, code, name))
    _drop_parts_of_nothing(found)
    return found


def _with_their_zeros(rows: Table) -> Iterator[Mapping[str, Any]]:
    """Codes as registers have them.

    In a table where some have five digits, those of four have lost a zero; up to three number the communes of a
    département, which stands beside them.
    """
    lengths = {len(code) for row in rows if (code := first_of(row, columns.CODE)).isdigit()}
    for row in rows:
        code, departement = first_of(row, columns.CODE), departement_of(row)
        if code.isdigit() and len(code) == CODE_DIGITS - 1 and CODE_DIGITS in lengths:
            yield _with_code(row, code.zfill(CODE_DIGITS))
        elif code.isdigit() and len(code) <= NUMBER_DIGITS and departement:
            yield _with_code(row, departement + code.zfill(CODE_DIGITS - len(departement)))
        else:
            yield row


def _with_code(row: Mapping[str, Any], code: str) -> Mapping[str, Any]:
    column = next(name for name in columns.CODE if row.get(name) not in (None, "", []))
    return {**row, column: code}


def _whole_of(row: Mapping[str, Any], code: str, kind: str) -> str | None:
    """The commune that this row is a part of; empty when it is one and the row does not say of which; None when not."""
    if code in ARRONDISSEMENTS:
        return ARRONDISSEMENTS[code][0]
    return first_of(row, columns.WHOLE) if kind in columns.PARTS else None


def _add_part(found: Communes, row: Mapping[str, Any], part: Part) -> None:
    """A part's postal codes are the whole's, too; of the arrondissements of a town the whole may have no row."""
    if not part.whole:
        found.left_out["that are parts and do not say of which commune"] += 1
        return
    if part.code != part.whole:  # a new commune has a part of its own code: its former self
        found.parts.append(part)
    name = ARRONDISSEMENTS[part.code][1] if part.code in ARRONDISSEMENTS else ""
    postal = _postal_codes(row, part.whole)
    _add(found, replace(_commune(row, part.whole, name), siren="", population=None, former=(), postal_codes=postal))


def _add(found: Communes, commune: Commune) -> None:
    """What is known already stays; postal and former codes come together."""
    known = found.communes.get(commune.code)
    if known is None:
        found.communes[commune.code] = commune
        return
    found.communes[commune.code] = Commune(
        commune.code,
        known.name or commune.name,
        known.siren or commune.siren,
        tuple(sorted({*known.postal_codes, *commune.postal_codes})),
        known.population if known.population is not None else commune.population,
        known.departement or commune.departement,
        known.region or commune.region,
        known.grouping or commune.grouping,
        tuple(sorted({*known.former, *commune.former})),
    )


def _drop_parts_of_nothing(found: Communes) -> None:
    """A whole that no row names is none: its parts would lead nowhere."""
    nameless = {code for code, commune in found.communes.items() if not commune.name}
    for code in nameless:
        del found.communes[code]
    kept = [part for part in found.parts if part.whole in found.communes]
    if lost := len(found.parts) - len(kept):
        found.left_out["that are parts of a commune that has no row"] += lost
    found.parts = list({(part.code, part.whole): part for part in kept}.values())


def _commune(row: Mapping[str, Any], code: str, name: str) -> Commune:
    return Commune(
        code,
        name,
        first_of(row, columns.SIREN),
        _postal_codes(row, code),
        count_in(first_of(row, columns.POPULATION)),
        departement_of(row) or departement_in(code),
        region_of(row),
        first_of(row, columns.GROUPING),
        tuple(sorted(set(_all_in(row, columns.FORMER, OFFICIAL_CODE)) - {code})),
    )


def departement_of(row: Mapping[str, Any]) -> str:
    """Its code; a column of that name may as well hold the name."""
    code = _code_in(row, columns.DEPARTEMENT)
    return code.zfill(2) if code.isdigit() else code.upper()


def region_of(row: Mapping[str, Any]) -> str:
    """Its code, likewise."""
    code = _code_in(row, columns.REGION)
    return code.zfill(2) if code.isdigit() else code


def _code_in(row: Mapping[str, Any], names: Iterable[str]) -> str:
    found = (first_of(row, [name]) for name in names)
    return next((code for code in found if ABOVE_CODE.fullmatch(code)), "")


def _postal_codes(row: Mapping[str, Any], code: str) -> tuple[str, ...]:
    found = _all_in(row, columns.POSTAL, POSTAL_CODE)
    if not found and departement_in(code):
        found = [short.zfill(CODE_DIGITS) for short in _all_in(row, columns.POSTAL, SHORT_POSTAL_CODE)]
    return tuple(sorted(set(found)))


def _all_in(row: Mapping[str, Any], names: Iterable[str], pattern: re.Pattern[str]) -> list[str]:
    given = next((row[name] for name in names if row.get(name)), "")
    text = " ".join(str(one) for one in given) if isinstance(given, list) else str(given)
    return pattern.findall(text)
