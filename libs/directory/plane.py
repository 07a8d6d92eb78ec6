"""How far apart are two places of a territory, in metres?

A local equirectangular projection: degrees times two constants, taken from the WGS 84 ellipsoid at the middle of the
territory. It is affine, so a point on a shared edge stays on it and neighbours keep touching; and it only multiplies,
so every machine gets the same bits. The constants are computed when a pack is compiled, and travel in the release.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

WGS84_EQUATOR_M = 6_378_137.0
WGS84_ECCENTRICITY_SQUARED = 0.00669437999014
SCALE_DIGITS = 3  # of metres per degree: a millimetre in 111 km, far below any boundary

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Plane:
    """The constants of the projection. `error_max` is the largest share by which a distance can be wrong."""

    lon: float
    lat: float
    metres_per_lon: float
    metres_per_lat: float
    error_max: float

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float) -> "Plane":
        """The plane of a territory with these bounds in degrees."""
        lon, lat = round((west + east) / 2, 6), round((south + north) / 2, 6)
        per_lon, per_lat = _metres_per_degree(lat)
        edges = [_metres_per_degree(edge) for edge in (south, north)]
        error = max(
            abs(here / there - 1) for edge in edges for here, there in zip((per_lon, per_lat), edge, strict=True)
        )
        return cls(lon, lat, round(per_lon, SCALE_DIGITS), round(per_lat, SCALE_DIGITS), math.ceil(error * 1e6) / 1e6)

    def as_dict(self) -> dict[str, float]:
        """As it stands in a release."""
        return asdict(self)

    @classmethod
    def of(cls, row: Mapping[str, float]) -> "Plane":
        """From a release."""
        return cls(**row)

    def flatten(self, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
        """Metres east and north of the middle."""
        return (lon - self.lon) * self.metres_per_lon, (lat - self.lat) * self.metres_per_lat

    def project(self, shapes: Any) -> Any:
        """Shapes in degrees as shapes in metres."""
        middle, scale = np.array([self.lon, self.lat]), np.array([self.metres_per_lon, self.metres_per_lat])
        return shapely.transform(shapes, lambda positions: (positions - middle) * scale)

    def unproject(self, shapes: Any) -> Any:
        """Shapes in metres as shapes in degrees."""
        middle, scale = np.array([self.lon, self.lat]), np.array([self.metres_per_lon, self.metres_per_lat])
        return shapely.transform(shapes, lambda positions: positions / scale + middle)


def _metres_per_degree(latitude: float) -> tuple[float, float]:
    """East-west and north-south, on the ellipsoid."""
    phi = math.radians(latitude)
    bend = 1 - WGS84_ECCENTRICITY_SQUARED * math.sin(phi) ** 2
    east = WGS84_EQUATOR_M / math.sqrt(bend) * math.cos(phi)
    north = WGS84_EQUATOR_M * (1 - WGS84_ECCENTRICITY_SQUARED) / bend**1.5
    return max(math.radians(east), 1.0), math.radians(north)  # at a pole a degree of longitude has no width
