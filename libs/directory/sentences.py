"""How is a decision said in one plain sentence, and each of its reasons in one more?"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import NoneType
from typing import Any

from libs.directory.decision import Reason
from libs.directory.model import Names
from libs.directory.phrases import FALLBACK, REASONS

OUTCOMES: Mapping[str, Mapping[str, str]] = {
    "routed": {
        "fr": "Pour « {service} » ({place}), responsable : {authority} ; prise en charge : {department}{due}.",
        "en": "For “{service}” ({place}), {authority} is responsible and {department} will deal with it{due}.",
        "sv": "För ”{service}” ({place}) ansvarar {authority}, och {department} handlägger ärendet{due}.",
    },
    "ambiguous": {
        "fr": "Pour « {service} », plusieurs réponses sont possibles : {choices}. Une personne va choisir.",
        "en": "For “{service}”, several answers are possible: {choices}. A person will choose.",
        "sv": "För ”{service}” finns flera möjliga svar: {choices}. En person kommer att välja.",
    },
    "uncovered": {
        "fr": "Pour « {service} » ({place}), aucune règle ne désigne de responsable. Une personne va en trouver un.",
        "en": "For “{service}” ({place}), no rule names an owner. A person will find one.",
        "sv": "För ”{service}” ({place}) pekar ingen regel ut någon ansvarig. En person kommer att hitta en.",
    },
    "out_of_territory": {
        "fr": "Ce lieu n'est pas dans le territoire servi par {territory}.",
        "en": "This place is not in the territory served by {territory}.",
        "sv": "Platsen ligger inte i det territorium som {territory} betjänar.",
    },
    "unclear": {
        "fr": "{why} Une personne va lire la demande.",
        "en": "{why} A person will read the request.",
        "sv": "{why} En person kommer att läsa ärendet.",
    },
}
# What the citizen is told where the classifier was not sure: its guesses and their shares are for the desk.
UNSURE: Mapping[str, str] = {
    "fr": "Une personne va lire la demande et trouver à qui elle revient.",
    "en": "A person will read the request and find out who deals with it.",
    "sv": "En person kommer att läsa ärendet och ta reda på vem som handlägger det.",
}
DUE_DAY = {"fr": ", au plus tard le {date}", "en": " by {date}", "sv": " senast den {date}"}
DUE_HOUR = {
    "fr": ", au plus tard le {date} à {time:%H h %M}",
    "en": " by {date}, {time:%H:%M}",
    "sv": " senast den {date} kl. {time:%H.%M}",
}
MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "sv": [
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ],
}
FIRST_OF_MONTH = {"fr": "1er"}
CHOICES_SAID_MAX = 4  # a sentence with more is not read to its end; the reasons name all


def in_language(names: Names, language: str) -> str:
    """The name in this language, else in the first that it has."""
    return names.get(language) or next(iter(names.values()), "")


def _in(texts: Mapping[str, Any], language: str) -> Any:
    return texts.get(language) or texts[FALLBACK]


def _said(texts: Mapping[str, str], values: Mapping[str, Any], language: str) -> str:
    named = {
        key: value.get(language) or in_language(value, language) if _is_names(value) else value
        for key, value in values.items()
    }
    text: str = (texts.get(language) or texts[FALLBACK]).format_map(named)
    return text


def _is_names(value: Any) -> bool:
    """Asking which type it is takes a tenth of asking whether it is a mapping, and nearly always answers that."""
    kind = type(value)
    return kind is dict or (kind not in PLAIN and isinstance(value, Mapping))


PLAIN = (str, int, float, bool, list, NoneType)


class Phrasebook:
    """Says things in all languages of one territory. Values that are names are said in each language."""

    def __init__(self, languages: Sequence[str]) -> None:
        self.languages = tuple(languages)

    def say(self, texts: Mapping[str, str], values: Mapping[str, Any]) -> dict[str, str]:
        """One text per language."""
        return {language: _said(texts, values, language) for language in self.languages}

    def reason(self, code: str, details: Mapping[str, Any] | None = None, **values: Any) -> Reason:
        """A reason of a known code; `details` are its machine-readable values, `values` fill its text."""
        details = details or {}
        return Reason(code, self.say(REASONS[code], {**details, **values}), details)

    def remark(self, code: str, **values: Any) -> str:
        """The text of a reason in the territory's first language."""
        return _said(REASONS[code], values, self.languages[0])

    def due(self, local: datetime | None, has_hour: bool) -> dict[str, str]:
        """The part of the sentence that says by when; empty without a date."""
        if local is None:
            return dict.fromkeys(self.languages, "")
        texts = DUE_HOUR if has_hour else DUE_DAY
        return {
            language: _in(texts, language).format(date=day_in_words(local, language), time=local)
            for language in self.languages
        }

    def either(self, choices: Sequence[Names]) -> dict[str, str]:
        """Several names in a row, the surplus as an ellipsis."""
        said = choices[:CHOICES_SAID_MAX]
        more = ", …" if len(choices) > len(said) else ""
        return {
            language: ", ".join(in_language(names, language) for names in said) + more for language in self.languages
        }


def day_in_words(local: date, language: str) -> str:
    """For example “1er décembre 2026”; in English for a language without words here."""
    day = FIRST_OF_MONTH.get(language, "1") if local.day == 1 else str(local.day)
    return f"{day} {_in(MONTHS, language)[local.month - 1]} {local.year}"
