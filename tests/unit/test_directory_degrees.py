"""Are coordinates read where they are those of GeoJSON, however their system is named, and refused elsewhere?"""

from pathlib import Path

import pytest

from libs.directory.degrees import are_degrees, system_in
from libs.operate.outlines.sources import features_in_file
from libs.operate.output import Stopped
from tests.unit.directory_packs import OUTLINES, outline
from tests.unit.test_directory_outlines import written


@pytest.mark.parametrize(
    "system",
    [
        "urn:ogc:def:crs:OGC:1.3:CRS84",
        "urn:ogc:def:crs:OGC::CRS84h",
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "https://www.opengis.net/def/crs/EPSG/0/4326",
        "http://www.opengis.net/gml/srs/epsg.xml#4326",
        "urn:ogc:def:crs:EPSG:9.8.1:4326",
        "urn:x-ogc:def:crs:EPSG:4326",
        "EPSG:4979",
        "epsg:4171",
        "EPSG::4627",  # RGR92
        "EPSG:4624",  # RGFG95
        "EPSG:5489",  # RGAF09
        "EPSG:4470",  # RGM04
        "EPSG:4749",  # RGNC91-93
        "EPSG:4619",  # SWEREF99
        "IGNF:RGR92GDD",
        "urn:ogc:def:crs:IGNF::RGF93G",
        "WGS84",
        "WGS 84",
        "http://spatialreference.org/ref/epsg/4326/proj4/",
    ],
)
def test_degrees_that_are_those_of_geojson_are_read_however_the_system_is_named(system: str) -> None:
    assert are_degrees(system)


@pytest.mark.parametrize(
    "system",
    [
        "EPSG:2154",
        "urn:ogc:def:crs:EPSG::2975",  # RGR92 in metres
        "http://www.opengis.net/def/crs/EPSG/0/27700",
        "EPSG:4275",  # NTF: degrees, but fifty metres off
        "EPSG:4807",  # grades from Paris
        "EPSG:4978",  # metres from the middle of the earth
        "IGNF:LAMB93",
        "WGS 84 / UTM zone 31N",
        "urn:ogc:def:crs:OGC::CRS27",
    ],
)
def test_other_systems_are_refused_by_name_with_the_remedy(system: str, tmp_path: Path) -> None:
    source = written(
        tmp_path / "a.geojson", outline("T01", OUTLINES["T01"]), crs={"type": "name", "properties": {"name": system}}
    )
    with pytest.raises(Stopped, match="ogr2ogr -t_srs EPSG:4326") as refused:
        features_in_file(source)
    assert system in str(refused.value)


def test_every_way_to_state_a_system_is_understood() -> None:
    assert system_in({"type": "EPSG", "properties": {"code": 4326}}) == "EPSG:4326"
    assert system_in({"type": "link", "properties": {"href": "http://x.example/epsg/2154"}}).endswith("2154")
    assert (system_in("EPSG:4326"), system_in(None), system_in({"type": "name"})) == ("EPSG:4326", "", "")
