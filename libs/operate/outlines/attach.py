"""Which of a source's features are the outlines of a pack's municipalities, from when to when, and are they sound?"""

import json
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import shapely

from libs.directory import Pack
from libs.directory.geojson import GeometryError
from libs.directory.model import MUNICIPALITY
from libs.directory.pack import wholes_of
from libs.directory.shapes import AREAS, POINTS, code_of, is_unlocated, outline_in
from libs.operate.outlines.pieces import Key, Outlines, add_pieces
from libs.operate.outlines.sources import Feature
from libs.operate.outlines.validity import Dates, are_ends_exclusive, dates_of
from libs.operate.output import Stopped

ALWAYS = Dates()


@dataclass(slots=True)
class Attached:
    """What became of the features of a source. `text` is the new places.geojson."""

    text: str = ""
    attached: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    dated: list[str] = field(default_factory=list)
    """Municipalities whose outline begins or ends on a day."""
    without_area: list[str] = field(default_factory=list)
    """Those that the source has features of which draw no area: no geometry, a point, a line."""
    remarks: list[str] = field(default_factory=list)
    left_out: int = 0
    """Features of the source that belong to no municipality of the pack."""
    without_code: int = 0
    """Those among them that have no code at all."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        names = ("attached", "missing", "repaired", "dated", "without_area", "remarks", "left_out", "without_code")
        return {name: getattr(self, name) for name in names}


def attach(pack: Pack, features: Sequence[Feature], tick: Callable[[], None] = lambda: None) -> Attached:
    """The outlines of the pack's municipalities among these features, repaired where they cross themselves.

    Parts of one municipality are joined where they are valid on the same days, and only there.
    """
    wanted = sorted(
        {entry["official_code"] or entry["code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}
    )
    result = Attached()
    outlines, pieces = _read(pack, set(wanted), features, result)
    result.remarks += add_pieces(outlines, pieces)
    by_code: dict[str, list[str]] = defaultdict(list)
    for (code, dates), parts in sorted(outlines.items(), key=_in_order):
        outline, was_repaired = _joined(code, parts)
        if was_repaired and code not in result.repaired:
            result.repaired.append(code)
        by_code[code].append(_line(code, dates, outline))
        tick()
    result.attached = [code for code in wanted if code in by_code]
    result.missing = [code for code in wanted if code not in by_code]
    result.dated = sorted({code for code, dates in outlines if dates != ALWAYS})
    lines = [line for code in result.attached for line in by_code[code]]
    result.text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    return result


def _in_order(item: tuple[tuple[str, Dates], Any]) -> tuple[str, ...]:
    code, dates = item[0]
    return code, *(day.isoformat() if day else "" for day in dates)


Pieces = dict[Key, list[tuple[str, dict[str, Any]]]]


def _read(pack: Pack, wanted: set[str], features: Sequence[Feature], result: Attached) -> tuple[Outlines, Pieces]:
    """The outlines of municipalities, and apart from them those of their parts and of what they absorbed."""
    zone = ZoneInfo(pack.territory["time_zone"]) if pack.territory else ZoneInfo("UTC")
    wholes = wholes_of(pack)
    found: dict[tuple[str, Dates, str], list[dict[str, Any]]] = defaultdict(list)
    for feature in features:
        code = code_of(feature)
        whole = code if code in wanted else wholes.get(code or "", ("", ""))[0]
        if code is None or whole not in wanted:
            result.left_out += 1
            result.without_code += code is None
        elif _has_no_area(feature):
            result.without_area.append(code)
        else:
            said = dates_of(feature.get("properties") or {}, zone, code)
            result.remarks += [f"no day, so it counts for nothing: {one}" for one in said.unread]
            found[whole, said.dates, code].append(_outline(feature, code))
    is_exclusive = are_ends_exclusive({dates for _, dates, _ in found})
    if is_exclusive:
        result.remarks.append(
            "its outlines end on the day on which others begin, so each is valid until the day before"
        )
    outlines: Outlines = defaultdict(list)
    pieces: Pieces = defaultdict(list)
    for (whole, dates, code), those in found.items():
        key = whole, dates.until_the_day_before() if is_exclusive else dates
        if code == whole:
            outlines[key] += those
        else:
            pieces[key] += [(code, one) for one in those]
    return outlines, pieces


def _has_no_area(feature: Feature) -> bool:
    geometry = feature.get("geometry")
    return is_unlocated(feature) or (isinstance(geometry, dict) and geometry.get("type") in POINTS)


def _outline(feature: Feature, code: str) -> dict[str, Any]:
    try:
        return outline_in(feature, code)
    except GeometryError as error:
        raise Stopped(f"The outline of {code} cannot be read: {error}.") from error


def _joined(code: str, parts: Sequence[dict[str, Any]]) -> tuple[Any, bool]:
    """All areas of a municipality as one shape; they are rounded already, since that can make a ring cross itself."""
    shapes = [shapely.geometry.shape(part) for part in parts]
    whole = shapes[0] if len(shapes) == 1 else shapely.union_all([shapely.make_valid(one) for one in shapes])
    if shapely.is_valid(whole) and whole.geom_type in AREAS:
        return whole, False
    areas = [part for part in _parts(shapely.make_valid(whole)) if part.geom_type in AREAS]
    if not areas:
        raise Stopped(f"The outline of {code} encloses nothing; correct it at its source.")
    return shapely.union_all(areas), True


def _parts(shape: Any) -> list[Any]:
    """The parts of a shape; a collection can hold shapes of several parts in its turn."""
    parts: list[Any] = shapely.get_parts(shape).tolist()
    return parts if len(parts) < 2 else [one for part in parts for one in _parts(part)]


def _line(code: str, dates: Dates, outline: Any) -> str:
    properties = {"code": code, **dates.as_properties()}
    feature = {"type": "Feature", "properties": properties, "geometry": shapely.geometry.mapping(outline)}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
