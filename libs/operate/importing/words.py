"""What is a front desk called, in the languages that a draft is made in?"""

from collections.abc import Mapping, Sequence

TOWN_HALL = {"en": "{name} town hall", "sv": "Kommunhuset i {name}"}
DESK = {"fr": "Accueil : {name}", "en": "{name}: front desk", "sv": "{name}: reception"}
KIND_NAMES: Mapping[str, Mapping[str, str]] = {
    "department": {"fr": "Département", "en": "County", "sv": "Länet"},
    "region": {"fr": "Région", "en": "Region", "sv": "Regionen"},
    "state": {"fr": "État", "en": "State", "sv": "Staten"},
    "operator": {"fr": "Opérateur", "en": "Operator", "sv": "Operatör"},
    "private": {"fr": "Propriétaires privés", "en": "Private owners", "sv": "Privata ägare"},
}
FALLBACK = "en"
# “Mairie de” and an article become one word; before a vowel, or a silent h, the e is dropped.
ARTICLES = {"Le ": "du ", "Les ": "des ", "La ": "de La ", "L'": "de L'", "L’": "de L’"}
VOWELS = "aàâeéèêëiîïoôuûùyh"


def town_hall_names(names: Mapping[str, str]) -> dict[str, str]:
    """The front desk of a commune."""
    return {
        language: _mairie(name) if language == "fr" else TOWN_HALL.get(language, TOWN_HALL[FALLBACK]).format(name=name)
        for language, name in names.items()
    }


def desk_names(names: Mapping[str, str]) -> dict[str, str]:
    """The front desk of any other authority."""
    return {language: DESK.get(language, DESK[FALLBACK]).format(name=name) for language, name in names.items()}


def kind_names(kind: str, languages: Sequence[str]) -> dict[str, str]:
    """What stands in for the name of an authority that a list of services mentions only by its kind."""
    names = KIND_NAMES[kind]
    return {language: names.get(language, names[FALLBACK]) for language in languages}


def _mairie(name: str) -> str:
    for article, of in ARTICLES.items():
        if name.startswith(article):
            return f"Mairie {of}{name.removeprefix(article)}"
    return f"Mairie d'{name}" if name[:1].casefold() in VOWELS else f"Mairie de {name}"
