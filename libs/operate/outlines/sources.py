"""Which features stand in a file of outlines, or with the national API?"""

import gzip
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from libs.directory import Pack
from libs.directory.geojson import numbered_features
from libs.operate.output import Away, Stopped, WrongUse
from libs.operate.packs import FILE_BYTES_MAX

API_VARIABLE = "GUICHET_BOUNDARY_API"
API_DEFAULT = "https://geo.api.gouv.fr"  # the French government's API for communes and their groupings
API_SECONDS_MAX = 60.0
GZIP_MAGIC = b"\x1f\x8b"
OTHER_FILES = {
    b"PK\x03\x04": "a ZIP archive (of a shapefile?)",
    b"SQLite format 3": "a GeoPackage",
    b"PAR1": "GeoParquet",
}

Feature = Mapping[str, Any]


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
    for magic, said in OTHER_FILES.items():
        if raw.startswith(magic):
            raise Stopped(f"{source} is {said}; convert it to GeoJSON, for instance with `ogr2ogr new.geojson OLD`.")
    try:
        features = [feature for _, feature in numbered_features(raw.decode("utf-8-sig"))]
    except UnicodeDecodeError as error:
        raise Stopped(f"{source} is not UTF-8, which GeoJSON always is; save it as UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Stopped(f"{source} is not GeoJSON: {error}.") from error
    return [feature for feature in features if isinstance(feature, dict)]
