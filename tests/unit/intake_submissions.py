"""What do the tests of intake hand in, and to which directory?"""

from datetime import datetime
from typing import Any

from libs.directory import Release
from libs.events.models import RequestSubmitted
from services.intake.submission import Submission
from tests.unit.directory_packs import AT, COMPETENCES, SOUTH, TERRITORY, release_of

IN_BOURG = {"lat": SOUTH + 0.015, "lon": 0.04}
IN_THE_SEA = {"lat": SOUTH - 3, "lon": -5.0}


class HeldReleases:
    """Releases that are in force from the beginning, without Kafka."""

    def __init__(self, *held: Release) -> None:
        self._held: dict[str, Release] = {}
        self._known: dict[str, Release] = {}
        self.is_ready = True
        self.withdrawn: set[str] = set()
        self.since = AT
        for release in held:
            self.publish(release)

    def publish(self, release: Release) -> None:
        """In force from now on; earlier ones are still known by their version."""
        self._held[release.territory.code] = self._known[release.version] = release

    def territories(self) -> list[str]:
        return sorted(self._held)

    def served(self, at: datetime) -> list[str]:
        return sorted(set(self._held) - self.withdrawn)

    def in_force(self, territory: str, at: datetime) -> Release | None:
        return None if territory in self.withdrawn else self._held.get(territory)

    def latest(self, territory: str, at: datetime) -> Release | None:
        return self._held.get(territory)

    def began(self, territory: str, at: datetime) -> tuple[str, datetime] | None:
        release = self._held.get(territory)
        return None if release is None else (release.version, self.since)

    def get(self, version: str) -> Release | None:
        return self._known.get(version)

    def all_in_force(self, at: datetime) -> list[Release]:
        return [self._held[code] for code in self.served(at)]

    def all_latest(self, at: datetime) -> list[Release]:
        return [self._held[code] for code in self.territories()]


def second_release() -> Release:
    """A second territory, served without boundaries."""
    plain = TERRITORY.replace("code: small", "code: other")
    competences = "".join(line for line in COMPETENCES.splitlines(keepends=True) if "layer:" not in line)
    return release_of(territory=plain, places=None, rocade=None, competences=competences)


def body(**changes: Any) -> dict[str, Any]:
    given = {
        "territory": "small",
        "service": "pothole",
        "place": IN_BOURG,
        "description": "A hole as wide as a hand",
        "contact": {"email": "someone@citizen.example"},
        "language": "en",
    }
    return {name: value for name, value in (given | changes).items() if value is not None}


def submitted(**changes: Any) -> RequestSubmitted:
    return RequestSubmitted.model_validate(body(**changes))


def submission(source_id: str | None = None, source: str = "urn:test:machine", **changes: Any) -> Submission:
    return Submission(submitted(**changes), "api", source, source_id)
