"""Which features stand in a GeoJSON text, and on which line does each begin?"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from libs.directory.degrees import are_degrees, system_in

COLON = re.compile(r"\s*:\s*")
BETWEEN = re.compile(r"[\s,]*")
RECORD_SEPARATOR = "\x1e"  # before each text of a GeoJSON text sequence (RFC 8142)
# How deep positions lie in each kind of geometry that has a length or an area.
DEPTHS = {"LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
COLLECTION = "GeometryCollection"
OTHER_FORMATS = {
    "Topology": "this is TopoJSON; convert it to GeoJSON",
    "esriGeometryPolygon": "this is Esri JSON; ask its service for f=geojson",
}


class GeometryError(ValueError):
    """These coordinates are no outline."""


def documents_in(text: str) -> list[tuple[int, Any]]:
    """One JSON document, or one on each line (newline-delimited GeoJSON), with their lines. ValueError for neither."""
    text = text.removeprefix("\ufeff")
    try:
        return [(1, json.loads(text))]
    except json.JSONDecodeError as error:
        lines = text.replace(RECORD_SEPARATOR, "").split("\n")
        filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        if len(filled) < 2 and RECORD_SEPARATOR not in text:
            raise
        try:
            return [(number, json.loads(line)) for number, line in filled]
        except json.JSONDecodeError:
            raise error from None  # what is wrong with it as the one document that it most likely is


def numbered_features(text: str) -> Iterator[tuple[int, Any]]:
    """Each feature with the line it begins on. ValueError when this is no GeoJSON in degrees."""
    documents = documents_in(text)
    for line, document in documents:
        features = features_in(document)
        is_collection = len(documents) == 1 and features is document.get("features")
        yield from zip(_lines(text, len(features)) if is_collection else [line] * len(features), features, strict=True)


def features_in(document: Any) -> list[Any]:
    """The features of a collection; a lone Feature or a bare geometry is one. ValueError for anything else."""
    if not isinstance(document, dict):
        raise ValueError("expected a FeatureCollection, a Feature or a geometry")
    _refuse_metres(document)
    features: Any = document.get("features")
    kind = document.get("type") or document.get("geometryType")
    if kind in OTHER_FORMATS:
        raise ValueError(OTHER_FORMATS[kind])
    if isinstance(features, list):
        return features
    if kind == "Feature":
        return [document]
    if kind in DEPTHS or kind == COLLECTION:
        return [{"type": "Feature", "properties": {}, "geometry": document}]
    raise ValueError("expected a FeatureCollection, a Feature or a geometry")


def _refuse_metres(document: Mapping[str, Any]) -> None:
    """GeoJSON is in degrees (CRS84); older files may name another system."""
    system = system_in(document.get("crs"))
    if system and not are_degrees(system):
        raise GeometryError(
            f"its coordinates are in {system}; convert them to WGS 84 longitude and latitude, for instance with "
            "`ogr2ogr -t_srs EPSG:4326 new.geojson old.geojson`"
        )


def _lines(text: str, count: int) -> Iterator[int]:
    """The line on which each member of the document's own `features` begins."""
    decoder = json.JSONDecoder()
    text = text.removeprefix("\ufeff")
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
