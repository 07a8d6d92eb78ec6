"""What is a made-up stream of requests like? Drawn with a seed, where people live: a large town asks more often."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Literal, get_args
from uuid import UUID

import numpy as np
import shapely

from libs.directory import Release, Text
from libs.directory.names import TYPOS_FROM_LETTERS
from libs.events.envelope import Event
from libs.events.identity import make_event, reference_for, source_of
from libs.events.models import RequestAccepted

Kind = Literal["code_point", "postal_name", "name", "name_typo", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)
DAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # a Monday: what arrives together was accepted on one day
DAY_SECONDS = 12 * 3600
DRAWS_MAX = 40  # of points in the box around an outline; after that one in the middle
TYPO_LETTERS_MIN = TYPOS_FROM_LETTERS[1][0] + 1  # with a letter less the name may still have one typing error
SEALED = "v1.AAAAAAAAAAAAAAAA." + "A" * 160  # contact and description travel sealed; this long for a line of each


@dataclass(frozen=True, slots=True)
class Asked:
    """Requests as the router hears them, and the texts that came with those that name no service."""

    events: list[Event]
    texts: list[Text]


class Asking:
    """Draws requests to one territory."""

    def __init__(self, release: Release, seed: int) -> None:
        self._release = release
        self._draw = random.Random(seed)  # noqa: S311 a stream that can be drawn again, no secret
        self._codes = sorted(release.municipalities)
        # The register may know no population of some; they ask like a village.
        self._weights = [release.municipalities[code].population or 100 for code in self._codes]
        self._services = sorted(release.services)
        self._places: dict[Kind, Callable[[str], dict[str, Any]]] = {
            "code_point": lambda code: {"municipality_code": code, **self._point(code)},
            "postal_name": lambda code: {"municipality_name": self._name(code), **self._postal_code(code)},
            "name": lambda code: {"municipality_name": self._name(code)},
            "name_typo": lambda code: {"municipality_name": self._misspelt(self._name(code))},
            "text": lambda code: {"municipality_code": code, **self._point(code)},
        }

    @property
    def kinds(self) -> list[Kind]:
        """What can be asked of this release."""
        return [kind for kind in KINDS if kind != "text" or self._release.classifier is not None]

    def batch(self, kind: Kind, count: int) -> Asked:
        """So many requests of one kind."""
        codes = self._draw.choices(self._codes, self._weights, k=count)
        services = [None if kind == "text" else self._draw.choice(self._services) for _ in codes]
        events = [
            self._accepted(self._places[kind](code), service) for code, service in zip(codes, services, strict=True)
        ]
        return Asked(events, [self._text() for _ in codes] if kind == "text" else [])

    def points(self, count: int) -> Any:
        """Places of requests, in metres on the territory's plane."""
        assert self._release.plane is not None
        where = [self._point(code) for code in self._draw.choices(self._codes, self._weights, k=count)]
        found = [point for point in where if point]
        lon, lat = (np.array([point[axis] for point in found]) for axis in ("lon", "lat"))
        return shapely.points(np.array(self._release.plane.flatten(lon, lat)).T)

    @cached_property
    def _outlines(self) -> dict[str, Any]:
        return dict(self._release.places.on(DAY.toordinal())) if self._release.has_boundaries else {}

    @cached_property
    def _postal(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for code, entry in self._release.postal.items():
            for municipality in () if entry.is_cedex else entry.municipalities:
                found.setdefault(municipality, []).append(code)
        return found

    def _point(self, code: str) -> dict[str, float]:
        """Somewhere inside; nothing for a municipality without outline."""
        outline = self._outlines.get(code)
        if outline is None:
            return {}
        plane = self._release.plane
        assert plane is not None
        west, south, east, north = outline.bounds
        for _ in range(DRAWS_MAX):
            x, y = self._draw.uniform(west, east), self._draw.uniform(south, north)
            if shapely.intersects_xy(outline, x, y):
                break
        else:
            x, y = shapely.get_coordinates(shapely.point_on_surface(outline))[0].tolist()
        lon, lat = x / plane.metres_per_lon + plane.lon, y / plane.metres_per_lat + plane.lat
        return {"lat": round(lat, 6), "lon": round(lon, 6)}

    def _name(self, code: str) -> str:
        return next(iter(self._release.municipalities[code].names.values()))

    def _misspelt(self, name: str) -> str:
        """With two neighbouring letters swapped, or one left out, but never the first."""
        if len(name) < TYPO_LETTERS_MIN:
            return name
        place = self._draw.randrange(1, len(name) - 1)
        swapped = name[place + 1] + name[place] if self._draw.random() < 1 / 2 else name[place]
        return name[:place] + swapped + name[place + 2 :]

    def _postal_code(self, code: str) -> dict[str, str]:
        known = self._postal.get(code)
        return {"postal_code": self._draw.choice(known)} if known else {}

    def _text(self) -> Text:
        """What the territory's own people wrote as examples of a service, else its name with words for it."""
        service = self._release.services[self._draw.choice(self._services)]
        language = self._draw.choice(self._release.territory.languages)
        said = [*service.examples.get(language, ()), *service.words.get(language, ())] or [service.names[language]]
        return Text(f"{service.names[language]}, {self._draw.choice(said)}, {self._draw.choice(said)}")

    def _accepted(self, place: dict[str, Any], service: str | None) -> Event:
        at = DAY + timedelta(seconds=self._draw.uniform(0, DAY_SECONDS))
        request_id = _request_id(at, self._draw)
        data = RequestAccepted.model_validate(
            {
                "request_id": request_id,
                "reference": reference_for(request_id),
                "territory": self._release.territory.code,
                "service": service,
                "place": place,
                "language": self._release.territory.languages[0],
                "channel": "api",
                "source": "urn:guichet:bench",
                "accepted_at": at,
                "contact": SEALED,
                "description": SEALED,
                "contact_channels": ["email"],
            }
        )
        return make_event(
            data, source=source_of("intake"), of=request_id, time=at, directory_version=self._release.version
        )


def _request_id(at: datetime, draw: random.Random) -> UUID:
    """Of version 7, as intake's, but drawn with the seed."""
    random_bits = (draw.getrandbits(80) & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0x2 << 62)
    return UUID(int=(int(at.timestamp() * 1000) << 80) | random_bits)


def chunks(asked: Sequence[Any], size: int) -> list[Sequence[Any]]:
    """In pieces of one size."""
    return [asked[start : start + size] for start in range(0, len(asked), size)]
