"""Which territory do a few words on a command line describe?"""

from collections.abc import Sequence

from libs.operate.importing.communes import POSTAL_CODE
from libs.operate.importing.places import Commune, Grouping, Register, departement_in
from libs.operate.importing.service_kinds import guessed_kind
from libs.operate.importing.skeleton import Source
from libs.operate.importing.tables import plain
from libs.operate.importing.wishes import LEVELS, Wish, slug
from libs.operate.output import WrongUse

FORM = "NAME, NAME:OFFICIAL_CODE or NAME:OFFICIAL_CODE:POSTAL_CODE,POSTAL_CODE"


def source_of(name: str, municipalities: Sequence[str], services: Sequence[str], languages: Sequence[str]) -> Source:
    """What a draft is made of. `WrongUse` where words are missing, or say the same twice."""
    communes = {commune.code: commune for commune in map(_commune, municipalities)}
    wishes = {wish.code: wish for wish in (_wish(text, languages[0]) for text in services)}
    if not communes:
        raise WrongUse(f"Name at least one: --municipality {FORM}.")
    if len(communes) < len(municipalities) or len(wishes) < len(services):
        raise WrongUse(
            "Two municipalities or two services have the same code; give each municipality its official code."
        )
    register = Register(communes=communes)
    return Source(Grouping("", name), list(communes.values()), register, languages, list(wishes.values()))


def _commune(text: str) -> Commune:
    name, *rest = (part.strip() for part in text.split(":"))
    code = rest[0] if rest and rest[0] else slug(name)
    postal = tuple(part.strip() for part in rest[1].split(",") if part.strip()) if len(rest) > 1 else ()
    if not name or not code or len(rest) > 2:
        raise WrongUse(f"“{text}” is no municipality; write it as {FORM}.")
    if wrong := [one for one in postal if departement_in(code) and not POSTAL_CODE.fullmatch(one)]:
        raise WrongUse(f"“{wrong[0]}” is no postal code of five digits.")
    return Commune(code, name, postal_codes=postal, departement=departement_in(code))


def _wish(text: str, language: str) -> Wish:
    """`NAME`, which the municipality decides, or `NAME:LEVEL`."""
    name, _, owner = (part.strip() for part in text.partition(":"))
    level = LEVELS.get(plain(owner)) if owner else "municipality"
    if not slug(name) or level is None:
        levels = "commune, métropole, département, région, État"
        raise WrongUse(f"“{text}” is no service; write it as NAME or NAME:LEVEL, with a level such as {levels}.")
    names = {language: name}
    return Wish(slug(name, "_"), names, level, "accueil", guessed_kind(names), {}, "", is_kind_guessed=True)
