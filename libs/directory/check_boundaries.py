"""Are the outlines of a pack whole, and do neighbours meet?"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import shapely

from libs.directory.findings import Finding
from libs.directory.model import MUNICIPALITY
from libs.directory.pack import Entry, Pack
from libs.directory.plane import Plane

# Coordinates rounded to a centimetre leave slivers of this size along a long border; nothing smaller is reported.
AREA_M2_MIN = 100.0
TOUCH_M = 1.0  # a gap lies between these neighbours, whatever rounding does
ERROR_MAX = 0.01  # half a metre in a border band of fifty


def check_boundaries(pack: Pack) -> list[Finding]:
    """Outlines that are no polygons, municipalities without one, gaps and overlaps with their area."""
    shapes = {id(entry): shapely.geometry.shape(entry["geometry"]) for entry in [*pack.places, *pack.layers]}
    broken = [
        entry.found("geometry-invalid", f"{entry.file}: {reason}")
        for entry in [*pack.places, *pack.layers]
        if (reason := shapely.is_valid_reason(shapes[id(entry)])) != "Valid Geometry"
    ]
    if broken or not pack.places:
        return broken
    current = [entry for entry in pack.places if not entry["valid_to"]]
    plane = Plane.around(*shapely.total_bounds(list(shapes.values())).tolist())
    flat = plane.project(np.array([shapes[id(entry)] for entry in current], dtype=object))
    return [*_missing(pack), *_imprecise(pack, plane), *_overlaps(current, flat), *_gaps(current, flat, plane)]


def _missing(pack: Pack) -> Iterator[Finding]:
    drawn = {entry["code"] for entry in pack.places}
    for entry in pack.authorities:
        if entry["kind"] == MUNICIPALITY and (entry["official_code"] or entry["code"]) not in drawn:
            yield entry.found("place-missing", f"the municipality {entry['code']} has no outline")


def _imprecise(pack: Pack, plane: Plane) -> Iterator[Finding]:
    if plane.error_max > ERROR_MAX and pack.territory:
        share = f"{plane.error_max:.1%}"
        yield pack.territory.found("distance-imprecise", f"distances can be wrong by {share} at the edges")


def _overlaps(entries: Sequence[Entry], flat: Any) -> Iterator[Finding]:
    ours, theirs = shapely.STRtree(flat).query(flat, predicate="intersects")
    pairs = ours < theirs
    areas = shapely.area(shapely.intersection(flat[ours[pairs]], flat[theirs[pairs]]))
    for one, other, area in zip(ours[pairs].tolist(), theirs[pairs].tolist(), areas.tolist(), strict=True):
        if area >= AREA_M2_MIN:
            message = f"{entries[one]['code']} and {entries[other]['code']} overlap by {area:,.0f} m²"
            yield entries[other].found("boundary-overlap", message)


def _gaps(entries: Sequence[Entry], flat: Any, plane: Plane) -> Iterator[Finding]:
    tree = shapely.STRtree(flat)
    for part in shapely.get_parts(shapely.union_all(flat)):
        for ring in shapely.get_rings(part)[1:]:
            hole = shapely.polygons(ring)
            area = float(shapely.area(hole))
            if area < AREA_M2_MIN:
                continue
            near = int(tree.query(hole, predicate="dwithin", distance=TOUCH_M).min(initial=len(entries) - 1))
            lon, lat = shapely.get_coordinates(plane.unproject(shapely.point_on_surface(hole)))[0].tolist()
            message = f"a gap of {area:,.0f} m² at {lat:.5f}, {lon:.5f}, beside {entries[near]['code']}"
            yield entries[near].found("boundary-gap", message)
