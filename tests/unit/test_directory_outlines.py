"""Are outlines read as their publishers have them, with their days, and is the map that of today?"""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from typer.testing import CliRunner, Result

from libs.directory import Release, Where, compile_pack, locate, parse_pack
from libs.operate.commands.directory import app
from libs.operate.outlines.attach import Attached, attach
from libs.operate.outlines.sources import features_in_file
from libs.operate.output import Stopped
from services.intake.web.map import map_of
from tests.unit.directory_packs import AUTHORITIES, OUTLINES, SOUTH, collection, files, outline, release_of, square

PACK = parse_pack(files(places=None))
EVERYONE = ["T01", "T02", "T03", "T04"]
LINE = {"type": "LineString", "coordinates": [[0, SOUTH], [0.01, SOUTH]]}
EMPTY = {"type": "MultiPolygon", "coordinates": [[[]], []]}
DOT = {"type": "Point", "coordinates": [0, SOUTH]}
TURN = {"before": {"valid_to": "2026-12-31"}, "after": {"valid_from": "2027-01-01"}}


def features(**changed: Any) -> list[dict[str, Any]]:
    return [outline(code, shape) | (changed if code == "T01" else {}) for code, shape in OUTLINES.items()]


def polygons_of(code: str) -> list[dict[str, Any]]:
    return [{"type": "Polygon", "coordinates": rings} for rings in OUTLINES[code]]


def written(path: Path, *parts: Any, **top: Any) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", **top, "features": list(parts)}), encoding="utf-8")
    return path


def boundaries(pack: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["boundaries", str(pack), *map(str, arguments)])


def pack_in(folder: Path) -> Path:
    for name, text in files(places=None).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def borders_that_move(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """T01 gives its western half to T03 on 1 January 2027."""
    half, rest = [square(0, 0, 0.01, 0.02)], [[square(0.01, 0, 0.02, 0.02)]]
    return [
        outline("T01", OUTLINES["T01"], **before),
        outline("T01", rest, **after),
        outline("T03", OUTLINES["T03"], **before),
        outline("T03", [*OUTLINES["T03"], half], **after),
        outline("T02", OUTLINES["T02"]),
        outline("T04", OUTLINES["T04"]),
    ]


def with_places(attached: Attached) -> Release:
    release = compile_pack(parse_pack({**files(), "places.geojson": attached.text})).draft
    assert release is not None
    return release


def there(release: Release, day: str) -> str | None:
    return locate(
        release, Where(lat=SOUTH + 0.01, lon=0.005), datetime.fromisoformat(f"{day}T12:00+01:00")
    ).municipality


@pytest.mark.parametrize("beside", [[], [LINE], [DOT, LINE, {"type": "MultiPolygon", "coordinates": []}]])
def test_a_collection_is_read_by_its_areas(beside: list[Any]) -> None:
    clipped = {"type": "MultiPolygon", "coordinates": [OUTLINES["T01"][1], []]}
    nested = {"type": "GeometryCollection", "geometries": [clipped, *beside]}
    geometry = {"type": "GeometryCollection", "geometries": [polygons_of("T01")[0], nested]}
    attached = attach(PACK, features(geometry=geometry))
    assert (attached.attached, attached.repaired) == (EVERYONE, [])
    assert with_places(attached).to_bytes() == release_of().to_bytes()
    copied = compile_pack(parse_pack({**files(), "places.geojson": collection(*features(geometry=geometry))}))
    assert (copied.release and copied.release.version) == release_of().version


@pytest.mark.parametrize(
    "geometry",
    [None, {"type": "MultiPolygon", "coordinates": []}, {"type": "GeometryCollection", "geometries": []}, DOT, EMPTY],
)
def test_a_feature_that_draws_nothing_takes_no_outline_away(geometry: Any) -> None:
    twin = {"type": "Feature", "properties": {"code": "T01"}, "geometry": geometry}
    assert attach(PACK, [twin, *features()]).text == attach(PACK, features()).text
    alone = attach(PACK, [twin])
    assert (alone.attached, alone.without_area) == ([], ["T01"])


def test_an_unlocated_feature_of_a_pack_is_a_warning_on_its_line() -> None:
    twin = {"type": "Feature", "properties": {"code": "T01"}, "geometry": None}
    compiled = compile_pack(parse_pack({**files(), "places.geojson": collection(*features(), twin)}))
    assert [(one.code, one.line, one.level) for one in compiled.findings] == [("geometry-missing", 6, "warning")]
    assert compiled.release is not None
    assert compiled.release.version == release_of().version


@pytest.mark.parametrize("mark", ["", "\x1e"])
def test_features_on_a_line_each_are_read_as_a_collection_is(tmp_path: Path, mark: str) -> None:
    text = "\ufeff" * (not mark) + "".join(mark + json.dumps(one) + "\n" for one in features())
    (tmp_path / "lines.geojsonl").write_text(text, encoding="utf-8")
    assert attach(PACK, features_in_file(tmp_path / "lines.geojsonl")).text == attach(PACK, features()).text
    compiled = compile_pack(parse_pack({**files(), "places.geojson": text}))
    assert compiled.release is not None
    assert compiled.release.version == release_of().version


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"PK\x03\x04...", "shapefile"),
        (b"SQLite format 3\x00", "GeoPackage"),
        (b'{"type": "Topology", "objects": {}}', "TopoJSON"),
        (b'{"geometryType": "esriGeometryPolygon", "features": []}', "f=geojson"),
        (b'{"type": "FeatureCollection", "name": "\xe9"}', "UTF-8"),
    ],
)
def test_another_format_is_named_with_what_to_do(tmp_path: Path, content: bytes, says: str) -> None:
    (tmp_path / "x").write_bytes(content)
    with pytest.raises(Stopped, match=says):
        features_in_file(tmp_path / "x")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (TURN["before"], TURN["after"]),
        ({"valid_to": "2026-12-31T23:59:59"}, {"valid_from": "2027-01-01T00:00:00"}),
        ({"date_fin": "2027-01-01"}, {"DATE_DEBUT": "2027-01-01"}),  # the first day on which it does not hold
        ({"validTo": "2026-12-31T23:00:00Z"}, {"validFrom": "2026-12-31T23:00:00Z"}),  # midnight in Paris
        ({"end_date": 1798758000000}, {"start_date": 1798758000000}),  # the same moment, as Esri writes it
        ({"end_date": "2026", "start_date": "1793"}, {"start_date": "2027", "end_date": None}),
        ({"datefin": "31/12/2026"}, {"datedebut": "01/01/2027"}),
        ({"valid_to": "20261231"}, {"valid_from": 20270101, "valid_to": "9999-12-31"}),
    ],
)
def test_outlines_keep_the_days_that_their_source_gives_them(before: dict[str, Any], after: dict[str, Any]) -> None:
    attached = attach(PACK, borders_that_move(before, after))
    assert attached.dated == ["T01", "T03"]
    release = with_places(attached)
    assert [there(release, day) for day in ("2026-12-31", "2027-01-01")] == ["T01", "T03"]


def test_parts_are_joined_only_where_they_are_valid_on_the_same_days() -> None:
    halves = [outline("T01", [shape], **TURN["before"]) for shape in OUTLINES["T01"]]
    attached = attach(PACK, [*halves, outline("T01", OUTLINES["T01"][:1], **TURN["after"])])
    found = [json.loads(line.rstrip(",")) for line in attached.text.splitlines()[1:-1]]
    assert [one["properties"] for one in found] == [
        {"code": "T01", "valid_to": "2026-12-31"},
        {"code": "T01", "valid_from": "2027-01-01"},
    ]
    assert [len(shapely.get_parts(shapely.geometry.shape(one["geometry"]))) for one in found] == [2, 1]


CODES = "code,municipality,relation,valid_from,valid_to\nP01,T01,part,,\nP02,T01,part,,\nF03,T03,former,,\n"
WITH_CODES = parse_pack({**files(places=None), "codes.csv": CODES})


def test_a_town_is_drawn_from_its_arrondissements_where_those_are_what_is_published() -> None:
    halves = [outline(f"P0{number}", [shape]) for number, shape in enumerate(OUTLINES["T01"], start=1)]
    attached = attach(WITH_CODES, [*halves, *features()[1:]])
    assert (attached.attached, attached.left_out) == (EVERYONE, 0)
    assert attached.remarks == ["T01 is drawn from the outlines of P01, P02: see that no other is missing"]
    found = [locate(with_places(attached), Where(lat=SOUTH + y, lon=x)) for x, y in ((0.01, 0.01), (0.007, -0.007))]
    assert [one.municipality for one in found] == ["T01", "T01"]


def test_parts_beside_their_town_change_nothing() -> None:
    inside = outline("P01", [[square(0, 0, 0.01, 0.02)]])
    attached = attach(WITH_CODES, [inside, *features()])
    assert (attached.text, attached.remarks) == (attach(PACK, features()).text, [])


def test_a_commune_drawn_as_before_it_merged_gets_what_it_absorbed() -> None:
    east, west = [square(0.02, 0.02, 0.05, 0.03)], [square(0, 0.02, 0.02, 0.03)]
    before = [outline("T03", [west]), outline("F03", [east])]
    attached = attach(WITH_CODES, [*features()[:2], features()[3], *before])
    assert attached.remarks == ["T03 is drawn as it was before F03 joined it: they are added"]
    assert locate(with_places(attached), Where(lat=SOUTH + 0.025, lon=0.04)).municipality == "T03"


def test_a_day_that_cannot_be_read_is_never_always() -> None:
    with pytest.raises(Stopped, match=r"“soon” \(T01\) is no day"):
        attach(PACK, [outline("T01", OUTLINES["T01"], valid_from="soon")])
    attached = attach(PACK, [outline("T01", OUTLINES["T01"], start_date="~1850")])
    assert attached.remarks == ["no day, so it counts for nothing: T01: “~1850”"]


def test_the_map_is_that_of_the_day_before_and_after_borders_move() -> None:
    release = with_places(attach(PACK, borders_that_move(TURN["before"], TURN["after"])))
    point = shapely.Point(0.005, SOUTH + 0.01)

    def drawn(day: str) -> list[str]:
        shapes = release.outlines(date.fromisoformat(day))["features"]
        assert len(shapes) == 4
        return [one["properties"]["code"] for one in shapes if shapely.geometry.shape(one["geometry"]).contains(point)]

    assert (drawn("2026-11-28"), drawn("2026-12-31"), drawn("2027-01-01")) == (["T01"], ["T01"], ["T03"])


def test_a_page_after_midnight_shows_the_borders_of_the_new_day() -> None:
    release = with_places(attach(PACK, borders_that_move(TURN["before"], TURN["after"])))
    eve, before, after = (datetime(2026, 12, 31, hour, 59, tzinfo=UTC) for hour in (10, 22, 23))  # 23.59 and 0.59 here
    maps = [map_of(release, "fr", at) for at in (eve, before, after)]
    assert maps[0] is maps[1]  # drawn once for all days between two changes
    assert maps[1] != maps[2]


def test_a_municipality_that_ends_with_the_year_is_on_the_map_until_then() -> None:
    last = AUTHORITIES.replace("metro,1000,,", "metro,1000,,2026-12-31")
    release = release_of(authorities=last)
    for day, count in ((date(2026, 12, 31), 4), (date(2027, 1, 1), 3)):
        assert len(release.outlines(day)["features"]) == count


def test_a_municipality_whose_outline_ends_before_it_does_is_told_with_the_days() -> None:
    outlines = [outline(code, shape, **(TURN["before"] if code == "T01" else {})) for code, shape in OUTLINES.items()]
    found = compile_pack(parse_pack({**files(), "places.geojson": collection(*outlines)})).findings
    assert [one.message for one in found if one.code == "place-missing"] == [
        "the municipality aval has no outline from 2027-01-01"
    ]


def test_outlines_of_two_years_without_days_are_told_that_days_are_missing() -> None:
    next_year = outline("T03", [[square(0, 0.01, 0.02, 0.02)], *OUTLINES["T03"][1:]])
    mixed = [*features()[:2], next_year, features()[3]]
    (found, *_) = compile_pack(parse_pack({**files(), "places.geojson": collection(*mixed)})).findings
    assert (found.code, "`valid_to` and `valid_from`" in found.remedy) == ("boundary-overlap", True)


def test_features_without_code_are_counted_where_outlines_are_missing(tmp_path: Path) -> None:
    pack = pack_in(tmp_path / "pack")
    nameless = [one | {"properties": {"nom": "Aval"}} for one in features()]
    refused = boundaries(pack, "--from", written(tmp_path / "a.geojson", *nameless))
    assert "4 features have no code (code, insee" in str(refused.exception)
    assert not (pack / "places.geojson").exists()


def test_without_a_file_the_national_interface_is_asked_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUICHET_BOUNDARY_API", "http://127.0.0.1:9")
    pack = pack_in(tmp_path / "pack")
    for words in ([], ["--official"]):
        assert "http://127.0.0.1:9/epcis/M00/communes cannot be reached" in str(boundaries(pack, *words).exception)
    assert "one place" in str(boundaries(pack, "--official", "--from", tmp_path / "a").exception)
