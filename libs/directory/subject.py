"""What is asked for, how sure is that, and must it not wait? Safety first: it is settled before the place is looked at.

The service that a person named is never overruled; else urgent words decide; else the classifier, when it is certain.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from libs.directory.decision import Reason
from libs.directory.model import Names, Service
from libs.directory.reading import GuessNoted, Noted, safety_of
from libs.directory.release import Release
from libs.directory.sentences import in_language
from libs.value import value

QUOTED = {"fr": "« {} »", "en": "“{}”", "sv": "”{}”"}


@value
class Subject:
    """What a request is about. Without a service, the last of `reasons` says why."""

    service: Service | None
    urgent: Service | None = None
    """The service that makes it urgent: its urgent words were found, or it was asked for and cannot wait."""
    safety: Names | None = None
    warnings: tuple[Reason, ...] = ()
    reasons: tuple[Reason, ...] = ()
    confidence: float | None = None


def subject_of(release: Release, named: str | None, reading: Noted | None) -> Subject:
    """From the service that the request names and from what was read in its text."""
    if reading is None and named and named in release.services:
        return _named(release, named)
    return _subject(release, named, reading)


def _named(release: Release, named: str) -> Subject:
    """The plain case, said once per service and release."""
    known: Subject | None = release.memory.get(("named", named))
    if known is None:
        known = release.memory["named", named] = _subject(release, named, None)
    return known


def _subject(release: Release, named: str | None, reading: Noted | None) -> Subject:
    danger = release.services.get(reading.urgent) if reading and reading.urgent else None
    service, reasons, confidence = _service(release, named, danger, reading)
    urgent = danger or (service if service and service.urgent else None)
    return Subject(
        service=service,
        urgent=urgent,
        safety=safety_of(release, service.code if service else None, reading),
        warnings=(_warning(release, urgent, danger),) if urgent else (),
        reasons=reasons,
        confidence=confidence,
    )


def _service(
    release: Release, named: str | None, danger: Service | None, reading: Noted | None
) -> tuple[Service | None, tuple[Reason, ...], float | None]:
    if named:
        service = release.services.get(named)
        return service, () if service else (_unknown(release, named),), None
    if danger:
        return danger, (), None
    guesses = [guess for guess in reading.guesses if guess.service in release.services] if reading else []
    if not guesses:
        return None, (release.phrases.reason("service-missing"),), None
    best = guesses[0]
    if best.confidence < release.territory.confidence_min:
        return None, (_abstained(release, guesses),), best.confidence
    return release.services[best.service], (_classified(release, guesses),), best.confidence


def _unknown(release: Release, named: str) -> Reason:
    return release.phrases.reason("service-unknown", {"given": named}, territory=release.territory.names)


def _warning(release: Release, urgent: Service, danger: Service | None) -> Reason:
    """Said once per service and release."""
    code = "urgent-words" if danger else "urgent-service"
    known: Reason | None = release.memory.get((code, urgent.code))
    if known is None:
        known = release.phrases.reason(code, {"service": urgent.code}, name=urgent.names)
        release.memory[code, urgent.code] = known
    return known


def _classified(release: Release, guesses: Sequence[GuessNoted]) -> Reason:
    best = guesses[0]
    details = _details(release, guesses)
    return release.phrases.reason(
        "classified", details, name=release.services[best.service].names, percent=_percent(best)
    )


def _abstained(release: Release, guesses: Sequence[GuessNoted]) -> Reason:
    names = {language: _listed(release, guesses, language) for language in release.territory.languages}
    return release.phrases.reason("classifier-abstained", _details(release, guesses), names=names)


def _details(release: Release, guesses: Sequence[GuessNoted]) -> Mapping[str, Any]:
    candidates = [{"service": guess.service, "confidence": guess.confidence} for guess in guesses]
    return {"candidates": candidates, "confidence_min": release.territory.confidence_min}


def _listed(release: Release, guesses: Sequence[GuessNoted], language: str) -> str:
    quoted = QUOTED.get(language, QUOTED["en"])
    said = ((in_language(release.services[one.service].names, language), _percent(one)) for one in guesses)
    return ", ".join(f"{quoted.format(name)} ({percent} %)" for name, percent in said)


def _percent(guess: GuessNoted) -> int:
    """Never a hundred: nobody reads a guess as certain."""
    return min(round(guess.confidence * 100), 99)
