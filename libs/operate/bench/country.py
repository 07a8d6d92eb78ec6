"""What would a territory be with as many municipalities as a country has? Its services and rules on a made-up map.

As a register is: names that several have, names one letter apart, postal codes that several share, a few large towns.
"""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from libs.directory import Release
from libs.directory.model import FRONT_DESK, MUNICIPALITY
from libs.directory.plane import Plane
from libs.operate.bench.tessellation import rings

MUNICIPALITIES_MAX = 50_000  # no country of Europe has more; the map of 50,000 takes 110 MB
LARGEST_TOWN = 2_000_000
SMALLEST_TOWN = 30
SHARING_MAX = 11  # municipalities of one postal code; six on average, as in France
BEGINNINGS = (
    "Ar",
    "Bel",
    "Bou",
    "Cha",
    "Cler",
    "Cour",
    "Fon",
    "Gre",
    "Lam",
    "Mar",
    "Mon",
    "Neu",
    "Or",
    "Pla",
    "Ro",
    "Ser",
)
MIDDLES = (
    "be",
    "ce",
    "de",
    "fo",
    "ga",
    "la",
    "le",
    "li",
    "ma",
    "mo",
    "na",
    "ne",
    "pi",
    "ra",
    "ri",
    "so",
    "ta",
    "ti",
    "va",
)
ENDINGS = (
    "ac",
    "ans",
    "at",
    "bourg",
    "court",
    "euil",
    "ez",
    "gny",
    "iers",
    "ille",
    "in",
    "lac",
    "mont",
    "ours",
    "ville",
    "y",
)
SAINTS = ("Aubin", "Bonnet", "Cyr", "Denis", "Féréol", "Germain", "Hilaire", "Jean", "Loup", "Martin", "Médard", "Ouen")
RIVERS = ("Aure", "Brume", "Cère", "Dive", "Eure", "Isole", "Lère", "Oise", "Risle", "Save", "Tille", "Yonne", "Zorn")
JOINTS = ("sur", "sous", "en", "lès")
SHARE_OF_SAINTS, SHARE_WITH_RIVER = 0.12, 0.3
SHARE_OF_SHORTER = 0.1  # with these, about one municipality in ten of a country has a namesake, as in France

Rows = dict[str, Any]


def country(release: Release, count: int, seed: int) -> Release:
    """The services, rules and other authorities of a release, with `count` municipalities of our own making.

    Rules for single municipalities are left out, because these are gone. Equal arguments give equal bytes.
    """
    draw = random.Random(seed)  # noqa: S311 a country that can be drawn again, no secret
    towns = _towns(release, count, draw)
    outlines = rings(count, seed)
    gone = {one.code for one in release.authorities.values() if one.kind == MUNICIPALITY}
    staff = [row for row in release.rows("departments") if row["authority"] not in gone]
    staff += [_front_desk(town) for town in towns]
    here = {row["code"] for row in staff}
    positions = np.concatenate([np.array(ring) for ring in outlines])
    west, south = positions.min(axis=0).tolist()
    east, north = positions.max(axis=0).tolist()
    kept = ("calendar", "services", "urgent", "classifier")
    return Release.of(
        {
            **{part: release.content(part) for part in kept},
            "territory": {**release.row("territory"), "desk": _desk(release, staff)},
            "authorities": [row for row in release.rows("authorities") if row["code"] not in gone] + towns,
            "departments": staff,
            "rules": [row for row in release.rows("rules") if _is_kept(row, gone, here)],
            "postal": _postal(towns, draw),
            "places": [_place(town, ring) for town, ring in zip(towns, outlines, strict=True)],
            "layers": [],
            "plane": Plane.around(west, south, east, north).as_dict(),
        }
    )


def _towns(release: Release, count: int, draw: random.Random) -> list[Rows]:
    ranks = list(range(1, count + 1))
    draw.shuffle(ranks)
    parent = next((row["code"] for row in release.rows("authorities") if row["kind"] == "metropole"), None)
    return [
        {
            "code": f"town-{index:05d}",
            "kind": MUNICIPALITY,
            "official_code": f"{index:05d}",
            "names": dict.fromkeys(release.territory.languages, _name(draw)),
            "parent": parent,
            "population": max(LARGEST_TOWN // rank, SMALLEST_TOWN),
            "valid_from": None,
            "valid_to": None,
        }
        for index, rank in enumerate(ranks, 1)
    ]


def _name(draw: random.Random) -> str:
    middles = draw.choices(MIDDLES, k=1 if draw.random() < SHARE_OF_SHORTER else 2)
    name = "".join([draw.choice(BEGINNINGS), *middles, draw.choice(ENDINGS)])
    if draw.random() < SHARE_OF_SAINTS:
        name = f"Saint-{draw.choice(SAINTS)}"
        return f"{name}-{draw.choice(JOINTS)}-{draw.choice(BEGINNINGS)}{draw.choice(ENDINGS)}"
    if draw.random() < SHARE_WITH_RIVER:
        return f"{name}-{draw.choice(JOINTS)}-{draw.choice(RIVERS)}"
    return name


def _front_desk(town: Rows) -> Rows:
    return {
        "code": f"{town['code']}-{FRONT_DESK}",
        "authority": town["code"],
        "role": FRONT_DESK,
        "names": {language: f"Mairie : {name}" for language, name in town["names"].items()},
        "opening_hours": None,
        "email": f"{FRONT_DESK}@{town['code']}.example",
        "webhook": None,
        "valid_from": None,
        "valid_to": None,
    }


def _desk(release: Release, staff: Sequence[Mapping[str, Any]]) -> str:
    codes = [row["code"] for row in staff]
    return release.territory.desk if release.territory.desk in codes else str(codes[0])


def _is_kept(rule: Mapping[str, Any], gone: set[str], here: set[str]) -> bool:
    if rule["where"].startswith(MUNICIPALITY) or rule["decides"] in gone:
        return False
    return bool(rule["acts"].startswith("@")) or rule["acts"] in here


def _postal(towns: Sequence[Rows], draw: random.Random) -> Mapping[str, list[Rows]]:
    """Neighbours share a code."""
    found: dict[str, list[Rows]] = {}
    place = 0
    while place < len(towns):
        together = draw.randint(1, SHARING_MAX)
        code = f"{10_000 + len(found):05d}"
        found[code] = [
            {"municipality": town["official_code"], "cedex": False} for town in towns[place : place + together]
        ]
        place += together
    return found


def _place(town: Rows, ring: list[list[float]]) -> Rows:
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"code": town["official_code"], "geometry": geometry, "valid_from": None, "valid_to": None}
