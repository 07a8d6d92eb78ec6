"""Which services can a person choose from, in which order, and which of them fit the words they typed?"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from libs.directory.model import SERVICE_KINDS, Service
from libs.directory.release import Release
from services.intake.web.texts import pick

WORD = re.compile(r"[^\W_]+")
WORDS_TYPED_MAX = 10  # a search of more words finds nothing anyway


@dataclass(frozen=True, slots=True)
class Choice:
    """One service as it is offered. `haystack` is what a search looks in."""

    code: str
    name: str
    haystack: str
    safety: str


@dataclass(frozen=True, slots=True)
class Group:
    """Services of one kind: report, request, question or complaint."""

    kind: str
    choices: tuple[Choice, ...]


def groups_of(release: Release, language: str, typed: str = "", kept: str = "") -> tuple[Group, ...]:
    """The services whose name or words begin with each word typed, and `kept`, the one chosen before."""
    wanted = [" " + word for word in plain(typed).split()[:WORDS_TYPED_MAX]]
    found = [
        (service.kind, choice)
        for service, choice in ((one, _choice(one, language)) for one in release.services.values())
        if choice.code == kept or all(word in choice.haystack for word in wanted)
    ]
    return tuple(
        Group(kind, _by_name(choice for of_kind, choice in found if of_kind == kind))
        for kind in SERVICE_KINDS
        if any(of_kind == kind for of_kind, _ in found)
    )


def plain(text: str) -> str:
    """Text as it is compared: small letters without accents, every word after one blank. counter.js does the same."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " " + " ".join(WORD.findall(letters))


def _by_name(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: (plain(choice.name), choice.code)))


def _choice(service: Service, language: str) -> Choice:
    name = pick(service.names, language)
    haystack = plain(" ".join((name, *service.words.get(language, ()))))
    return Choice(service.code, name, haystack, pick(service.safety, language))
