"""What does a system that has just come up show? A few requests at real places, each with its decision and its page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from rich.console import Console

DECIDED_SECONDS_MAX = 20.0  # It takes a tenth of a second; on a machine that has just started everything, a few.
POLL_SECONDS = 0.1
CALL_SECONDS_MAX = 10.0
UNDECIDED = "accepted"


@dataclass(frozen=True, slots=True)
class Sample:
    """`shows` is what this request is an example of."""

    shows: str
    body: Mapping[str, Any]


# Each says where in another way: coordinates beside and on the state road of the territory with boundaries, an official
# code and a postal code with a name in the one without, and a point so close to a border that a person must choose.
SAMPLES = (
    Sample(
        "a pothole on the state road, by coordinates",
        {
            "territory": "val-de-brume",
            "service": "pothole",
            "place": {"lat": 46.72542, "lon": 2.8079},
            "description": "Nid-de-poule profond sur la voie de droite.",
            "contact": {"email": "habitante@citoyens.example"},
            "language": "fr",
        },
    ),
    Sample(
        "a pothole in Bordeaux, by official code",
        {
            "territory": "bordeaux-metropole",
            "service": "pothole",
            "place": {"municipality_code": "33063", "address": "Place de la Victoire"},
            "description": "Deep pothole beside the tram stop.",
            "contact": {"email": "resident@citizens.example"},
            "language": "en",
        },
    ),
    Sample(
        "graffiti in Mérignac, by postal code and name",
        {
            "territory": "bordeaux-metropole",
            "service": "graffiti",
            "place": {"postal_code": "33700", "municipality_name": "Mérignac"},
            "description": "Tag sur le mur de la médiathèque.",
            "contact": {"email": "riverain@citoyens.example"},
            "language": "fr",
        },
    ),
    Sample(
        "graffiti on the border of two communes, for a person to decide",
        {
            "territory": "val-de-brume",
            "service": "graffiti",
            "place": {"lat": 46.75068, "lon": 2.85697},
            "description": "Klotter på bron mellan kommunerna.",
            "contact": {"email": "granne@invanare.example"},
            "language": "sv",
        },
    ),
)


class NotShown(Exception):
    """Intake did not take a request, or it was not decided in time; the system itself is up."""


def hand_in(intake_url: str, key: str, console: Console, samples: Sequence[Sample] = SAMPLES) -> None:
    """Hand the samples in, all first, then wait for each decision. Raises `NotShown`."""
    headers = {"authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=intake_url, headers=headers, timeout=CALL_SECONDS_MAX, trust_env=False) as client:
        receipts = [_submit(client, sample) for sample in samples]
        for sample, receipt in zip(samples, receipts, strict=True):
            status = _decided(client, receipt["request_id"])
            _show(sample, receipt, status, console)


def _submit(client: httpx2.Client, sample: Sample) -> dict[str, Any]:
    try:
        answer = client.post("/api/v1/requests", json=dict(sample.body))
    except httpx2.HTTPError as error:
        raise NotShown(f"intake does not answer: {error}") from error
    found: dict[str, Any] = answer.json()
    if answer.status_code != httpx2.codes.ACCEPTED:
        raise NotShown(f"intake refused {sample.shows}: {found.get('detail', found)}")
    return found


def _decided(client: httpx2.Client, request_id: str) -> dict[str, Any]:
    deadline = time.monotonic() + DECIDED_SECONDS_MAX
    while time.monotonic() < deadline:
        answer = client.get(f"/api/v1/requests/{request_id}")
        if answer.status_code == httpx2.codes.OK:
            found: dict[str, Any] = answer.json()
            if found["status"] != UNDECIDED:
                return found
        time.sleep(POLL_SECONDS)
    raise NotShown(f"request {request_id} was accepted and is not decided after {DECIDED_SECONDS_MAX:.0f} s")


def _show(sample: Sample, receipt: Mapping[str, Any], status: Mapping[str, Any], console: Console) -> None:
    sentence = status["sentence"].get(status["language"]) or next(iter(status["sentence"].values()))
    console.print(f"[bold]{receipt['reference']}[/bold] {status['status']}: {sample.shows}", soft_wrap=True)
    console.print(f"  {sentence}", markup=False, soft_wrap=True)
    console.print(f"  {receipt['links']['page']}", markup=False, soft_wrap=True)
