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
FEATURES = re.compile(r'"features"\s*:\s*\[')
BETWEEN_FEATURES = re.compile(r"[\s,]*")
COORDINATE_DIGITS = 7  # of a degree: one centimetre, finer than any boundary is known
WIDTH_M_MAX = 10_000.0
AREAS = {"Polygon", "MultiPolygon"}
LINES = {"LineString", "MultiLineString"}


def read_shapes(file: str, text: str) -> tuple[list[Entry], list[Finding]]:
    """The features of a file as entries: of places.geojson `code`, of a layer `layer` and `width_m`."""
    findings: list[Finding] = []
    entries = []
    try:
        features = list(numbered_features(text.removeprefix("\ufeff")))
    except ValueError as error:
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
    """Each feature of a collection with the line it begins on. ValueError when it is not JSON or no collection."""
    collection = json.loads(text)
    if not isinstance(collection, dict) or not isinstance(collection.get("features"), list):
        raise ValueError("expected a FeatureCollection")
    start = FEATURES.search(text)
    decoder, position, line = json.JSONDecoder(), start.end() if start else 0, 1
    line += text.count("\n", 0, position)
    for feature in collection["features"]:
        gap = BETWEEN_FEATURES.match(text, position)
        begin = gap.end() if gap else position
        line += text.count("\n", position, begin)
        yield line, feature
        position = decoder.raw_decode(text, begin)[1]
        line += text.count("\n", begin, position)


def code_of(feature: Mapping[str, Any]) -> str | None:
    """The official code of a feature, wherever its publisher put it."""
    properties = {str(key).lower(): value for key, value in (feature.get("properties") or {}).items()}
    candidates = [properties.get(name) for name in CODE_PROPERTIES] + [feature.get("id")]
    for value in candidates:
        single = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(single, str | int) and not isinstance(single, bool) and str(single).strip():
            return str(single).strip()
    return None


def _values(file: str, feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties") or {}
    dates = {name: as_date(str(properties[name])) if properties.get(name) else None for name in DATES}
    geometry = feature.get("geometry") or {}
    kind = geometry.get("type")
    if file == PLACES:
        code = code_of(feature)
        if code is None:
            raise ValueError("the feature has no code: give it `properties.code`, the municipality's official code")
        if kind not in AREAS:
            raise GeometryError(f"the outline of {code} is a {kind}, not a Polygon or MultiPolygon")
        return {"code": code, "geometry": _rounded(geometry), **dates}
    if kind not in AREAS | LINES:
        raise GeometryError(f"a layer holds lines and polygons, not {kind}")
    width = float(properties.get("width_m") or 0)
    if not (0 < width <= WIDTH_M_MAX or (width == 0 and kind in AREAS)):
        raise ValueError(f"a corridor needs `width_m`, its full width in metres, up to {WIDTH_M_MAX:g}")
    return {"layer": layer_name(file), "width_m": width, "geometry": _rounded(geometry), **dates}


DATES = ("valid_from", "valid_to")


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": geometry["type"], "coordinates": _positions(geometry["coordinates"])}


def _positions(value: Any) -> Any:
    """Coordinates as CRS84 longitude and latitude; heights are dropped."""
    if not isinstance(value, list) or not value:
        raise GeometryError("coordinates are missing")
    if isinstance(value[0], list):
        return [_positions(one) for one in value]
    if len(value) < 2 or not all(isinstance(number, int | float) for number in value[:2]):
        raise GeometryError("a position is [longitude, latitude]")
    longitude, latitude = value[:2]
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise GeometryError(f"[{longitude}, {latitude}] is no longitude and latitude in degrees (CRS84, not projected)")
    return [round(float(longitude), COORDINATE_DIGITS), round(float(latitude), COORDINATE_DIGITS)]
