"""What does a text say: in which language, whether it cannot wait, and which service it may be about?

Intake reads a description once, before it is sealed, and writes down what it read; whoever decides later needs no key.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.directory.classifier import Guess
from libs.directory.features import features_of, words_in
from libs.directory.model import Names
from libs.directory.release import Release

# From this confidence on, the likeliest service's safety text is shown although a person will choose: it is then
# likelier than all others together, and a warning too many harms less than one too few.
SAFETY_CONFIDENCE_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """What someone wrote. `language` and `service` are what they said themselves, when they did."""

    text: str
    language: str | None = None
    service: str | None = None


class GuessNoted(Protocol):
    """A guess, here or as it travels on an event."""

    @property
    def service(self) -> str: ...

    @property
    def confidence(self) -> float: ...


class Noted(Protocol):
    """What was read, here or as it travels on an event."""

    @property
    def urgent(self) -> str | None: ...

    @property
    def guesses(self) -> Sequence[GuessNoted]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `urgent` is the service whose urgent words stand in it; guesses are made where none is named."""

    language: str
    urgent: str | None = None
    guesses: tuple[Guess, ...] = ()


def read(release: Release, text: Text) -> Reading:
    """One text."""
    return read_many(release, [text])[0]


def read_many(release: Release, texts: Sequence[Text]) -> list[Reading]:
    """Many at once, in the same order; the same answers as one by one."""
    words = [words_in(text.text) for text in texts]
    # Where service and language are named, nothing but danger is looked for: that takes a tenth of the time.
    features = [
        set() if text.service and text.language else features_of(one) for text, one in zip(texts, words, strict=True)
    ]
    languages = [_language(release, *one) for one in zip(texts, words, features, strict=True)]
    guesses = _guesses(release, texts, features, languages)
    urgent = [_urgent(release, *one) for one in zip(texts, words, strict=True)]
    return [Reading(*one) for one in zip(languages, urgent, guesses, strict=True)]


def safety_of(release: Release, service: str | None, reading: Noted | None) -> Names | None:
    """What to do at once: for the danger in the text, else for the service named, else for the likeliest one."""
    codes = [reading.urgent if reading else None, service]
    if service is None and reading and reading.guesses and reading.guesses[0].confidence >= SAFETY_CONFIDENCE_MIN:
        codes.append(reading.guesses[0].service)
    known = [known for code in codes if code and (known := release.services.get(code))]
    return next((one.safety for one in known if one.safety), None)


def _language(release: Release, text: Text, words: Sequence[str], features: set[str]) -> str:
    """A language named by the request is the one it is answered in; the text is read in the one it is written in."""
    default = text.language if text.language in release.territory.languages else release.territory.languages[0]
    if release.classifier is None or not features:
        return default
    return release.classifier.language_of(words, features, default)


def _guesses(
    release: Release, texts: Sequence[Text], features: Sequence[set[str]], languages: Sequence[str]
) -> list[tuple[Guess, ...]]:
    guesses: list[tuple[Guess, ...]] = [()] * len(texts)
    if release.classifier is None:
        return guesses
    by_language: dict[str, list[int]] = defaultdict(list)
    for place, text in enumerate(texts):
        if text.service is None:
            by_language[languages[place]].append(place)
    for language, places in by_language.items():
        found = release.classifier.guess_many([features[place] for place in places], language)
        for place, made in zip(places, found, strict=True):
            guesses[place] = tuple(guess for guess in made if guess.service in release.services)
    return guesses


def _urgent(release: Release, text: Text, words: Sequence[str]) -> str | None:
    """Of several dangers, the one that the request itself names goes first."""
    found = [code for code in release.urgent_words.services_in(words) if code in release.services]
    return text.service if text.service in found else next(iter(found), None)
