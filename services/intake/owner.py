"""Who owns this, and why? Asked of the directory that is in force, without handing anything in: nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from libs.delivery.errors import Unavailable
from libs.delivery.releases import Releases
from libs.directory.asked import where_of
from libs.directory.decide import Question, decide
from libs.directory.decision import Decision
from libs.directory.reading import Text, read
from libs.directory.release import Release
from libs.events.place import Place
from services.intake import rules
from services.intake.rules import Refusal
from services.intake.submission import rejected


@dataclass(frozen=True, slots=True)
class OwnerQuestion:
    """What is asked: about which place, for which service, as of when; with which answers to the service's own
    questions, and who would be next without these departments."""

    place: Place
    at: datetime
    service: str | None = None
    territory: str | None = None
    answers: Mapping[str, Any] = field(default_factory=dict)
    without: Sequence[str] = ()
    text: str | None = None
    """What someone would write; read as a request's description is, and kept nowhere."""
    language: str | None = None


class Directory:
    """Answers from the releases that are in force."""

    def __init__(self, releases: Releases) -> None:
        self._releases = releases

    def owner(self, question: OwnerQuestion) -> Decision:
        """The decision that a request like this would get. Raises `Rejected` when no territory can be asked."""
        in_force = self._in_force(question.territory, question.at)
        outcomes = rules.places_in(question.place, in_force, question.at)
        territory = rules.territory_asked(question.territory, outcomes, self._releases.served(question.at))
        if isinstance(territory, Refusal):
            raise rejected(territory)
        where = where_of(question.place)
        release = in_force[territory]
        text = Text(question.text or "", question.language, question.service)
        reading = read(release, text) if question.text else None
        asked = Question(question.service, where, question.at, question.answers, None, question.without, reading)
        return decide(release, asked)

    def release(self, territory: str, at: datetime) -> Release:
        """The release of this territory that is in force. Raises `Rejected` for a territory that is not served."""
        in_force = self._in_force(territory, at)
        if territory not in in_force:
            raise rejected(rules.unknown_territory(territory, self._releases.served(at)))
        return in_force[territory]

    def latest(self, territory: str, at: datetime) -> Release | None:
        """For what was accepted already, also where no more requests are; None for a territory that never was here."""
        self._require_ready()
        return self._releases.latest(territory, at)

    def releases(self, at: datetime) -> list[Release]:
        """All that are in force, by territory."""
        return list(self._in_force(None, at).values())

    def _in_force(self, territory: str | None, at: datetime) -> dict[str, Release]:
        self._require_ready()
        if territory is None:
            return {release.territory.code: release for release in self._releases.all_in_force(at)}
        release = self._releases.in_force(territory, at)
        return {} if release is None else {territory: release}

    def _require_ready(self) -> None:
        if not self._releases.is_ready:
            raise Unavailable("no directory has been read yet", slug="directory-away", retry_after_seconds=2.0)
