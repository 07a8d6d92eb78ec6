"""What do the descriptions of admitted requests say, while they are still in the clear?

Read here and now, by the release that will decide: afterwards only the vault's key opens a description, and the router
has none. What is written down are codes and numbers, so that a decision can be repeated even after an erasure.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from libs.directory.reading import Text, read_many
from libs.events.models import Guess, Reading, RequestSubmitted
from services.intake.rules import Admission


def read_descriptions(admitted: Sequence[tuple[RequestSubmitted, Admission]]) -> list[Admission]:
    """The same admissions with what was read; all of one release at once, which takes a third of one by one.

    A request that names no language is answered in the one that its description is written in.
    """
    admissions = [admission for _, admission in admitted]
    places: dict[str, list[int]] = defaultdict(list)
    for place, (data, admission) in enumerate(admitted):
        if data.description:
            places[admission.release.version].append(place)
    for of_release in places.values():
        release = admissions[of_release[0]].release
        readings = read_many(release, [_text(*admitted[place]) for place in of_release])
        for place, reading in zip(of_release, readings, strict=True):
            language = admissions[place].language if admitted[place][0].language else reading.language
            admissions[place] = replace(admissions[place], language=language, reading=reading)
    return admissions


def noted(admission: Admission) -> Reading | None:
    """As it travels; None when nothing was found."""
    read = admission.reading
    if read is None or not (read.urgent or read.guesses):
        return None
    guesses = [Guess(service=guess.service, confidence=guess.confidence) for guess in read.guesses]
    return Reading(release=admission.release.version, urgent=read.urgent, guesses=guesses)


def _text(data: RequestSubmitted, admission: Admission) -> Text:
    return Text(data.description or "", admission.language if data.language else None, data.service)
