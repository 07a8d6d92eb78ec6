"""Which services does a town's own list name, and who owns each as far as the list says?"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from libs.directory.model import SERVICE_KINDS
from libs.operate.importing.tables import Table, first_of, plain

CODE = ("code", "topic", "servicecode", "identifiant", "id")
NAME = ("nom", "name", "libelle", "intitule", "service", "title", "titre")
OWNER = ("ownerlevel", "owner", "decides", "competence", "competent", "echelon", "niveau", "level", "authority")
ROLE = ("role", "direction", "department", "acts", "gestionnaire")
BASIS = ("basis", "baselegale", "legalbasis", "fondement")
KIND = ("kind", "type", "nature")
WORKING_DAYS = ("targetworkingdays", "workingdays", "delaijours", "joursouvres", "delai")
HOURS = ("targethours", "hours", "heures", "delaiheures")
VARIES = ("varieslocally", "varies", "varieselonlacommune")
YES = ("oui", "yes", "true", "1", "vrai", "x", "ja")
KINDS = {
    "signalement": "report",
    "demande": "request",
    "demarche": "request",
    "plainte": "complaint",
    "reclamation": "complaint",
}
Level = Literal["municipality", "metropole", "department", "region", "state", "operator", "private"]
LEVELS: Mapping[str, Level] = {
    **dict.fromkeys(("commune", "municipality", "mairie", "ville", "kommun", "municipalite"), "municipality"),
    **dict.fromkeys(("metropole", "epci", "agglomeration", "intercommunalite", "communaute", "grouping"), "metropole"),
    **dict.fromkeys(("departement", "department", "county", "conseildepartemental", "lan"), "department"),
    **dict.fromkeys(("region", "conseilregional"), "region"),
    **dict.fromkeys(("etat", "state", "staten", "prefecture"), "state"),
    **dict.fromkeys(("operator", "operateur", "concessionnaire", "delegataire"), "operator"),
    **dict.fromkeys(("private", "prive", "privat", "proprietaire"), "private"),
}


@dataclass(slots=True)
class Wish:
    """One service of the list. `level` is None where the list says nothing that is understood."""

    code: str
    names: dict[str, str]
    level: Level | None
    role: str
    kind: str | None
    target: dict[str, int]
    basis: str
    words: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def wishes_in(rows: Table, languages: Sequence[str]) -> list[Wish]:
    """In the order of the list; a code that comes again is told and left out."""
    found: dict[str, Wish] = {}
    for row in rows:
        wish = _wish(row, languages)
        if wish is None:
            continue
        if wish.code in found:
            found[wish.code].problems.append("the list names it twice, and the first line counts")
        else:
            found[wish.code] = wish
    return list(found.values())


def slug(name: str, joint: str = "-") -> str:
    """A name as a code: small letters without accents, words joined."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return joint.join(re.findall(r"[a-z0-9]+", letters))[:60].strip(joint)


def _wish(row: Mapping[str, Any], languages: Sequence[str]) -> Wish | None:
    names = {language: _in(row, language, language == languages[0]) for language in languages}
    given = {language: name for language, name in names.items() if name}
    if not given:
        return None
    code = first_of(row, CODE) or slug(next(iter(given.values())), "_")
    owner = first_of(row, OWNER)
    level = LEVELS.get(plain(owner))
    kind = plain(first_of(row, KIND))
    wish = Wish(
        slug(code, "_"),
        given,
        level,
        slug(first_of(row, ROLE)) or "accueil",
        KINDS.get(kind, kind if kind in SERVICE_KINDS else None),
        _target(row),
        first_of(row, BASIS),
        {language: words for language in languages if (words := _words(row, language))},
    )
    if level is None:
        wish.problems.append(f"nobody owns it: “{owner}” is no level of authority" if owner else "nobody owns it")
    if plain(first_of(row, VARIES)) in YES:
        wish.problems.append("the owner varies from one municipality to the next: add a rule for each that differs")
    return wish


def _in(row: Mapping[str, Any], language: str, is_first: bool) -> str:
    """`name_fr`, `fr`, and for the first language also a column without language."""
    columns = [f"{name}{language}" for name in NAME] + [language]
    return first_of(row, [*columns, *(NAME if is_first else ())])


def _words(row: Mapping[str, Any], language: str) -> list[str]:
    text = first_of(row, (f"words{language}", f"mots{language}", f"motscles{language}"))
    return [word.strip() for word in re.split(r"[;,|\n]", text) if word.strip()]


def _target(row: Mapping[str, Any]) -> dict[str, int]:
    for unit, columns in (("working_days", WORKING_DAYS), ("hours", HOURS)):
        digits = re.search(r"\d+", first_of(row, columns))
        if digits:
            return {unit: int(digits.group())}
    return {}
