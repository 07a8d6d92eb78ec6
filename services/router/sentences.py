"""In which words is a request held that nobody would take?"""

from collections.abc import Mapping, Sequence

FALLBACK = "en"

TOO_MANY_HOPS: Mapping[str, str] = {
    "en": "{hops} departments said that this request is not theirs. A person will choose who deals with it.",
    "fr": "{hops} services ont répondu que cette demande ne relève pas d’eux. Une personne va choisir qui la traite.",
    "sv": "{hops} enheter har svarat att ärendet inte är deras. En person kommer att välja vem som handlägger det.",
}


def too_many_hops(languages: Sequence[str], hops: int) -> dict[str, str]:
    """The sentence in each language of the territory."""
    return {language: TOO_MANY_HOPS.get(language, TOO_MANY_HOPS[FALLBACK]).format(hops=hops) for language in languages}
