"""What do departments and desks get by mail from the running system, and how do they answer?"""

import re
from typing import Any

from tests.citizens import pothole
from tests.running import HTTP, RunningSystem

ON_THE_STATE_ROAD = {"lat": 46.72542, "lon": 2.8079}
ON_THE_BORDER = {"lat": 46.75068, "lon": 2.85697}


def in_the_valley(source_id: str, **changes: Any) -> dict[str, Any]:
    """A request in the territory with every hard case; graffiti on a border, unless something else is said."""
    given = {"territory": "val-de-brume", "service": "graffiti", "place": ON_THE_BORDER, "language": "en"}
    return pothole(source_id, **(given | changes))


def mails_about(system: RunningSystem, reference: str, address: str) -> list[str]:
    """The texts of all mails about a request to an address, oldest first."""
    found = sorted((one for one in system.mails() if reference in one["Subject"]), key=lambda one: one["ID"])
    texts = [_opened(system, one["ID"]) for one in found]
    return [text["Text"] for text in texts if any(to["Address"] == address for to in text["To"])]


def first_mail(system: RunningSystem, reference: str, address: str) -> str:
    """The first mail about a request to an address, as soon as it is there."""
    system.wait_until(lambda: mails_about(system, reference, address), f"{address} has mail about {reference}")
    return mails_about(system, reference, address)[0]


def answer_link(text: str) -> str:
    """The link in a department's mail."""
    (link,) = re.findall(r"http\S+/d/\S+", text)
    return str(link)


def _opened(system: RunningSystem, mail_id: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{system.ports['mail_http']}/api/v1/message/{mail_id}"
    answer: dict[str, Any] = HTTP.get(url, timeout=30).json()
    return answer
