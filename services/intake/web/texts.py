"""In which language does the counter speak, and in which words?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "texts"
FALLBACK = "en"
ANY_LANGUAGE = "*"
ACCEPTED_LANGUAGES_MAX = 20  # browsers send a handful; the rest of a longer header is not read


@dataclass(frozen=True, slots=True)
class Texts:
    """All words of the pages in one language."""

    language: str
    words: Mapping[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        """The text under a key, its gaps filled."""
        text: str = self.words[key]
        return text.format(**values) if values else text

    def date(self, moment: datetime) -> str:
        """A day as people write it; `moment` is in local time."""
        return self("date", weekday=self.words["weekdays"][moment.weekday()], **self._parts(moment))

    def moment(self, moment: datetime) -> str:
        """A day and a time; `moment` is in local time."""
        return self("moment", hour=moment.hour, minute=moment.minute, **self._parts(moment))

    def _parts(self, moment: datetime) -> dict[str, object]:
        day = self.words["first_of_month"] if moment.day == 1 else moment.day
        return {"day": day, "month": self.words["months"][moment.month - 1], "year": moment.year}


SPOKEN: Mapping[str, Texts] = {
    path.stem: Texts(path.stem, json.loads(path.read_text(encoding="utf-8"))) for path in sorted(FOLDER.glob("*.json"))
}


def known(languages: Sequence[str]) -> tuple[str, ...]:
    """Those of a territory's languages that the counter speaks too; English when it speaks none."""
    return tuple(language for language in languages if language in SPOKEN) or (FALLBACK,)


def texts_in(language: str) -> Texts:
    """The words in this language; a territory may speak one that the counter does not know, and gets English."""
    return SPOKEN.get(language, SPOKEN[FALLBACK])


def pick(texts: Mapping[str, str] | None, language: str) -> str:
    """One of several translations: the language asked for, else English, else whatever there is."""
    if not texts:
        return ""
    return texts.get(language) or texts.get(FALLBACK) or next(iter(texts.values()))


def spoken_in(texts: Mapping[str, str] | None, language: str) -> str:
    """The language of what `pick` gives, so that it is pronounced as what it is."""
    said = pick(texts, language)
    return next((one for one in (language, FALLBACK, *(texts or ())) if texts and texts.get(one) == said), language)


def language_for(asked: str | None, accept_language: str, spoken: Sequence[str]) -> str:
    """The language asked for by name, else the browser's best; always one of those spoken.

    Who wants languages that nobody here speaks gets English, which more people know than any other; who names none
    gets the territory's first.
    """
    preferred = _preferences(accept_language)
    for wanted in (asked or "", *preferred):
        if wanted.partition("-")[0] in spoken:
            return wanted.partition("-")[0]
    return FALLBACK if preferred and FALLBACK in spoken else spoken[0]


def _preferences(header: str) -> list[str]:
    """The languages that an Accept-Language header names, best first."""
    weighed: list[tuple[float, str]] = []
    for part in header.lower().split(",")[:ACCEPTED_LANGUAGES_MAX]:
        language, _, quality = part.partition(";")
        try:
            weight = float(quality.strip().removeprefix("q=") or 1.0)
        except ValueError:
            continue
        if weight > 0 and language.strip() not in ("", ANY_LANGUAGE):
            weighed.append((-weight, language.strip()))
    return [language for _, language in sorted(weighed, key=lambda pair: pair[0])]
