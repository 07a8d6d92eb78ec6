"""Which small territory do the tests of the directory ask about?

    Crête (T03)  ----------------------------  y 0.02 to 0.03
    Aval (T01) | Bourg-le-Haut (T02) [Douve]   y 0.00 to 0.02, meeting at x 0.02

around 45° N, 0° E. Douve (T04) is an enclave in Bourg-le-Haut; Aval has an island in the south. The corridor `rocade`
runs west-east at y 0.005, 40 m wide.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from libs.directory import Question, Release, Where, compile_pack, decide, parse_pack

SOUTH = 45.0
AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # a Monday

TERRITORY = """\
code: small
names: {fr: Petit Pays, en: Small Country}
languages: [fr, en]
time_zone: Europe/Paris
calendar: {country: FR}
border_band_m: 50
desk: metro-accueil
"""
SERVICES = """\
- code: pothole
  names: {fr: Nid-de-poule, en: Pothole}
  target: {working_days: 5}
- code: lamp
  names: {fr: Lampadaire en panne, en: Street light out}
  target: {hours: 48}
  safety: {text: {fr: Ne touchez pas les fils., en: Do not touch the wires.}}
- code: graffiti
  names: {fr: Graffiti, en: Graffiti}
  questions: {type: object, properties: {height_m: {type: number}, owner: {type: string}}}
"""
AUTHORITIES = """\
code,kind,official_code,name_fr,name_en,parent,population,valid_from,valid_to
aval,municipality,T01,Aval,Aval,metro,1000,,
bourg,municipality,T02,Bourg-le-Haut,Bourg-le-Haut,metro,2000,,
crete,municipality,T03,Crête-Saint-Jean,Crête-Saint-Jean,metro,300,,
douve,municipality,T04,Ars,Ars,metro,50,,
metro,metropole,M00,Métropole du Pays,Country Metropolis,state,3350,,
state,state,,État,State,,,,
"""
DEPARTMENTS = """\
code,authority,role,name_fr,name_en,opening_hours,email,webhook,valid_from,valid_to
aval-accueil,aval,accueil,Mairie d'Aval,Aval town hall,,mairie@aval.example,,,
bourg-accueil,bourg,accueil,Mairie du Bourg,Bourg town hall,,mairie@bourg.example,,,
crete-accueil,crete,accueil,Mairie de Crête,Crête town hall,,mairie@crete.example,,,
douve-accueil,douve,accueil,Mairie d'Ars,Ars town hall,,mairie@douve.example,,,
metro-accueil,metro,accueil,Accueil métropole,Metropolis desk,,accueil@metro.example,,,
metro-voirie,metro,voirie,Voirie,Roads,,voirie@metro.example,,,
state-roads,state,voirie,Routes nationales,National roads,,routes@state.example,,,
"""
COMPETENCES = """\
id,service,where,condition,decides,acts,priority,valid_from,valid_to,basis
P1,pothole,*,,metro,@decides:voirie,0,,,Code L1
P2,pothole,layer:rocade,,state,state-roads,0,,,Code L2
L1,lamp,*,,@municipality,@decides:voirie,0,,,
G1,graffiti,*,,@municipality,@decides:proprete,0,,,
G2,graffiti,*,height_m > 4,metro,@decides:voirie,10,,,
G3,graffiti,municipality:T02,owner = private,metro,metro-accueil,0,,,
"""
POSTAL = """\
postal_code,municipality,cedex
99100,T01,0
99200,T02,0
99200,T04,0
99300,T03,0
99300,@outside,0
99109,T01,1
"""


def square(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A ring, in degrees from the territory's south-west corner."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    return [[x, round(SOUTH + y, 7)] for x, y in corners]


OUTLINES: Mapping[str, list[Any]] = {
    "T01": [[square(0, 0, 0.02, 0.02)], [square(0.005, -0.01, 0.01, -0.005)]],
    "T02": [[square(0.02, 0, 0.05, 0.02), square(0.03, 0.008, 0.035, 0.012)]],
    "T03": [[[[0, SOUTH + 0.02], [0.02, SOUTH + 0.02], *square(0, 0.02, 0.05, 0.03)[1:]]]],
    "T04": [[square(0.03, 0.008, 0.035, 0.012)]],
}


def outline(code: str, polygons: Sequence[Any], **properties: Any) -> dict[str, Any]:
    """A feature as official sources publish it."""
    geometry = {"type": "MultiPolygon", "coordinates": polygons}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


def collection(*features: Any) -> str:
    """A GeoJSON file with one feature a line."""
    return '{"type": "FeatureCollection", "features": [\n' + ",\n".join(json.dumps(one) for one in features) + "\n]}"


def corridor(y: float = 0.005, width_m: float = 40.0, **properties: Any) -> dict[str, Any]:
    """A road from west to east."""
    line = {"type": "LineString", "coordinates": [[0.001, SOUTH + y], [0.049, SOUTH + y]]}
    return {"type": "Feature", "properties": {"width_m": width_m, **properties}, "geometry": line}


def files(**changes: str | None) -> dict[str, str]:
    """The territory's files; `services="…"` replaces one, `None` leaves it out."""
    named = {
        "territory.yaml": TERRITORY,
        "services.yaml": SERVICES,
        "authorities.csv": AUTHORITIES,
        "departments.csv": DEPARTMENTS,
        "competences.csv": COMPETENCES,
        "postal.csv": POSTAL,
        "places.geojson": collection(*(outline(code, polygons) for code, polygons in OUTLINES.items())),
        "layers/rocade.geojson": collection(corridor()),
    }
    further = ("codes.csv", "golden.csv", "uncovered.csv", "safety.csv", "examples.csv", "classifier.json")
    known = {path.split("/")[-1].split(".")[0]: path for path in (*named, *further)}
    for name, text in changes.items():
        named[known[name]] = text or ""
    return {path: text for path, text in named.items() if text}


def release_of(**changes: str | None) -> Release:
    """The compiled territory; the test fails with the findings when it does not compile."""
    compiled = compile_pack(parse_pack(files(**changes)))
    assert compiled.release is not None, compiled.errors
    return compiled.release


def codes_found(**changes: str | None) -> list[str]:
    """The codes of all findings."""
    return [finding.code for finding in compile_pack(parse_pack(files(**changes))).findings]


def point(x: float, y: float, accuracy_m: float | None = None, **words: str) -> Where:
    """A place in degrees from the territory's south-west corner."""
    return Where(lat=SOUTH + y, lon=x, accuracy_m=accuracy_m, **words)


def ask(service: str | None, place: Where, **more: Any) -> Question:
    """A question at a fixed moment."""
    return Question(**{"service": service, "place": place, "at": AT, **more})


def decided(release: Release, service: str, place: Where, at: datetime = AT, **answers: Any) -> str:
    """The department that acts, or the outcome when nobody does."""
    decision = decide(release, Question(service=service, place=place, at=at, answers=answers))
    return decision.department.code if decision.department else decision.outcome


def day(text: str) -> int:
    """A day as an ordinal."""
    return date.fromisoformat(text).toordinal()
