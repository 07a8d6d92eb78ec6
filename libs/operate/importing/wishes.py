"""Which services does a town's own list name, and who owns each as far as the list says?"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from libs.directory.model import SERVICE_KINDS
from libs.directory.pack import SERVICES
from libs.operate.importing import targets
from libs.operate.importing.columns import columns_of, require
from libs.operate.importing.need import Need
from libs.operate.importing.service_kinds import KIND, guessed_kind, kind_said
from libs.operate.importing.tables import Table, first_of, plain

CODE = ("code", "topic", "servicecode", "identifiant", "id")
NAME = ("nom", "name", "libelle", "intitule", "service", "title", "titre", "demarche", "prestation", "namn")
OWNER = ("ownerlevel", "owner", "decides", "competence", "competent", "echelon", "niveau", "level", "authority")
ROLE = ("role", "direction", "department", "acts", "gestionnaire")
BASIS = ("basis", "baselegale", "legalbasis", "fondement")
VARIES = ("varieslocally", "varies", "varieselonlacommune")
WORDS = ("words", "mots", "motscles")
LEFT_ALONE = ("note", "notes", "remarque", "remarques", "commentaire", "comment", "source")  # for people
# A code has 64 characters; a number may follow it, and in the name of a rule a commune's official code.
CODE_CHARACTERS_MAX = 48
YES = ("oui", "yes", "true", "1", "vrai", "x", "ja")
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
    kind: str
    target: dict[str, int]
    basis: str
    words: dict[str, list[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    """Why nobody owns it, or not everybody."""
    unread: list[str] = field(default_factory=list)
    """What else of its line is not understood."""
    is_kind_guessed: bool = False


def wishes_in(rows: Table, languages: Sequence[str], source: str) -> tuple[list[Wish], list[Need]]:
    """In the order of the list, and what a person must look at; a code that comes again is told and left out."""
    require(rows, source, {"name": [*_name_columns(languages[0], is_first=True)]})
    found: dict[str, Wish] = {}
    nameless = 0
    for row in rows:
        wish = _wish(row, languages)
        if wish is None:
            nameless += 1
            continue
        if not first_of(row, CODE):
            wish.code = _unlike(wish, found)
        if wish.code in found:
            found[wish.code].problems.append("the list names it twice, and the first line counts")
        else:
            found[wish.code] = wish
    return list(found.values()), [*_unknown_columns(rows, languages, source), *_nameless(nameless, source)]


def slug(name: str, joint: str = "-") -> str:
    """A name as a code: small letters without accents, words joined."""
    folded = unicodedata.normalize("NFKD", name.casefold().replace("œ", "oe").replace("æ", "ae"))
    letters = "".join(mark for mark in folded if not unicodedata.combining(mark))
    return joint.join(re.findall(r"[a-z0-9]+", letters))[:60].strip(joint)


def _unlike(wish: Wish, found: Mapping[str, Wish]) -> str:
    """Codes made of names: two names that begin alike, or have no Latin letter, are still two services."""
    stem = wish.code or "service"
    codes = (stem, *(f"{stem}_{number}" for number in range(2, len(found) + 3)))
    return next(code for code in codes if code not in found or found[code].names == wish.names)


def _wish(row: Mapping[str, Any], languages: Sequence[str]) -> Wish | None:
    names = {language: _in(row, language, language == languages[0]) for language in languages}
    given = {language: name for language, name in names.items() if name}
    if not given:
        return None
    code = first_of(row, CODE) or next(iter(given.values()))
    owner = first_of(row, OWNER)
    level = LEVELS.get(plain(owner))
    said = first_of(row, KIND)
    kind = kind_said(said)
    target, unread = targets.target_of(row)
    wish = Wish(
        slug(code, "_")[:CODE_CHARACTERS_MAX].strip("_"),
        given,
        level,
        slug(first_of(row, ROLE)) or "accueil",
        kind or guessed_kind(given),
        target,
        first_of(row, BASIS),
        {language: words for language in languages if (words := _words(row, language))},
        is_kind_guessed=kind is None,
    )
    wish.unread += [unread] if unread else []
    wish.unread += [f"its kind “{said}” is none of {', '.join(SERVICE_KINDS)}"] if said and not kind else []
    if level is None:
        wish.problems.append(f"nobody owns it: “{owner}” is no level of authority" if owner else "nobody owns it")
    if plain(first_of(row, VARIES)) in YES:
        wish.problems.append("the owner varies from one municipality to the next: add a rule for each that differs")
    return wish


def _name_columns(language: str, *, is_first: bool) -> list[str]:
    """`name_fr`, `fr`, and for the first language also a column without language."""
    return [*(f"{name}{language}" for name in NAME), language, *(NAME if is_first else ())]


def _in(row: Mapping[str, Any], language: str, is_first: bool) -> str:
    return first_of(row, _name_columns(language, is_first=is_first))


def _words(row: Mapping[str, Any], language: str) -> list[str]:
    text = first_of(row, [f"{name}{language}" for name in WORDS])
    return [word.strip() for word in re.split(r"[;,|\n]", text) if word.strip()]


def _unknown_columns(rows: Table, languages: Sequence[str], source: str) -> list[Need]:
    """A column that nothing reads may be one that somebody counts on, under another name."""
    words = {f"{name}{language}" for name in WORDS for language in languages}
    names = {name for language in languages for name in _name_columns(language, is_first=True)}
    known = {*CODE, *OWNER, *ROLE, *BASIS, *VARIES, *KIND, *LEFT_ALONE, *targets.COLUMNS, *words, *names}
    unknown = tuple(sorted(columns_of(rows) - known))
    read = "code, nom, competence, role, basis, kind, working_days, hours, words_xx"
    message = f"nothing reads these columns of {source}; it knows names such as {read}"
    return [Need("columns-unknown", SERVICES, message, unknown)] if unknown else []


def _nameless(count: int, source: str) -> list[Need]:
    return (
        [Need("rows-unread", SERVICES, f"{count} lines of {source} have no name and became nothing")] if count else []
    )
