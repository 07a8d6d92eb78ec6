"""Are the outlines of a pack whole, and do neighbours meet?"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import shapely

from libs.directory.coverage import said
from libs.directory.findings import Finding
from libs.directory.model import MUNICIPALITY, OPEN_END, OUTSIDE, days_of
from libs.directory.pack import Entry, Pack
from libs.directory.plane import Plane
from libs.directory.shapes import LONGITUDES_MAX

# Coordinates rounded to a centimetre leave slivers of this size along a long border; nothing smaller is reported.
AREA_M2_MIN = 100.0
TOUCH_M = 1.0  # a gap lies between these neighbours, whatever rounding does
OPEN_GAP_M = 10.0  # a crack between neighbours that is narrower than this, and open to the outside, is no inlet
ERROR_MAX = 0.01  # half a metre in a border band of fifty
FIRST_DAY = 1


def check_boundaries(pack: Pack) -> list[Finding]:
    """Outlines that are no polygons, municipalities without one, gaps and overlaps with their area, at any time."""
    everything = [*pack.places, *pack.layers]
    shapes = [shapely.geometry.shape(entry["geometry"]) for entry in everything]
    broken = [
        entry.found("geometry-invalid", f"{entry.file}: {reason}")
        for entry, shape in zip(everything, shapes, strict=True)
        if (reason := shapely.is_valid_reason(shape)) != "Valid Geometry"
    ]
    if broken or not everything:
        return broken
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    if east - west > LONGITUDES_MAX:
        message = "the territory lies on both sides of the antimeridian; make two packs of it"
        return [everything[0].found("geometry-invalid", message)]
    if not pack.places:
        return []
    plane = Plane.around(west, south, east, north)
    flat = plane.project(np.array(shapes[: len(pack.places)], dtype=object))
    found = [*_missing(pack), *_imprecise(pack, plane)]
    seen: set[tuple[int, ...]] = set()
    for day, present in _periods(pack):
        if present and present not in seen:
            seen.add(present)
            now = [pack.places[index] for index in present]
            since = f", on {date.fromordinal(day)}" if day > FIRST_DAY else ""
            found += [*_overlaps(now, flat[list(present)], since), *_gaps(now, flat[list(present)], plane, since)]
    return _once(found)


def _periods(pack: Pack) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Each day on which an outline begins or ends, with the outlines that are valid then."""
    office = {entry["official_code"] or entry["code"]: days_of(entry.values) for entry in pack.authorities}
    days = [days_of(entry.values) for entry in pack.places]
    office[OUTSIDE] = days_of({})  # an enclave of somebody else's: no gap, and no municipality
    limits = [office.get(entry["code"], range(0)) for entry in pack.places]
    turns = {FIRST_DAY, *(turn for valid in (*days, *limits) for turn in (valid.start, valid.stop))}
    for day in sorted(turn for turn in turns if FIRST_DAY <= turn <= OPEN_END):
        both = enumerate(zip(days, limits, strict=True))
        yield day, tuple(index for index, (valid, limit) in both if day in valid and day in limit)


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """What stays wrong over several periods is told for the first of them."""
    told: dict[tuple[str, int, str, str], Finding] = {}
    for one in findings:
        told.setdefault((one.file, one.line, one.code, one.message.partition(", on ")[0]), one)
    return list(told.values())


def _missing(pack: Pack) -> Iterator[Finding]:
    """Municipalities without an outline: ever, or once the first of their outlines has ended while they go on."""
    drawn: dict[str, list[range]] = {}
    for entry in pack.places:
        drawn.setdefault(entry["code"], []).append(days_of(entry.values))
    for entry in pack.authorities:
        if entry["kind"] != MUNICIPALITY:
            continue
        outlines = sorted(drawn.get(entry["official_code"] or entry["code"], []), key=lambda days: days.start)
        hole = _hole(outlines, days_of(entry.values)) if outlines else None
        if hole or not outlines:
            when = f" {said(hole)}" if hole else ""
            yield entry.found("place-missing", f"the municipality {entry['code']} has no outline{when}")


def _hole(outlines: Sequence[range], office: range) -> range | None:
    """The first days in office without outline, after those with one."""
    end = outlines[0].stop
    for days in (*outlines[1:], range(office.stop, office.stop)):
        if max(end, office.start) < min(days.start, office.stop):
            return range(max(end, office.start), min(days.start, office.stop))
        end = max(end, days.stop)
    return None


def _imprecise(pack: Pack, plane: Plane) -> Iterator[Finding]:
    if plane.error_max > ERROR_MAX and pack.territory:
        share = f"{plane.error_max:.1%}"
        yield pack.territory.found("distance-imprecise", f"distances can be wrong by {share} at the edges")


def _overlaps(entries: Sequence[Entry], flat: Any, since: str) -> Iterator[Finding]:
    ours, theirs = shapely.STRtree(flat).query(flat, predicate="intersects")
    pairs = ours < theirs
    areas = shapely.area(shapely.intersection(flat[ours[pairs]], flat[theirs[pairs]]))
    for one, other, area in zip(ours[pairs].tolist(), theirs[pairs].tolist(), areas.tolist(), strict=True):
        if area >= AREA_M2_MIN:
            message = f"{entries[one]['code']} and {entries[other]['code']} overlap by {area:,.0f} m²{since}"
            yield entries[other].found("boundary-overlap", message)


def _gaps(entries: Sequence[Entry], flat: Any, plane: Plane, since: str) -> Iterator[Finding]:
    """Holes that nobody fills, and cracks between two neighbours that run out to the edge."""
    tree = shapely.STRtree(flat)
    whole = shapely.union_all(flat)
    holes = [shapely.polygons(ring) for part in shapely.get_parts(whole) for ring in shapely.get_rings(part)[1:]]
    filled = shapely.union_all([whole, *holes])
    closed = shapely.buffer(shapely.buffer(filled, OPEN_GAP_M / 2), -OPEN_GAP_M / 2)
    cracks = shapely.get_parts(shapely.difference(closed, filled)).tolist()
    for gap, neighbours_min in (*((hole, 1) for hole in holes), *((crack, 2) for crack in cracks)):
        area = float(shapely.area(gap))
        near = sorted(tree.query(gap, predicate="dwithin", distance=TOUCH_M).tolist())
        if area < AREA_M2_MIN or len(near) < neighbours_min:
            continue
        lon, lat = shapely.get_coordinates(plane.unproject(shapely.point_on_surface(gap)))[0].tolist()
        beside = " and ".join(entries[one]["code"] for one in near[:2])
        message = f"a gap of {area:,.0f} m² at {lat:.5f}, {lon:.5f}, beside {beside}{since}"
        yield entries[near[0]].found("boundary-gap", message)
