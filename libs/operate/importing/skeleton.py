"""What is the first draft of a pack?"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from libs.directory.model import FRONT_DESK, OUTSIDE
from libs.directory.pack import AUTHORITIES, CODES, COMPETENCES, DEPARTMENTS, POSTAL, SERVICES, TERRITORY
from libs.operate.importing.authorities import Authorities, authorities_of
from libs.operate.importing.calendars import dates_for
from libs.operate.importing.competences import competences_of
from libs.operate.importing.need import Need
from libs.operate.importing.places import Commune, Grouping, Register
from libs.operate.importing.wishes import Wish
from libs.operate.importing.words import desk_names, town_hall_names

BORDER_BAND_M = 50  # official outlines of the same border differ by tens of metres
VALIDITY = ["valid_from", "valid_to"]
COMPETENCE_COLUMNS = ["id", "service", "where", "condition", "decides", "acts", "priority", *VALIDITY, "basis"]
POSTAL_COLUMNS = ["postal_code", "municipality", "cedex"]


@dataclass(frozen=True, slots=True)
class Source:
    """What a draft is made of. `needs` are those that showed while it was read."""

    grouping: Grouping
    communes: Sequence[Commune]
    register: Register
    languages: Sequence[str]
    wishes: Sequence[Wish]
    needs: Sequence[Need] = ()


@dataclass(slots=True)
class Draft:
    """The files of a pack, and what its people must add."""

    files: dict[str, str] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)


def draft_of(source: Source) -> Draft:
    """Everything but outlines: those are attached as any others are. What an owner lacks is added to its wish."""
    levels: set[str] = {wish.level for wish in source.wishes if wish.level}
    known = authorities_of(source.grouping, source.communes, source.register, source.languages, levels)
    codes = list(_codes(source))
    draft = Draft()
    draft.files[TERRITORY] = _territory(source, known)
    draft.files[AUTHORITIES] = _table(_named_columns(AUTHORITY_COLUMNS, source.languages), known.rows)
    draft.files[DEPARTMENTS] = _table(
        _named_columns(DEPARTMENT_COLUMNS, source.languages), _front_desks(source.languages, known)
    )
    draft.files[SERVICES] = _services(source.wishes)
    draft.files[COMPETENCES] = _table(COMPETENCE_COLUMNS, competences_of(source.wishes, source.communes, known))
    draft.files[POSTAL] = _table(POSTAL_COLUMNS, _postal(source))
    if codes:
        draft.files[CODES] = _table(_named_columns(CODE_COLUMNS, source.languages), codes)
    return draft


def _territory(source: Source, known: Authorities) -> str:
    dates = dates_for(source.communes)
    return _yaml(
        {
            "code": known.territory,
            "names": dict.fromkeys(source.languages, source.grouping.name),
            "languages": list(source.languages),
            "time_zone": dates.time_zone,
            "calendar": dates.calendar,
            "border_band_m": BORDER_BAND_M,
            "confidence_min": 0.8,
            "hops_max": 3,
            "desk": f"{known.head}-{FRONT_DESK}",
            "code_scheme": "INSEE (code officiel géographique)",
        }
    )


Cells = Mapping[str, Any]


def _front_desks(languages: Sequence[str], known: Authorities) -> Iterator[Cells]:
    """One for each authority: nobody can act without a department, and nobody knows its address but its own people."""
    for one in known.rows:
        names = {language: one[f"name_{language}"] for language in languages}
        said = town_hall_names(names) if one["kind"] == "municipality" else desk_names(names)
        desk = {"code": f"{one['code']}-{FRONT_DESK}", "authority": one["code"], "role": FRONT_DESK}
        yield desk | {f"name_{language}": name for language, name in said.items()}


def _services(wishes: Sequence[Wish]) -> str:
    if not wishes:
        return "# What can be asked for. deploy/territories/README.md explains each field.\n[]\n"
    return _yaml([_service(wish) for wish in wishes])


def _service(wish: Wish) -> dict[str, Any]:
    fields: dict[str, Any] = {"code": wish.code, "names": wish.names}
    fields |= {"kind": wish.kind} if wish.kind else {}
    fields |= {"target": wish.target} if wish.target else {}
    return fields | ({"words": wish.words} if wish.words else {})


def _postal(source: Source) -> list[Cells]:
    """Each code with its communes, and whether communes beyond the territory have it too."""
    ours = {commune.code for commune in source.communes}
    outside = {
        postal
        for commune in source.register.communes.values()
        if commune.code not in ours
        for postal in commune.postal_codes
    }
    rows = [
        {"postal_code": postal, "municipality": commune.code, "cedex": 0}
        for commune in source.communes
        for postal in commune.postal_codes
    ]
    shared = {row["postal_code"] for row in rows} & outside
    rows += [{"postal_code": postal, "municipality": OUTSIDE, "cedex": 0} for postal in shared]
    return sorted(rows, key=lambda row: (row["postal_code"], row["municipality"] == OUTSIDE, row["municipality"]))


def _codes(source: Source) -> Iterator[Cells]:
    """The codes of parts and former ones. A code that is a commune's own today means that one, wherever it lies."""
    ours = {commune.code for commune in source.communes}
    parts = {(part.code, part.whole) for part in source.register.parts if part.whole in ours}
    for part in sorted(source.register.parts, key=lambda part: (part.whole, part.code)):
        if part.whole in ours and part.code not in source.register.communes:
            names = {f"name_{language}": part.name for language in source.languages}
            yield {"code": part.code, "municipality": part.whole, "relation": "part", **names}
    for commune in source.communes:
        for code in commune.former:
            if code not in source.register.communes and (code, commune.code) not in parts:
                yield {"code": code, "municipality": commune.code, "relation": "former"}


AUTHORITY_COLUMNS = ["code", "kind", "official_code", "NAMES", "parent", "population", *VALIDITY]
DEPARTMENT_COLUMNS = ["code", "authority", "role", "NAMES", "opening_hours", "email", "webhook", *VALIDITY]
CODE_COLUMNS = ["code", "municipality", "relation", "NAMES", *VALIDITY]


def _named_columns(columns: Sequence[str], languages: Sequence[str]) -> list[str]:
    """With one column of names for each language."""
    at = columns.index("NAMES")
    return [*columns[:at], *(f"name_{language}" for language in languages), *columns[at + 1 :]]


def _table(columns: Sequence[str], rows: Iterable[Cells]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return text.getvalue()


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
