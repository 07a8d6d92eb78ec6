"""Where do the requests of a demo happen? At places inside the municipalities of a release, drawn with a seed."""

import random
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import shapely

from libs.directory import Release

MARGIN_DEGREES = 0.002  # some 200 m from the border, so that most places have one owner
DRAWS_MAX = 200  # a long thin outline is missed often; after that its middle will do
NOWHERE = {"lat": 0.0, "lon": 0.0}  # in the Gulf of Guinea, outside of every territory we know


class Places:
    """Draws places; with outlines as coordinates, without as codes, postal codes and names."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._codes = sorted(release.municipalities)

    def inside(self, draw: random.Random) -> dict[str, Any]:
        """A place that belongs to one municipality."""
        code = draw.choice(self._codes)
        if code in self._outlines:
            return _point(self._inner[code], draw)
        return draw.choice([{"municipality_code": code}, self._by_name(code), self._by_postal_code(code)])

    def on_a_border(self, draw: random.Random) -> dict[str, Any] | None:
        """A corner that several municipalities share; None without outlines."""
        if not self._corners:
            return None
        lon, lat = draw.choice(self._corners)
        return {"lat": lat, "lon": lon}

    @cached_property
    def _outlines(self) -> Mapping[str, Any]:
        features = self._release.outlines()["features"]
        return {one["properties"]["code"]: shapely.geometry.shape(one["geometry"]) for one in features}

    @cached_property
    def _inner(self) -> Mapping[str, Any]:
        smaller = {code: outline.buffer(-MARGIN_DEGREES) for code, outline in self._outlines.items()}
        return {code: self._outlines[code] if inner.is_empty else inner for code, inner in smaller.items()}

    @cached_property
    def _corners(self) -> list[tuple[float, float]]:
        found: dict[tuple[float, float], set[str]] = {}
        for code, outline in self._outlines.items():
            for lon, lat in shapely.get_coordinates(outline).tolist():
                found.setdefault((lon, lat), set()).add(code)
        return sorted(corner for corner, codes in found.items() if len(codes) > 1)

    def _by_name(self, code: str) -> dict[str, Any]:
        return {"municipality_name": next(iter(self._release.municipalities[code].names.values()))}

    def _by_postal_code(self, code: str) -> dict[str, Any]:
        """With the name, because a postal code alone never decides."""
        own = [one.code for one in self._release.postal.values() if code in one.municipalities and not one.is_cedex]
        return self._by_name(code) | ({"postal_code": own[0]} if own else {})


def _point(shape: Any, draw: random.Random) -> dict[str, Any]:
    west, south, east, north = shape.bounds
    for _ in range(DRAWS_MAX):
        lon, lat = draw.uniform(west, east), draw.uniform(south, north)
        if shapely.contains_xy(shape, lon, lat):
            break
    else:
        middle = shape.representative_point()
        lon, lat = middle.x, middle.y
    return {"lat": round(lat, 6), "lon": round(lon, 6), "accuracy_m": float(draw.choice([4, 8, 15, 30]))}
