"""What does a public body owe to whoever uses its pages, where does it stand, and what is often asked for?

Its own part of a release: a Guichet that does not know it reads the rest as before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from libs.directory.columns import LANGUAGE, as_code
from libs.directory.model import Names
from libs.directory.release import Release

NOTICES = ("privacy", "accessibility", "legal")
TELEPHONE = "telephone"
EVERY_LANGUAGE = "*"  # of an address that is the same whatever the language
ADDRESS_CHARACTERS_MAX = 500
NUMBER = re.compile(r"\+?[0-9][0-9 ().\-/]{1,38}")
OFTEN_ASKED_MAX = 6  # what stays in view on a phone
SAID = {
    "privacy": "privacy notice",
    "accessibility": "accessibility statement",
    "legal": "legal notice",
    TELEPHONE: "telephone number",
}


@dataclass(frozen=True, slots=True)
class Public:
    """What the pages of a territory say of it. A notice is an address for each language, or for all."""

    notices: Mapping[str, Names]
    telephone: str
    often_asked: tuple[str, ...]

    @classmethod
    def of(cls, release: Release) -> "Public":
        """What a release says; nothing where its pack names nothing."""
        row = release.content("public") or {}
        notices = {name: row[name] for name in NOTICES if name in row}
        return cls(notices, row.get(TELEPHONE, ""), tuple(row.get("often_asked", ())))

    @property
    def missing(self) -> list[str]:
        """What a public body's pages must name and these do not, in words."""
        return [
            said for name, said in SAID.items() if not (self.telephone if name == TELEPHONE else name in self.notices)
        ]


def read_public(value: Any) -> dict[str, Any]:
    """The field `public` of a territory.yaml. ValueError says what is wrong."""
    if not isinstance(value, dict) or not value.keys() <= SAID.keys():
        raise ValueError(f"expected some of {', '.join(SAID)}")
    read = {name: _addresses(address) for name, address in value.items() if name != TELEPHONE}
    return {**read, **({TELEPHONE: _number(value[TELEPHONE])} if TELEPHONE in value else {})}


def read_often_asked(value: Any) -> list[str]:
    """The field `often_asked`: codes of services, the most asked first."""
    if not isinstance(value, list) or len(value) > OFTEN_ASKED_MAX:
        raise ValueError(f"expected a list of at most {OFTEN_ASKED_MAX} services")
    return [as_code(str(code)) for code in value]


def public_part(values: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a release; empty when the territory names nothing, so that its version stays what it was."""
    row = {**values["public"], **({"often_asked": values["often_asked"]} if values["often_asked"] else {})}
    return {"public": row} if row else {}


def _addresses(value: Any) -> dict[str, str]:
    by_language = value if isinstance(value, dict) else {EVERY_LANGUAGE: value}
    for language, address in by_language.items():
        if language != EVERY_LANGUAGE and not LANGUAGE.match(str(language)):
            raise ValueError(f"“{language}” is not a language code of two or three letters")
        parts = urlsplit(address) if isinstance(address, str) and len(address) <= ADDRESS_CHARACTERS_MAX else None
        if parts is None or parts.scheme not in ("https", "http") or not parts.hostname:
            raise ValueError(f"“{address}” is no address of a page, such as https://example.org/privacy")
    return {str(language): address for language, address in by_language.items()}


def _number(value: Any) -> str:
    if not isinstance(value, str) or not NUMBER.fullmatch(value.strip()):
        raise ValueError(f"“{value}” is no telephone number; write it in quotes, such as '+33 5 00 00 00 00'")
    return value.strip()
