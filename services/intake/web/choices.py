"""Which subjects are offered to a person: what their words may mean, what is often asked, all others on shelves?"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from libs.directory.model import SERVICE_KINDS, Service
from libs.directory.public import OFTEN_ASKED_MAX, Public
from libs.directory.release import Release
from libs.directory.suggest import suggest
from services.intake.web.texts import pick, spoken_in

WORD = re.compile(r"[^\W_]+")
OPEN_MAX = 12  # so few are listed at once: they fit a phone's screen
LISTED_MAX = 150  # more are not on the page until their shelf is asked for; a phone has to load and draw each of them
SHELF_MAX = 60  # of one kind; more are told apart by their first letters
SHELVES_KEPT = 32  # a few territories in a few languages
OF_TEXT_LETTERS_MIN = 8  # a description shorter than this may become anything


@dataclass(frozen=True, slots=True)
class Choice:
    """One service as it is offered. `spoken` is the language of the name, where it is another than the page's."""

    code: str
    name: str
    spoken: str
    safety: str


@dataclass(frozen=True, slots=True)
class Group:
    """Services of one kind: report, request, question or complaint."""

    kind: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """Services of one kind, or the part of them between two letters."""

    key: str
    kind: str
    letters: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Suggested:
    """A few services under a heading, the key of a text; empty when there is nothing to suggest."""

    heading: str = ""
    choices: tuple[Choice, ...] = ()
    is_search_empty: bool = False
    """Words were searched for, and nothing fits them."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Everything that can be chosen on the page. `listed` are those of the open shelf, when not all shelves are."""

    suggested: Suggested
    shelves: tuple[Shelf, ...]
    is_open: bool
    has_all: bool
    count: int
    shelf: Shelf | None = None


def offer_of(release: Release, language: str, typed: str, chosen: str, shelf: str) -> Offer:
    """`typed` is searched for, `chosen` stays to be seen, `shelf` is the key of the one that was asked for."""
    shelves = shelves_of(release, language)
    count = len(release.services)
    is_open = count <= OPEN_MAX
    found = suggested(release, language, typed, chosen, () if is_open else Public.of(release).often_asked)
    asked = next((one for one in shelves if one.key == shelf), None)
    return Offer(found, shelves, is_open, count <= LISTED_MAX, count, None if count <= LISTED_MAX else asked)


def suggested(release: Release, language: str, typed: str, chosen: str, often: Sequence[str] = ()) -> Suggested:
    """What the words may mean; without words what is often asked. The one chosen before is always among them."""
    codes = [one.service for one in suggest(release, typed, language)] if typed else []
    heading = "what-perhaps" if codes else "what-often"
    codes = codes or [code for code in often if code in release.services][:OFTEN_ASKED_MAX]
    if chosen in release.services and chosen not in codes:
        codes.insert(0, chosen)
        heading = heading if len(codes) > 1 else "what-chosen"
    choices = tuple(choice_of(release.services[code], language) for code in codes)
    return Suggested(heading if choices else "", choices, bool(typed) and heading != "what-perhaps")


def suggested_for(release: Release, language: str, description: str, chosen: str) -> Suggested:
    """What a description may be about. The heading asks, for a person decides."""
    if len(plain(description).strip()) < OF_TEXT_LETTERS_MIN:
        return Suggested()
    codes = [one.service for one in suggest(release, description, language)]
    if chosen in release.services and chosen not in codes:
        codes.insert(0, chosen)  # it was chosen among these, and must not vanish with the next word
    choices = tuple(choice_of(release.services[code], language) for code in codes)
    return Suggested("what-is-it" if choices else "", choices)


@lru_cache(maxsize=SHELVES_KEPT)
def groups_of(release: Release, language: str) -> tuple[Group, ...]:
    """All services, by kind and name."""
    found = [(service.kind, choice_of(service, language)) for service in release.services.values()]
    groups = (Group(kind, _by_name(choice for of, choice in found if of == kind)) for kind in SERVICE_KINDS)
    return tuple(group for group in groups if group.choices)


def shelves_of(release: Release, language: str) -> tuple[Shelf, ...]:
    """The same on shelves that can be looked over."""
    return tuple(shelf for group in groups_of(release, language) for shelf in _shelves(group.kind, group.choices))


def choice_of(service: Service, language: str) -> Choice:
    """A service in the words of one language."""
    name, safety = pick(service.names, language), pick(service.safety, language)
    spoken = spoken_in(service.names, language)
    return Choice(service.code, name, "" if spoken == language else spoken, safety)


def plain(text: str) -> str:
    """Text as it is compared: small letters without accents, every word after one blank."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(mark for mark in decomposed if not unicodedata.combining(mark))
    return " " + " ".join(WORD.findall(letters))


def _shelves(kind: str, choices: Sequence[Choice]) -> list[Shelf]:
    if len(choices) <= SHELF_MAX:
        return [Shelf(kind, kind, "", tuple(choices))]
    parts = [choices[start : start + SHELF_MAX] for start in range(0, len(choices), SHELF_MAX)]
    return [Shelf(f"{kind}-{place}", kind, _letters(part), tuple(part)) for place, part in enumerate(parts, 1)]


def _letters(part: Sequence[Choice]) -> str:
    first, last = (plain(one.name).strip()[:3].capitalize() for one in (part[0], part[-1]))
    return f"{first} – {last}"


def _by_name(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    return tuple(sorted(choices, key=lambda choice: (plain(choice.name), choice.code)))
