"""Which outlines and corridors stand in a GeoJSON file, and on which line?"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from libs.directory.columns import as_date
from libs.directory.findings import Finding, found
from libs.directory.pack import PLACES, Entry, layer_name

# The names under which official sources publish the code of a municipality, best first.
CODE_PROPERTIES = ("code", "insee", "codgeo", "com", "code_insee", "insee_com", "com_code", "com_current_code", "id")
COLON = re.compile(r"\s*:\s*")
BETWEEN = re.compile(r"[\s,]*")
COORDINATE_DIGITS = 7  # of a degree: one centimetre, finer than any boundary is known
WIDTH_M_MAX = 10_000.0
AREAS = {"Polygon", "MultiPolygon"}
LINES = {"LineString", "MultiLineString"}
# How deep positions lie in each kind of geometry, and how many of them make one line or ring.
DEPTHS = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
POSITIONS_MIN = {"line": 2, "ring": 4}
# Systems of degrees that differ from CRS84 by less than a metre: WGS 84, RGF93, ETRS89.
DEGREES = re.compile(r"(CRS:?84|EPSG:.*?(4326|4171|4258))$", re.IGNORECASE)
LONGITUDES_MAX = 180  # an outline that spans more lies across the antimeridian, where east and west change places


def read_shapes(file: str, text: str) -> tuple[list[Entry], list[Finding]]:
    """The features of a file as entries: of places.geojson `code`, of a layer `layer` and `width_m`."""
    findings: list[Finding] = []
    entries = []
    try:
        features = list(numbered_features(text.removeprefix("\ufeff")))
    except GeometryError as error:
        return [], [found("geometry-invalid", file, 1, f"{file}: {error}")]
    except (ValueError, RecursionError) as error:
        return [], [found("file-unreadable", file, getattr(error, "lineno", 1), f"{file} is not GeoJSON: {error}")]
    for line, feature in features:
        try:
            entries.append(Entry(file, line, _values(file, feature)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            code = "geometry-invalid" if isinstance(error, GeometryError) else "value-invalid"
            findings.append(found(code, file, line, str(error) or "this is no GeoJSON feature"))
    return entries, findings


class GeometryError(ValueError):
    """These coordinates are no outline."""


def numbered_features(text: str) -> Iterator[tuple[int, Any]]:
    """Each feature with the line it begins on. ValueError when this is no GeoJSON in degrees."""
    document = json.loads(text)
    features = features_in(document)
    is_collection = features is document.get("features")
    return zip(_lines(text, len(features)) if is_collection else (1,), features, strict=True)


def features_in(document: Any) -> list[Any]:
    """The features of a collection; a lone Feature or a bare geometry is one. ValueError for anything else."""
    if not isinstance(document, dict):
        raise ValueError("expected a FeatureCollection, a Feature or a geometry")
    _refuse_metres(document)
    features: Any = document.get("features")
    if isinstance(features, list):
        return features
    if document.get("type") == "Feature":
        return [document]
    if document.get("type") in DEPTHS or document.get("type") == "GeometryCollection":
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise ValueError("expected a FeatureCollection, a Feature or a geometry")


def _refuse_metres(document: Mapping[str, Any]) -> None:
    """GeoJSON is in degrees (CRS84); older files may name another system."""
    crs = document.get("crs")
    name = str((crs.get("properties") or {}).get("name", "")) if isinstance(crs, dict) else ""
    if name and not DEGREES.search(name):
        raise GeometryError(f"its coordinates are in {name}; convert them to CRS84 (longitude and latitude)")


def _lines(text: str, count: int) -> Iterator[int]:
    """The line on which each member of the document's own `features` begins."""
    decoder = json.JSONDecoder()
    position = _after(BETWEEN, text, 0) + 1
    while True:
        key, position = decoder.raw_decode(text, _after(BETWEEN, text, position))
        position = _after(COLON, text, position)
        if key == "features":
            break
        position = decoder.raw_decode(text, position)[1]
    line, seen = 1, 0
    position += 1
    for _ in range(count):
        begin = _after(BETWEEN, text, position)
        line += text.count("\n", seen, begin)
        seen = begin
        yield line
        position = decoder.raw_decode(text, begin)[1]


def _after(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def code_of(feature: Mapping[str, Any]) -> str | None:
    """The official code of a feature, wherever its publisher put it."""
    properties = {str(key).lower(): value for key, value in (feature.get("properties") or {}).items()}
    candidates = [properties.get(name) for name in CODE_PROPERTIES] + [feature.get("id")]
    for value in candidates:
        single = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(single, float) and single.is_integer():  # a spreadsheet's way of writing 33063
            single = int(single)
        if isinstance(single, str | int) and not isinstance(single, bool) and str(single).strip():
            return str(single).strip()
    return None


def _values(file: str, feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties") or {}
    dates = {name: as_date(str(properties[name])) if properties.get(name) else None for name in DATES}
    geometry = _simple(feature.get("geometry"))
    kind = geometry["type"]
    if file == PLACES:
        code = code_of(feature)
        if code is None:
            raise ValueError("the feature has no code: give it `properties.code`, the municipality's official code")
        if kind not in AREAS:
            raise GeometryError(f"the outline of {code} is a {kind}, not a Polygon or MultiPolygon")
        return {"code": code, "geometry": _rounded(geometry), **dates}
    width = float(properties.get("width_m") or 0)
    if not (0 < width <= WIDTH_M_MAX or (width == 0 and kind in AREAS)):
        raise ValueError(f"a corridor needs `width_m`, its full width in metres, up to {WIDTH_M_MAX:g}")
    return {"layer": layer_name(file), "width_m": width, "geometry": _rounded(geometry), **dates}


DATES = ("valid_from", "valid_to")


def _simple(geometry: Any) -> Mapping[str, Any]:
    """Lines or polygons; a collection of either becomes one shape of many parts."""
    if not isinstance(geometry, dict):
        raise GeometryError("the feature has no geometry")
    if geometry.get("type") != "GeometryCollection":
        if geometry.get("type") not in DEPTHS:
            raise GeometryError(f"expected lines or polygons, not {geometry.get('type')}")
        return geometry
    parts = [_simple(one) for one in geometry.get("geometries") or []]
    for kinds, whole in ((AREAS, "MultiPolygon"), (LINES, "MultiLineString")):
        if parts and all(part["type"] in kinds for part in parts):
            several = [part["coordinates"] if part["type"] == whole else [part["coordinates"]] for part in parts]
            return {"type": whole, "coordinates": [one for coordinates in several for one in coordinates]}
    raise GeometryError("expected a collection of lines, or of polygons")


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    kind = geometry["type"]
    coordinates = _parts(geometry.get("coordinates"), DEPTHS[kind], "ring" if kind in AREAS else "line")
    return {"type": kind, "coordinates": coordinates}


def _parts(value: Any, depth: int, what: str) -> list[Any]:
    """Lists of lists, down to one line or ring; which way round a ring goes does not matter."""
    if not isinstance(value, list) or not value:
        raise GeometryError("coordinates are missing")
    if depth > 1:
        return [_parts(one, depth - 1, what) for one in value]
    positions = [_position(one) for one in value]
    if what == "ring" and positions[0] != positions[-1]:
        positions.append(positions[0])
    if len(positions) < POSITIONS_MIN[what]:
        raise GeometryError(f"a {what} has at least {POSITIONS_MIN[what]} positions")
    if max(positions)[0] - min(positions)[0] > LONGITUDES_MAX:
        raise GeometryError("it crosses the antimeridian; cut it there, and keep the larger part")
    return positions


def _position(value: Any) -> list[float]:
    """CRS84 longitude and latitude; a height is dropped."""
    if not isinstance(value, list) or len(value) < 2 or not all(_is_number(number) for number in value[:2]):
        raise GeometryError("a position is [longitude, latitude]")
    longitude, latitude = value[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise GeometryError(f"[{longitude}, {latitude}] is no longitude and latitude in degrees (CRS84, not projected)")
    return [round(float(longitude), COORDINATE_DIGITS), round(float(latitude), COORDINATE_DIGITS)]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
