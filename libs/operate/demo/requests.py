"""Which requests does a demo hand in? A varied stream that is the same for the same seed and directory."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from libs.directory import Release, Service
from libs.operate.demo.places import NOWHERE, Places

CONTACT_SHARE = 1 / 3
# What happens to a hundred requests. The others have a service and a place inside one municipality.
PERCENT = {
    "unclear": 2,
    "text-only": 4,
    "border": 4,
    "unknown-service": 1,
    "out-of-territory": 1,
    "unknown-field": 1,
    "no-place": 1,
}
REGULAR = "regular"
ARRAY_ITEMS = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """One request to be handed in, and what it is meant to show."""

    body: dict[str, Any]
    purpose: str

    @property
    def has_email(self) -> bool:
        return "contact" in self.body


def planned(releases: Sequence[Release], count: int, seed: int, run: str) -> Iterator[Planned]:
    """`count` requests over all territories in turn; `run` tells this run's requests from those of earlier ones."""
    draw = random.Random(seed)  # noqa: S311  a demo, not a secret
    places = [Places(release) for release in releases]
    purposes = [REGULAR, *PERCENT]
    weights = [100 - sum(PERCENT.values()), *PERCENT.values()]
    for number in range(count):
        release, own = releases[number % len(releases)], places[number % len(releases)]
        purpose = draw.choices(purposes, weights)[0]
        yield _request(release, own, draw, purpose, f"{run}-{number}")


def _request(release: Release, places: Places, draw: random.Random, purpose: str, number: str) -> Planned:
    service = release.services[draw.choice(sorted(release.services))]
    language = draw.choice(release.territory.languages)
    body: dict[str, Any] = {
        "territory": release.territory.code,
        "service": service.code,
        "place": places.inside(draw),
        "description": _description(service, language, draw),
        "language": language,
        "answers": answers_for(service.questions or {}, draw),
        "source_id": number,
    }
    if draw.random() < CONTACT_SHARE:
        body["contact"] = {"email": f"citizen-{number}@citizen.example"}
    return _with_purpose(body, places, draw, purpose)


def _with_purpose(body: dict[str, Any], places: Places, draw: random.Random, purpose: str) -> Planned:
    """What is changed so that a person must choose, or the door must refuse."""
    if purpose == "unclear":
        body |= {"service": None, "answers": {}, "description": None}
    elif purpose == "text-only":  # the classifier finds the service
        body |= {"service": None, "answers": {}}
    elif purpose == "border":
        body["place"] = places.on_a_border(draw) or body["place"]
    elif purpose == "unknown-service":
        body |= {"service": "no-such-service"}
    elif purpose == "out-of-territory":
        body["place"] = dict(NOWHERE)
    elif purpose == "unknown-field":
        body["colour"] = "red"
    elif purpose == "no-place":
        body["place"] = {}
    return Planned({name: value for name, value in body.items() if value is not None}, purpose)


def _description(service: Service, language: str, draw: random.Random) -> str:
    examples = service.examples.get(language)
    return draw.choice(examples) if examples else service.names.get(language, service.code)


def answers_for(questions: Mapping[str, Any], draw: random.Random) -> dict[str, Any]:
    """Answers to the questions that a service cannot do without, as its JSON Schema allows them."""
    properties = questions.get("properties", {})
    return {name: _value(properties.get(name, {}), draw) for name in questions.get("required", [])}


def _value(schema: Mapping[str, Any], draw: random.Random) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return draw.choice(schema["enum"])
    if "oneOf" in schema:
        return _value(draw.choice(schema["oneOf"]), draw)
    low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    kinds: dict[str, Any] = {
        "boolean": draw.random() < 0.5,
        "integer": int(low),
        "number": float(low),
        "array": [_value(schema.get("items", {}), draw)] * ARRAY_ITEMS if schema.get("type") == "array" else None,
    }
    return kinds.get(schema.get("type", "string"), "x" * max(1, schema.get("minLength", 1)))
