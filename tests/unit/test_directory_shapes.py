"""Is GeoJSON understood as its publishers write it, and refused with a line when it cannot be meant?"""

import json
from typing import Any

import pytest

from libs.directory import Where, compile_pack, locate, parse_pack
from libs.directory.findings import Finding
from libs.directory.shapes import read_shapes
from libs.operate.outlines.attach import attach
from libs.operate.outlines.sources import _features
from tests.unit.directory_packs import OUTLINES, collection, files, outline, release_of

RING = [[0, 45], [0.02, 45], [0.02, 45.02], [0, 45.02], [0, 45]]
SQUARE = {"type": "Polygon", "coordinates": [RING]}


def read(value: Any, file: str = "places.geojson") -> tuple[list[Any], list[Finding]]:
    text = value if isinstance(value, str) else json.dumps(value)
    entries, findings = read_shapes(file, text)
    return [entry.values for entry in entries], findings


def feature(geometry: Any = SQUARE, properties: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": "T01"} if properties is None else properties,
        "geometry": geometry,
    } | more


@pytest.mark.parametrize(
    "ring",
    [
        RING,
        RING[::-1],  # the other way round
        [[*position, 12.5] for position in RING],  # with heights
        [[*position, 12.5, 7] for position in RING],  # and a measure
        RING[:-1],  # not closed
        [*RING[1:], RING[1]],  # beginning elsewhere
    ],
)
def test_however_a_ring_is_written_the_same_points_are_inside(ring: list[Any]) -> None:
    shapes = [feature({"type": "Polygon", "coordinates": [ring]})]
    rest = [outline(code, OUTLINES[code]) for code in ("T02", "T03", "T04")]
    release = release_of(places=collection(*shapes, *rest))
    assert locate(release, Where(lat=45.01, lon=0.01)).municipality == "T01"
    assert locate(release, Where(lat=45.01, lon=0.0101)).municipality == "T01"


def test_a_ring_left_open_is_closed() -> None:
    (entry,), _ = read(feature({"type": "Polygon", "coordinates": [RING[:-1]]}))
    assert entry["geometry"]["coordinates"] == [RING]


def test_a_lone_feature_and_a_bare_geometry_are_collections_of_one() -> None:
    (alone,), problems = read(feature())
    assert (alone["code"], problems) == ("T01", [])
    (layer,), problems = read(SQUARE, "layers/park.geojson")
    assert (layer["layer"], layer["width_m"], problems) == ("park", 0.0, [])


def test_a_collection_of_geometries_is_one_shape_of_many_parts() -> None:
    far = {"type": "MultiPolygon", "coordinates": [[[[x + 1, y] for x, y in RING]]]}
    (one,), _ = read(feature({"type": "GeometryCollection", "geometries": [SQUARE, far]}))
    assert (one["geometry"]["type"], len(one["geometry"]["coordinates"])) == ("MultiPolygon", 2)


@pytest.mark.parametrize(
    "one",
    [
        feature(properties={"INSEE_COM": "33063"}),
        feature(properties={"com_code": ["33063"]}),
        feature(properties={"codgeo": 33063}),
        feature(properties={"insee": 33063.0}),
        feature(properties={}, id="33063"),
        {"type": "Feature", "id": 33063, "properties": None, "geometry": SQUARE},
    ],
)
def test_the_code_is_found_wherever_its_publisher_put_it(one: dict[str, Any]) -> None:
    (entry,), problems = read({"type": "FeatureCollection", "features": [one]})
    assert (entry["code"], problems) == ("33063", [])


@pytest.mark.parametrize(
    ("geometry", "says"),
    [
        ({"type": "Point", "coordinates": [0, 45]}, "Point"),
        ({"type": "Polygon"}, "missing"),
        ({"type": "Polygon", "coordinates": RING}, "position"),  # a ring too few
        ({"type": "MultiPolygon", "coordinates": [RING]}, "position"),
        ({"type": "Polygon", "coordinates": [RING[:2]]}, "at least 4"),
        ({"type": "Polygon", "coordinates": [[[0, None], *RING]]}, "position"),
        ({"type": "Polygon", "coordinates": [[[True, 45], *RING]]}, "position"),
        ({"type": "Polygon", "coordinates": [[[420000, 6420000], *RING]]}, "CRS84"),
        ({"type": "Polygon", "coordinates": [[[-179, 0], [179, 0], [179, 1], [-179, 1]]]}, "antimeridian"),
        ({"type": "LineString", "coordinates": RING}, "not a Polygon"),
        ("POLYGON ((0 0, 0 1, 1 1, 0 0))", "no geometry"),
        ({"type": "GeometryCollection", "geometries": [{"type": "LineString", "coordinates": RING}]}, "not a Polygon"),
    ],
)
def test_what_is_no_outline_is_refused_on_its_line(geometry: Any, says: str) -> None:
    good = json.dumps(feature())
    text = '{"type": "FeatureCollection", "features": [\n' + good + ",\n" + json.dumps(feature(geometry)) + "\n]}"
    entries, (finding,) = read(text)
    assert (len(entries), finding.code, finding.line) == (1, "geometry-invalid", 3)
    assert says in finding.message


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::2154", "EPSG:3857"])
def test_a_projected_system_is_named_instead_of_guessed_at(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    entries, (finding,) = read({"type": "FeatureCollection", "crs": crs, "features": [feature()]})
    assert (entries, finding.code) == ([], "geometry-invalid")
    assert name in finding.message


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4171"])
def test_the_usual_systems_of_degrees_are_read(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    assert read({"type": "FeatureCollection", "crs": crs, "features": [feature()]})[1] == []


@pytest.mark.parametrize("text", ["", "[]", "7", '{"type": "Topology"}', '{"type": "FeatureCollection"}', "{"])
def test_another_file_is_unreadable_and_never_raises(text: str) -> None:
    entries, (finding,) = read(text)
    assert (entries, finding.code) == ([], "file-unreadable")


def test_lines_are_counted_in_the_right_list_of_features() -> None:
    decoy = '{"note": "\\"features\\": [", "other": {"features": [1,\n2]},\n"features":\n[\n'
    text = decoy + json.dumps(feature()) + ",\n" + json.dumps(feature(None)) + '], "type": "FeatureCollection"}'
    _, (finding,) = read(text)
    assert finding.line == 6


def test_a_territory_on_both_sides_of_the_antimeridian_is_refused() -> None:
    ring = [[179.98, 45], [179.99, 45], [179.99, 45.01], [179.98, 45.01], [179.98, 45]]
    far = outline("T04", [[ring]])
    west = outline("T01", [[[[x - 179.9, y] for x, y in RING]]])
    rest = [outline(code, OUTLINES[code]) for code in ("T02", "T03")]
    found = compile_pack(parse_pack(files(places=collection(west, far, *rest)))).findings
    assert [one.code for one in found] == ["geometry-invalid"]


def test_outlines_are_attached_from_a_lone_feature_too() -> None:
    pack = parse_pack(files(places=None))
    raw = json.dumps(outline("T01", OUTLINES["T01"])).encode()
    assert attach(pack, _features(raw, "x")).attached == ["T01"]
