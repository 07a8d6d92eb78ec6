"""How is a territory drawn from its own outlines, and which place is under a pixel?

The map is an equirectangular drawing, `WIDTH` units wide. A closer view is the same drawing through a smaller window,
so that one path serves every scale.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache

import shapely

from libs.directory.asked import PlaceNoted
from libs.directory.release import Release
from services.intake.web.labels import Label, placed
from services.intake.web.texts import pick

WIDTH = 640.0
MARGIN = 0.03  # of the width, so that no border lies on the edge
HEIGHT_MAX = 900.0  # a territory that is long from north to south is drawn narrower instead
CLOSER = 4.0  # how much nearer each step of the map without a script goes
STEPS_MAX = 3  # 64 times: a house fills the window
IMAGE_WIDTH = 240.0  # of the map without a script: the server must know its size on the screen, and this fits 320 px
MUNICIPALITIES_MAX = 400  # past this a map of outlines is a grey mat, and heavier than the page
CIRCLE_TOLERANCE_DEGREES = 1e-3  # some 100 m: a pixel or two
MAP_STEPS = 1  # how much closer than the whole territory a place is shown: the neighbours still have their names
MAPS_KEPT = 16  # a few territories in a few languages


@dataclass(frozen=True, slots=True)
class Outline:
    """One municipality as it is drawn, and where its name stands."""

    code: str
    name: str
    path: str
    label: Label


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the drawing that is shown, in its units."""

    x: float
    y: float
    width: float
    height: float

    @property
    def view_box(self) -> str:
        """As SVG writes it."""
        return f"{self.x:g} {self.y:g} {self.width:g} {self.height:g}"

    @property
    def text(self) -> str:
        """As a form sends it back."""
        return f"{self.x:.2f},{self.y:.2f},{self.width:.2f},{self.height:.2f}"


@dataclass(frozen=True, slots=True)
class Map:
    """The drawing of one territory."""

    outlines: tuple[Outline, ...]
    west: float
    north: float
    per_lon: float
    per_lat: float
    whole: Window

    def pixel(self, lat: float, lon: float) -> tuple[float, float]:
        """Where a place is on the drawing."""
        return (lon - self.west) * self.per_lon, (self.north - lat) * self.per_lat

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Latitude and longitude of a spot on the drawing, to a metre."""
        return round(self.north - y / self.per_lat, 5), round(self.west + x / self.per_lon, 5)

    def window(self, text: str) -> Window:
        """The window that a form sent back; the whole drawing when it makes no sense."""
        try:
            x, y, width, height = (float(part) for part in text.split(","))
        except ValueError:
            return self.whole
        is_real = all(math.isfinite(part) for part in (x, y)) and 0 < width <= self.whole.width
        return Window(x, y, width, height) if is_real and 0 < height <= self.whole.height else self.whole

    def clicked(self, window: Window, x: float, y: float) -> tuple[float, float]:
        """The place under a pixel of the image without a script."""
        scale = window.width / IMAGE_WIDTH
        return self.place(window.x + x * scale, window.y + y * scale)

    def closer(self, window: Window, lat: float, lon: float) -> Window:
        """A nearer window around a place; as near as it gets, the same size again."""
        nearest = self.whole.width / CLOSER**STEPS_MAX
        width = max(window.width / CLOSER, nearest)
        height = width * self.whole.height / self.whole.width
        x, y = self.pixel(lat, lon)
        return Window(x - width / 2, y - height / 2, width, height)


def map_of(release: Release, language: str, at: datetime | None = None) -> Map | None:
    """The territory's map as of a moment, or now; None without outlines, or with more than can be told apart."""
    today = release.calendar.local(at or datetime.now(UTC)).date()
    return _drawn(release, language, release.drawn_since(today)) if release.has_boundaries else None


@lru_cache(maxsize=MAPS_KEPT)
def _drawn(release: Release, language: str, day: date) -> Map | None:
    """Kept from the day on which borders changed to the next such day."""
    if len(release.places_on(day)) > MUNICIPALITIES_MAX:
        return None
    features = release.outlines(day)["features"]
    if not features:
        return None
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in features]
    west, south, east, north = shapely.total_bounds(shapes).tolist()
    shrink = math.cos(math.radians((south + north) / 2))
    inner = min(WIDTH, HEIGHT_MAX * (east - west) * shrink / (north - south))
    per_lon = inner / (east - west) / (1 + 2 * MARGIN)
    per_lat, margin = per_lon / shrink, inner * MARGIN
    whole = Window(0, 0, round(inner, 1), round((north - south) * per_lat + 2 * margin, 1))
    empty = Map((), west - margin / per_lon, north + margin / per_lat, per_lon, per_lat, whole)
    # The smallest last, so that an enclave can be clicked although its neighbour surrounds it.
    order = sorted(range(len(shapes)), key=lambda index: -shapes[index].area)
    codes = [features[index]["properties"]["code"] for index in order]
    names = [pick(features[index]["properties"]["names"], language) for index in order]
    middles = [_middle(empty, shapes[index]) for index in order]
    labels = placed([(name, *middle) for name, middle in zip(names, middles, strict=True)], whole.width)
    paths = [_path(empty, shapes[index]) for index in order]
    return replace(empty, outlines=tuple(map(Outline, codes, names, paths, labels)))


def _middle(drawing: Map, shape: shapely.Geometry) -> tuple[float, float]:
    """The middle of the largest circle in the largest part: a name there has the most room."""
    largest = max(shapely.get_parts(shape), key=shapely.area)
    circle = shapely.maximum_inscribed_circle(largest, tolerance=CIRCLE_TOLERANCE_DEGREES)
    lon, lat = shapely.get_coordinates(circle)[0].tolist()
    x, y = drawing.pixel(lat, lon)
    return round(x, 1), round(y, 1)


def _path(drawing: Map, shape: shapely.Geometry) -> str:
    rings = (ring for part in shapely.get_parts(shape) for ring in shapely.get_rings(part))
    return "".join(_ring(drawing, ring) for ring in rings)


def _ring(drawing: Map, ring: shapely.Geometry) -> str:
    points = (drawing.pixel(lat, lon) for lon, lat in shapely.get_coordinates(ring)[:-1].tolist())
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points) + "Z"


def map_address(release: Release | None, place: PlaceNoted, language: str) -> str:
    """The address of a drawing around the place; empty where there is no map or no point."""
    drawing = map_of(release, language) if release else None
    if release is None or drawing is None or place.lat is None or place.lon is None:
        return ""
    window = drawing.whole
    for _ in range(MAP_STEPS):
        window = drawing.closer(window, place.lat, place.lon)
    point = f"lat={place.lat:.5f}&lon={place.lon:.5f}&window={window.text}"
    return f"/map/{release.territory.code}.svg?{point}&lang={language}"
