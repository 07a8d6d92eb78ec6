"""Which outlines and corridors do the features of a GeoJSON file draw?"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from libs.directory.columns import as_date
from libs.directory.findings import Finding, found
from libs.directory.geojson import COLLECTION, DEPTHS, GeometryError, numbered_features
from libs.directory.pack import PLACES, Entry, layer_name

# The names under which official sources publish the code of a municipality, best first, in small letters and digits.
CODE_PROPERTIES = (
    *("code", "insee", "codgeo", "com", "codeinsee", "inseecom", "comcode", "comcurrentcode", "refinsee"),
    *(
        "codecommuneinsee",
        "codecommune",
        "codeinseecommune",
        "codeinseedelacommune",
        "inseecode",
        "depcom",
        "cog",
        "kommunkod",
        "id",
    ),
)
COORDINATE_DIGITS = 7  # of a degree: one centimetre, finer than any boundary is known
WIDTH_M_MAX = 10_000.0
AREAS = {"Polygon", "MultiPolygon"}
LINES = {"LineString", "MultiLineString"}
POINTS = {"Point", "MultiPoint"}
SEPARATORS = re.compile(r"[^a-z0-9]")  # ref:INSEE, code_insee and CODE INSEE are one name
POSITIONS_MIN = {"line": 2, "ring": 4}
LONGITUDES_MAX = 180  # an outline that spans more lies across the antimeridian, where east and west change places


def read_shapes(file: str, text: str) -> tuple[list[Entry], list[Finding]]:
    """The features of a file as entries: of places.geojson `code`, of a layer `layer` and `width_m`."""
    findings: list[Finding] = []
    entries = []
    try:
        features = list(numbered_features(text))
    except GeometryError as error:
        return [], [found("geometry-invalid", file, 1, f"{file}: {error}")]
    except (ValueError, RecursionError) as error:
        return [], [found("file-unreadable", file, getattr(error, "lineno", 1), f"{file} is not GeoJSON: {error}")]
    for line, feature in features:
        try:
            if is_unlocated(feature):
                findings.append(found("geometry-missing", file, line, "the feature has no geometry: it draws nothing"))
            else:
                entries.append(Entry(file, line, _values(file, feature)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            code = "geometry-invalid" if isinstance(error, GeometryError) else "value-invalid"
            findings.append(found(code, file, line, str(error) or "this is no GeoJSON feature"))
    return entries, findings


def code_of(feature: Mapping[str, Any]) -> str | None:
    """The official code of a feature, wherever its publisher put it."""
    properties = {
        SEPARATORS.sub("", str(key).lower()): value for key, value in (feature.get("properties") or {}).items()
    }
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
    if file == PLACES:
        code = code_of(feature)
        if code is None:
            raise ValueError("the feature has no code: give it `properties.code`, the municipality's official code")
        return {"code": code, "geometry": outline_in(feature, code), **dates}
    geometry = _one_kind(_drawn(feature.get("geometry")))
    width = float(properties.get("width_m") or 0)
    if not (0 < width <= WIDTH_M_MAX or (width == 0 and geometry["type"] in AREAS)):
        raise ValueError(f"a corridor needs `width_m`, its full width in metres, up to {WIDTH_M_MAX:g}")
    return {"layer": layer_name(file), "width_m": width, "geometry": _rounded(geometry), **dates}


DATES = ("valid_from", "valid_to")


def is_unlocated(feature: Mapping[str, Any]) -> bool:
    """A feature that says where it is by no position at all, which is allowed (RFC 7946, 3.2): it draws nothing."""
    geometry = feature.get("geometry")
    return geometry is None or (isinstance(geometry, dict) and not any(True for _ in _filled(geometry)))


def outline_in(feature: Mapping[str, Any], code: str) -> dict[str, Any]:
    """The area of a municipality. What a collection has besides areas is what cutting and repairing left behind."""
    geometries = _drawn(feature.get("geometry"))
    areas = [one for one in geometries if one["type"] in AREAS]
    if not areas:
        raise GeometryError(f"the outline of {code} is a {geometries[0]['type']}, not a Polygon or MultiPolygon")
    return _rounded(_one_kind(areas))


def _filled(geometry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The geometries in it that have positions, however deep collections lie in each other."""
    if geometry.get("type") == COLLECTION:
        for one in geometry.get("geometries") or []:
            yield from _filled(one) if isinstance(one, dict) else ()
    elif "coordinates" not in geometry or not _is_empty(geometry["coordinates"]):
        yield geometry


def _is_empty(coordinates: Any) -> bool:
    """Lists that hold nothing but empty lists, as a clip leaves them."""
    return isinstance(coordinates, list) and all(_is_empty(one) for one in coordinates)


def _drawn(geometry: Any) -> list[Mapping[str, Any]]:
    """Lines and polygons; points beside them draw nothing."""
    if not isinstance(geometry, dict):
        raise GeometryError("the feature has no geometry")
    found = list(_filled(geometry))
    if unknown := [one.get("type") for one in found if one.get("type") not in {*DEPTHS, *POINTS}]:
        raise GeometryError(f"expected lines or polygons, not {unknown[0]}")
    drawn = [one for one in found if one["type"] in DEPTHS]
    if not drawn:
        raise GeometryError(f"expected lines or polygons, not {found[0]['type'] if found else 'an empty geometry'}")
    return drawn


def _one_kind(geometries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """One shape of all parts."""
    if len(geometries) == 1:
        return geometries[0]
    for kinds, whole in ((AREAS, "MultiPolygon"), (LINES, "MultiLineString")):
        if all(part["type"] in kinds for part in geometries):
            several = [part["coordinates"] if part["type"] == whole else [part["coordinates"]] for part in geometries]
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
        return [_parts(one, depth - 1, what) for one in value if not _is_empty(one)]
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
