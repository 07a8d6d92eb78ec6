"""How are the four services, as they say themselves?"""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2

from libs.delivery.positions import Gap
from libs.service.metrics import ALARMS, CONSUMER_ALARMS

ANSWER_SECONDS_MAX = 10.0  # a service takes up to 3 s for a figure whose source is away
NOTICES = ("planned", "waiting", "sent", "failed", "indeterminate", "superseded", "in_doubt")
TROUBLES = {*CONSUMER_ALARMS, *ALARMS["notifier"], *ALARMS["audit"]} - {"records-skipped"}  # those are shown as gaps
SILENT: Mapping[str, Any] = {
    "ready": False,
    "lag": None,
    "dead": None,
    "parked": None,
    "outbox_rows": None,
    "outbox_age_seconds": None,
}


async def statuses(urls: Mapping[str, str]) -> dict[str, dict[str, Any] | None]:
    """`/status` of each service; None for one that does not answer."""
    async with httpx2.AsyncClient(timeout=ANSWER_SECONDS_MAX, trust_env=False) as client:
        answers = await asyncio.gather(*(_status(client, url) for url in urls.values()))
    return dict(zip(urls, answers, strict=True))


async def _status(client: httpx2.AsyncClient, url: str) -> dict[str, Any] | None:
    try:
        response = await client.get(f"{url}/status")
        response.raise_for_status()
        found: dict[str, Any] = response.json()
    except (httpx2.HTTPError, ValueError):
        return None
    return found


def notices(notifier: Mapping[str, Any] | None) -> dict[str, int | None]:
    """How many were planned, and what became of them; None when the notifier does not answer."""
    counts = (notifier or {}).get("counts") or {}
    return {name: counts.get(name) for name in NOTICES}


def drifts(intake: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """Which shares are not what they were before a release; none when intake does not answer."""
    alarms = (intake or {}).get("alarms") or []
    return [{name: value for name, value in one.items() if name != "kind"} for one in alarms if one["kind"] == "drift"]


def troubles(said: Mapping[str, Mapping[str, Any] | None]) -> list[dict[str, Any]]:
    """Topics that rest, senders of whose events very many are given up, a relay that takes no mail: each with the
    service that says so."""
    return [
        {"service": name, **alarm}
        for name, status in said.items()
        for alarm in (status or {}).get("alarms") or []
        if alarm["kind"] in TROUBLES
    ]


def gaps(said: Mapping[str, Mapping[str, Any] | None]) -> list[tuple[str, Gap]]:
    """Records that were gone before a service had read them, as each says since it began."""
    return [(name, Gap(**one)) for name, status in said.items() for one in (status or {}).get("skipped") or []]


def shown(status: Mapping[str, Any] | None) -> dict[str, Any]:
    """The fields that scripts rely on."""
    if status is None:
        return dict(SILENT)
    return {**{name: status.get(name) for name in SILENT}, "lag": lag(status)}


def lag(status: Mapping[str, Any]) -> int | None:
    """The sum over the service's topics; None while the service does not know it of one of them."""
    behind = (status.get("lag") or {}).values()
    return None if None in behind else sum(behind)


def work_left(status: Mapping[str, Any] | None) -> int:
    """Records not yet read, rows not yet published, notices not yet sent. Who does not know has work left."""
    behind = None if status is None else lag(status)
    if status is None or behind is None or status["outbox_rows"] is None:
        return 1
    return behind + int(status["outbox_rows"]) + int(status["counts"].get("waiting", 0))
