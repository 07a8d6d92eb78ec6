"""Which areas is each of many points in, or near?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from libs.directory.model import OPEN_END
from libs.directory.plane import Numbers, Plane

PREPARED_VERTICES_MIN = 200
METRES_DIGITS = 1  # distances are told to ten centimetres


class Hit(NamedTuple):
    """An area at a point: the point is in it or on its edge, or that many metres away."""

    area: int
    is_inside: bool
    distance_m: float


@dataclass(frozen=True)
class Points:
    """Many points at once, in metres on the territory's plane, with the day asked about."""

    x: Numbers
    y: Numbers
    day: NDArray[np.int64]

    @cached_property
    def marks(self) -> Any:
        """The points as shapes."""
        return shapely.points(np.array((self.x, self.y)).T)


class Areas:
    """An index of polygons with validity. Edges count as inside of every area that they bound."""

    def __init__(self, keys: Sequence[str], shapes: Any, days: Sequence[range]) -> None:
        self.keys = tuple(keys)
        self._shapes = np.asarray(shapes, dtype=object)
        self._first = np.array([valid.start for valid in days], dtype=np.int64)
        self._end = np.array([valid.stop for valid in days], dtype=np.int64)
        # Prepared, a shape is asked faster, and exactly as before; but that takes time when it is first asked, and room
        # for as long as the release lives: with a country's small outlines more than it gives.
        shapely.prepare(self._shapes[shapely.get_num_coordinates(self._shapes) >= PREPARED_VERTICES_MIN])
        self._tree = shapely.STRtree(self._shapes)

    @cached_property
    def _edges(self) -> Any:
        return shapely.boundary(self._shapes)

    def around(self, points: Points, reach_m: Numbers, *, from_inside: bool = False) -> list[list[Hit]]:
        """For each point the areas within reach: those it is in first, then by distance, then by key.

        `from_inside` measures the distance to the edge for areas that the point is in, too; else it is zero there.
        """
        hits: list[list[Hit]] = [[] for _ in range(len(points.x))]
        for point, *hit in zip(*(column.tolist() for column in self._near(points, reach_m, from_inside)), strict=True):
            hits[point].append(Hit(*hit))
        for several in hits:
            if len(several) > 1:
                several.sort(key=self._order)
        return hits

    def share_around(self, points: Points, reach_m: float, hits: Sequence[Hit]) -> float:
        """How much of the circle around the only point these areas cover, from 0 to 1."""
        circle = shapely.buffer(points.marks[0], reach_m)
        parts = shapely.intersection(self._shapes[[hit.area for hit in hits]], circle)
        return float(shapely.area(parts).sum() / shapely.area(circle))

    def turns(self) -> set[int]:
        """The days on which an area begins or ends."""
        return {1, OPEN_END + 1, *self._first.tolist(), *self._end.tolist()}

    def on(self, day: int) -> list[tuple[str, Any]]:
        """Key and shape, in metres, of the areas that are valid on this day."""
        valid = np.flatnonzero((self._first <= day) & (day < self._end)).tolist()
        return [(self.keys[area], self._shapes[area]) for area in valid]

    def crossings(self, other: "Areas") -> list[tuple[int, int, range]]:
        """Pairs of an area here and one of the other index that touch, with the days on which both are valid."""
        theirs, ours = self._tree.query(other._shapes, predicate="intersects")
        first = np.maximum(self._first[ours], other._first[theirs])
        end = np.minimum(self._end[ours], other._end[theirs])
        together = first < end
        columns = (column[together].tolist() for column in (ours, theirs, first, end))
        return [(here, there, range(begin, stop)) for here, there, begin, stop in zip(*columns, strict=True)]

    def _order(self, hit: Hit) -> tuple[bool, float, str]:
        return (not hit.is_inside, 0.0 if hit.is_inside else hit.distance_m, self.keys[hit.area])

    def _near(self, points: Points, reach: Numbers, from_inside: bool) -> tuple[NDArray[Any], ...]:
        """Point, area, whether inside, distance. The tree compares boxes; prepared shapes answer exactly after it."""
        x, y, marks = points.x, points.y, points.marks
        point, area = self._tree.query(shapely.box(x - reach, y - reach, x + reach, y + reach))
        keep = (self._first[area] <= points.day[point]) & (points.day[point] < self._end[area])
        point, area = point[keep], area[keep]
        near = shapely.dwithin(self._shapes[area], marks[point], reach[point])
        point, area = point[near], area[near]
        inside = shapely.intersects_xy(self._shapes[area], x[point], y[point])
        distance = np.zeros(len(point))
        for measured, shapes in ((~inside, self._shapes), (inside, self._edges if from_inside else None)):
            if shapes is not None and measured.any():
                distance[measured] = shapely.distance(shapes[area[measured]], marks[point[measured]])
        return point, area, inside, distance.round(METRES_DIGITS)


def make_areas(
    degrees: Any, widths_m: Sequence[float], keys: Sequence[str], days: Sequence[range], plane: Plane
) -> Areas:
    """From shapes in degrees; what has a width is a corridor, of half that much to either side."""
    shapes = plane.project(degrees)
    widths = np.array(widths_m)
    corridors = np.flatnonzero(widths)
    shapes[corridors] = shapely.buffer(shapes[corridors], widths[corridors] / 2)
    return Areas(keys, shapes, days)
