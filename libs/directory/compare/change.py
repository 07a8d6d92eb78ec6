"""What is one difference between two releases?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from libs.directory.compare.phrases import TEXTS, WHEN
from libs.directory.model import OPEN_END, Names
from libs.directory.sentences import Phrasebook, in_language

Kind = Literal["owner", "service", "authority", "department", "boundary", "layer", "postal", "code", "territory"]
What = Literal["added", "removed", "changed"]
PLACES_SAID_MAX = 5  # a longer list is not read; the count says the rest, and `--json` names all


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: `subject` is the code of what changed, `details` hold the values, `text` says it."""

    kind: Kind
    what: What
    subject: str
    details: Mapping[str, Any]
    text: Names

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "kind": self.kind,
            "what": self.what,
            "subject": self.subject,
            "details": dict(self.details),
            "text": dict(self.text),
        }


class Teller:
    """Says changes in the languages of the newer release."""

    def __init__(self, phrases: Phrasebook) -> None:
        self._phrases = phrases

    def say(self, text: str, **values: Any) -> Names:
        """One of the texts for changes; an empty one says nothing."""
        return self._phrases.say(TEXTS[text], values)

    def when(self, days: range) -> Names:
        """The period as the end of a sentence; nothing for always."""
        first, last = valid_from(days), valid_to(days)
        key = ("from" if first else "") + ("to" if last else "")
        return self._phrases.say(WHEN[key], {"first": first, "last": last})

    def joined(self, *parts: Names) -> Names:
        """Pieces of one sentence after each other."""
        return {language: "".join(part[language] for part in parts) for language in self._phrases.languages}

    def several(self, names: Sequence[Names]) -> Names:
        """The first of a list, and how many more there are."""
        first = names[:PLACES_SAID_MAX]
        said = {
            language: ", ".join(in_language(each, language) for each in first) for language in self._phrases.languages
        }
        surplus = len(names) - PLACES_SAID_MAX
        return self.joined(said, self.say("more", count=surplus)) if surplus > 0 else said


def valid_from(days: range) -> str | None:
    """The first day, unless it has always been so."""
    return date.fromordinal(days.start).isoformat() if days.start > 1 else None


def valid_to(days: range) -> str | None:
    """The last day, unless there is no end in sight."""
    return date.fromordinal(days.stop - 1).isoformat() if days.stop <= OPEN_END else None
