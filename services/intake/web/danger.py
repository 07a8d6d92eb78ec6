"""Does what somebody typed so far speak of danger? What to do at once does not wait for a form that is right."""

from libs.directory.reading import Text, read, safety_of
from libs.directory.release import Release
from services.intake.web.texts import pick


def alarm_for(release: Release, description: str, chosen: str, language: str) -> str:
    """What to do at once; empty without danger.

    The subject that was chosen counts: then urgent words still raise the alarm, but no guess of the classifier does.
    """
    service = chosen if chosen in release.services else None
    reading = read(release, Text(description, language, service))
    return pick(safety_of(release, None, reading), language)
