"""Do well-known places of Bordeaux Métropole fall into the commune where everybody knows them to be?

Needs official outlines, which the project does not ship: GUICHET_BOUNDARY_FILE names the file. Without it these tests
are not collected; the README says how a deployer attaches outlines. Coordinates are good to about a hundred metres.
"""

import os
from pathlib import Path

import pytest

from libs.directory import Release, Where, compile_pack, locate, parse_pack
from libs.directory.pack import PLACES
from libs.operate.outlines.attach import attach
from libs.operate.outlines.sources import features_in_file
from libs.operate.packs import SHIPPED, read_pack

BOUNDARY_FILE = os.environ.get("GUICHET_BOUNDARY_FILE")

PLACES_KNOWN = [
    ("Bordeaux-Mérignac airport", 44.8290, -0.7020, "33281"),
    ("Place de la Bourse", 44.8415, -0.5700, "33063"),
    ("Gare Saint-Jean", 44.8256, -0.5562, "33063"),
    ("Matmut Atlantique stadium", 44.8975, -0.5615, "33063"),
    ("Cité du Vin", 44.8625, -0.5502, "33063"),
    ("CHU Pellegrin", 44.8290, -0.6060, "33063"),
    ("Mériadeck", 44.8380, -0.5850, "33063"),
    ("Grand Théâtre", 44.8426, -0.5741, "33063"),
    ("Pessac campus, law faculty", 44.7960, -0.6170, "33318"),
    ("Haut-Lévêque hospital", 44.7835, -0.6630, "33318"),
    ("Talence campus, sciences", 44.8085, -0.5930, "33522"),
    ("Arkéa Arena", 44.8195, -0.5300, "33167"),
    ("Bègles town hall", 44.8085, -0.5480, "33039"),
    ("Lormont, Bois Fleuri", 44.8720, -0.5150, "33249"),
    ("Cenon, Rocher de Palmer", 44.8590, -0.5230, "33119"),
    ("Gradignan, Prieuré de Cayac", 44.7655, -0.6160, "33192"),
    ("Eysines centre", 44.8840, -0.6480, "33162"),
    ("Saint-Médard-en-Jalles centre", 44.8960, -0.7180, "33449"),
    ("Blanquefort centre", 44.9110, -0.6360, "33056"),
    ("Ambès, Bec d'Ambès", 45.0200, -0.5770, "33004"),
]
ELSEWHERE = [("Libourne", 44.9153, -0.2437), ("Arcachon", 44.6586, -1.1678), ("Cestas", 44.7420, -0.6810)]

if BOUNDARY_FILE:

    @pytest.fixture(scope="module")
    def release() -> Release:
        files = read_pack(SHIPPED / "bordeaux-metropole")
        features = features_in_file(Path(str(BOUNDARY_FILE)))
        attached = attach(parse_pack(files), features)
        assert attached.missing == []
        compiled = compile_pack(parse_pack({**files, PLACES: attached.text}))
        assert compiled.release is not None, compiled.errors
        return compiled.release

    @pytest.mark.parametrize(
        ("lat", "lon", "code"), [place[1:] for place in PLACES_KNOWN], ids=lambda value: str(value)
    )
    def test_a_known_place_falls_where_it_is(release: Release, lat: float, lon: float, code: str) -> None:
        located = locate(release, Where(lat=lat, lon=lon))
        assert (located.outcome, located.municipality) == ("found", code)

    @pytest.mark.parametrize(("name", "lat", "lon"), ELSEWHERE)
    def test_a_place_beyond_the_metropole_is_out_of_territory(
        release: Release, name: str, lat: float, lon: float
    ) -> None:
        assert locate(release, Where(lat=lat, lon=lon)).outcome == "outside", name
