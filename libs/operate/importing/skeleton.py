"""What is the first draft of a pack, and what in it needs a person?"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from libs.directory.model import FRONT_DESK, OUTSIDE
from libs.directory.pack import AUTHORITIES, COMPETENCES, DEPARTMENTS, POSTAL, SERVICES, TERRITORY
from libs.operate.importing.registers import Commune, Grouping, Register
from libs.operate.importing.wishes import Wish, slug
from libs.operate.importing.words import desk_names, kind_names, town_hall_names

BORDER_BAND_M = 50  # official outlines of the same border differ by tens of metres
# Overseas départements have clocks of their own; three départements have two more holidays.
TIME_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "976": "Indian/Mayotte",
}
MORE_HOLIDAYS = ("57", "67", "68")


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that no register knows. `what` is a stable code, `about` the codes it is about."""

    what: str
    file: str
    message: str
    about: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"what": self.what, "file": self.file, "message": self.message, "about": list(self.about)}


@dataclass(frozen=True, slots=True)
class Source:
    """What a draft is made of."""

    grouping: Grouping
    communes: Sequence[Commune]
    register: Register
    languages: Sequence[str]
    wishes: Sequence[Wish]


@dataclass(slots=True)
class Draft:
    """The files of a pack, and what its people must add."""

    files: dict[str, str] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)


def draft_of(source: Source) -> Draft:
    """Everything but outlines: those are attached as any others are."""
    own = _own_codes(source.communes)
    group = slug(source.grouping.name) or slug(source.grouping.code)
    authorities = [*_communes(source, own, group), *_above(source, group)]
    draft = Draft()
    draft.files[TERRITORY] = _territory(source, group)
    draft.files[AUTHORITIES] = _table(_authority_columns(source.languages), authorities)
    draft.files[DEPARTMENTS] = _table(
        _department_columns(source.languages), list(_front_desks(source, authorities, group))
    )
    draft.files[SERVICES] = _services(source.wishes)
    draft.files[COMPETENCES] = _table(COMPETENCE_COLUMNS, list(_competences(source, authorities)))
    draft.files[POSTAL] = _table(POSTAL_COLUMNS, _postal(source))
    return draft


def _own_codes(communes: Sequence[Commune]) -> dict[str, str]:
    """A readable code for each; two of one name are told apart by their official codes."""
    slugs = {commune.code: slug(commune.name) or commune.code.lower() for commune in communes}
    often = Counter(slugs.values())
    return {code: f"{name}-{code.lower()}" if often[name] > 1 else name for code, name in slugs.items()}


def _territory(source: Source, group: str) -> str:
    departements = {commune.departement for commune in source.communes}
    only = next(iter(departements)) if len(departements) == 1 else ""
    calendar: dict[str, str] = {"country": "FR"} | ({"subdivision": only} if only in MORE_HOLIDAYS else {})
    return _yaml(
        {
            "code": group,
            "names": dict.fromkeys(source.languages, source.grouping.name),
            "languages": list(source.languages),
            "time_zone": TIME_ZONES.get(only, "Europe/Paris"),
            "calendar": calendar,
            "border_band_m": BORDER_BAND_M,
            "confidence_min": 0.8,
            "hops_max": 3,
            "desk": f"{group}-{FRONT_DESK}",
            "code_scheme": "INSEE (code officiel géographique)",
        }
    )


Cells = dict[str, Any]


def _communes(source: Source, own: Mapping[str, str], group: str) -> Iterator[Cells]:
    for commune in source.communes:
        yield {
            "code": own[commune.code],
            "kind": "municipality",
            "official_code": commune.code,
            **_named(dict.fromkeys(source.languages, commune.name)),
            "parent": group,
            "population": commune.population,
        }


def _above(source: Source, group: str) -> Iterator[Cells]:
    """The grouping, and whoever else the register names or the list of services needs."""
    codes = [sorted({getattr(one, part) for one in source.communes} - {""}) for part in ("departement", "region")]
    named = [
        (kind, code, names[code])
        for kind, names, found in zip(
            ("department", "region"), (source.register.departements, source.register.regions), codes, strict=True
        )
        for code in found
        if names.get(code)
    ]
    parents = [slug(name) for _, _, name in named] if len(named) == len({kind for kind, _, _ in named}) else []
    sizes = [one.population or 0 for one in source.communes]
    grouping = {"code": group, "kind": "metropole", "official_code": source.grouping.code}
    names = dict.fromkeys(source.languages, source.grouping.name)
    yield {**grouping, **_named(names), "parent": parents[0] if parents else "", "population": sum(sizes) or None}
    for index, (kind, code, name) in enumerate(named):
        parent = parents[index + 1] if len(parents) > index + 1 else ""
        names = dict.fromkeys(source.languages, name)
        yield {"code": slug(name), "kind": kind, "official_code": code, **_named(names), "parent": parent}
    present = {kind for kind, _, _ in named}
    for level in sorted({wish.level for wish in source.wishes if wish.level}):
        if level not in ("municipality", "metropole") and level not in present:
            yield {"code": level, "kind": level, **_named(kind_names(level, source.languages))}


def _front_desks(source: Source, authorities: Sequence[Cells], group: str) -> Iterator[Cells]:
    """One for each authority: nobody can act without a department, and nobody knows its address but its own people."""
    for one in authorities:
        names = {language: one[f"name_{language}"] for language in source.languages}
        is_commune = one["kind"] == "municipality"
        said = town_hall_names(names) if is_commune else desk_names(names)
        yield {"code": f"{one['code']}-{FRONT_DESK}", "authority": one["code"], "role": FRONT_DESK, **_named(said)}


def _services(wishes: Sequence[Wish]) -> str:
    if not wishes:
        return "# What can be asked for. deploy/territories/README.md explains each field.\n[]\n"
    return _yaml([_service(wish) for wish in wishes])


def _service(wish: Wish) -> dict[str, Any]:
    fields: dict[str, Any] = {"code": wish.code, "names": wish.names}
    fields |= {"kind": wish.kind} if wish.kind else {}
    fields |= {"target": wish.target} if wish.target else {}
    return fields | ({"words": wish.words} if wish.words else {})


def _competences(source: Source, authorities: Sequence[Cells]) -> Iterator[Cells]:
    """One rule for the whole territory for each service whose owner the list says."""
    by_kind: dict[str, str] = {}
    for one in reversed(authorities):
        by_kind[one["kind"]] = one["code"]
    for wish in source.wishes:
        if wish.level:
            decides = "@municipality" if wish.level == "municipality" else by_kind[wish.level]
            rule = {"id": wish.code.replace("_", "-"), "service": wish.code, "where": "*", "decides": decides}
            yield rule | {"acts": f"@decides:{wish.role}", "priority": 0, "basis": wish.basis}


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


def _named(names: Mapping[str, str]) -> Cells:
    return {f"name_{language}": name for language, name in names.items()}


def _authority_columns(languages: Sequence[str]) -> list[str]:
    names = [f"name_{language}" for language in languages]
    return ["code", "kind", "official_code", *names, "parent", "population", "valid_from", "valid_to"]


def _department_columns(languages: Sequence[str]) -> list[str]:
    names = [f"name_{language}" for language in languages]
    return ["code", "authority", "role", *names, "opening_hours", "email", "webhook", "valid_from", "valid_to"]


VALIDITY = ["valid_from", "valid_to"]
COMPETENCE_COLUMNS = ["id", "service", "where", "condition", "decides", "acts", "priority", *VALIDITY, "basis"]
POSTAL_COLUMNS = ["postal_code", "municipality", "cedex"]


def _table(columns: Sequence[str], rows: Iterable[Cells]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: "" if value is None else value for name, value in row.items()} for row in rows)
    return text.getvalue()


def _yaml(value: Any) -> str:
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=120)
