"""How do official outlines of municipalities get into a territory pack?"""

import gzip
import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import shapely

from libs.directory import Pack
from libs.directory.model import MUNICIPALITY
from libs.directory.shapes import AREAS, COORDINATE_DIGITS, code_of, features_in
from libs.operate.output import Away, Stopped, WrongUse
from libs.operate.packs import FILE_BYTES_MAX

API_VARIABLE = "GUICHET_BOUNDARY_API"
API_DEFAULT = "https://geo.api.gouv.fr"  # the French government's API for communes and their groupings
API_SECONDS_MAX = 60.0
GZIP_MAGIC = b"\x1f\x8b"
DEGREES_OF_THE_EARTH = (-180.0, -90.0, 180.0, 90.0)

Feature = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Attached:
    """What became of a file of outlines. `text` is the new places.geojson."""

    text: str
    attached: list[str]
    missing: list[str]
    repaired: list[str]
    left_out: int
    """Features of the source that belong to no municipality of the pack."""

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "attached": self.attached,
            "missing": self.missing,
            "repaired": self.repaired,
            "left_out": self.left_out,
        }


def features_in_file(path: Path) -> list[Feature]:
    """GeoJSON as official sources publish it, plain or compressed with gzip."""
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            with gzip.open(path) as file:
                raw = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise WrongUse(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(raw) > FILE_BYTES_MAX:
        raise Stopped(f"{path} is larger than {FILE_BYTES_MAX:,} bytes; cut it to the territory first.")
    return _features(raw, str(path))


def features_from_api(pack: Pack) -> list[Feature]:
    """The communes of the territory's métropole, from the national API. `Away` when it does not answer."""
    base = os.environ.get(API_VARIABLE) or API_DEFAULT
    url = f"{base.rstrip('/')}/epcis/{_grouping(pack)}/communes"
    query = {"fields": "code,nom", "format": "geojson", "geometry": "contour"}
    try:
        response = httpx2.get(url, params=query, timeout=API_SECONDS_MAX, follow_redirects=True)
        response.raise_for_status()
    except httpx2.HTTPStatusError as error:
        raise Away(f"{url} answered {error.response.status_code}; try again later, or use --from FILE.") from error
    except httpx2.HTTPError as error:
        raise Away(
            f"{url} cannot be reached ({type(error).__name__}). Without a network, get the outlines as GeoJSON and use "
            f"--from FILE; another address of the same API goes into {API_VARIABLE}."
        ) from error
    return _features(response.content, url)


def _grouping(pack: Pack) -> str:
    codes = [entry["official_code"] for entry in pack.authorities if entry["kind"] == "metropole"]
    if not codes or not codes[0]:
        raise WrongUse("The pack has no métropole with an official code (SIREN of the EPCI), so use --from FILE.")
    return str(codes[0])


def _features(raw: bytes, source: str) -> list[Feature]:
    try:
        features = features_in(json.loads(raw))
    except ValueError as error:
        raise Stopped(f"{source} is not GeoJSON: {error}.") from error
    return [feature for feature in features if isinstance(feature, dict)]


def attach(pack: Pack, features: Sequence[Feature], tick: Callable[[], None] = lambda: None) -> Attached:
    """The outlines of the pack's municipalities among these features, repaired where they cross themselves."""
    wanted = [entry["official_code"] or entry["code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY]
    found: dict[str, list[Feature]] = {code: [] for code in sorted(wanted)}
    left_out = 0
    for feature in features:
        code = code_of(feature)
        if code in found:
            found[code].append(feature)
        else:
            left_out += 1
    lines, repaired = [], []
    for code, own in found.items():
        if own:
            outline, was_repaired = _outline(code, own)
            repaired += [code] if was_repaired else []
            lines.append(_line(code, outline))
        tick()
    text = '{"type":"FeatureCollection","features":[\n' + ",\n".join(lines) + "\n]}\n"
    attached = [code for code, own in found.items() if own]
    return Attached(text, attached, [code for code, own in found.items() if not own], repaired, left_out)


def _outline(code: str, features: Iterable[Feature]) -> tuple[Any, bool]:
    """All areas of a municipality as one shape. Rounding comes first, since it can make a ring cross itself."""
    try:
        shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    except (KeyError, TypeError, ValueError, AttributeError, shapely.errors.ShapelyError) as error:
        raise Stopped(f"The outline of {code} cannot be read: {error}.") from error
    if any(shape.geom_type not in AREAS or shape.is_empty for shape in shapes):
        raise Stopped(f"The outline of {code} is not made of polygons.")
    west, south, east, north = shapely.total_bounds(shapes)
    limits = DEGREES_OF_THE_EARTH
    if west < limits[0] or south < limits[1] or east > limits[2] or north > limits[3]:
        raise Stopped(f"The outline of {code} is not in degrees; convert the file to WGS 84 longitude and latitude.")
    rounded = [shapely.transform(shape, lambda positions: positions.round(COORDINATE_DIGITS)) for shape in shapes]
    whole = rounded[0] if len(rounded) == 1 else shapely.union_all([shapely.make_valid(one) for one in rounded])
    if shapely.is_valid(whole):
        return whole, False
    parts = [part for part in shapely.get_parts(shapely.make_valid(whole)) if part.geom_type in AREAS]
    if not parts:
        raise Stopped(f"The outline of {code} encloses nothing; correct it at its source.")
    return shapely.union_all(parts), True


def _line(code: str, outline: Any) -> str:
    feature = {"type": "Feature", "properties": {"code": code}, "geometry": shapely.geometry.mapping(outline)}
    return json.dumps(feature, ensure_ascii=False, separators=(",", ":"))
