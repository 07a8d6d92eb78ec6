"""Do requests that an older release was asked about get the answer that they got then?

Releases of format 2 are decided without codes of parts, typed addresses and coarse positions, for ever: a request that
is read again must not be sent to somebody else. The digest was taken before there were such hints.
"""

import hashlib
import itertools
from typing import Any

import orjson

from libs.directory import Question, Release, Where, decide_many
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, release_of

POINTS = ((None, None), (45.01, 0.01), (45.01, 0.0199), (45.0, 0.0503), (46.0, 1.0))
ACCURACIES = (None, 200.0, 2_001.0, 30_000.0)
CODES = (None, "T01", "T03", "X99", "t01")
POSTAL = (None, "99100", "99200", "99300", "99109", "99000", "75001")
NAMES = (None, "Aval", "Bourg-le-Haut", "Crête", "Ars", "Bourg", "Nowhere", "Aval CEDEX 9")
ADDRESSES = (None, "12 rue Haute, 99100 Aval")
DIGEST = "c83ce99a111a3c21c73c9c5ec39a9343f7ac5452d49cd617b8ab661131599248"


def before() -> Release:
    """The small territory as a release of format 2, in which nothing stands that was added since."""
    content = orjson.loads(
        release_of(authorities=packs.AUTHORITIES.replace("metro,300,,", "metro,300,,2026-11-01")).to_bytes()
    )
    content["calendar"] = {name: content["calendar"][name] for name in ("weekend", "closed")}
    content["territory"] = {name: content["territory"][name] for name in TERRITORY}
    return Release.of({**content, "format": 2})


TERRITORY = (
    "border_band_m",
    "calendar",
    "code",
    "code_scheme",
    "confidence_min",
    "desk",
    "hops_max",
    "languages",
    "names",
    "time_zone",
)


def asked() -> list[Question]:
    """Every fifth of all that these clues make together."""
    places = itertools.product(POINTS, ACCURACIES, CODES, POSTAL, NAMES, ADDRESSES)
    wheres = [
        Where(lat, lon, accuracy, code, postal, name, address)
        for (lat, lon), accuracy, code, postal, name, address in itertools.islice(places, 0, None, 5)
        if accuracy is None or lat is not None
    ]
    return [Question(("pothole", "lamp")[index % 2], where, AT) for index, where in enumerate(wheres)]


def _without_words(decision: dict[str, Any]) -> dict[str, Any]:
    """Nor the version: today's content, written back to format 2, need not be byte for byte that of then."""
    kept = {name: value for name, value in decision.items() if name not in ("release", "sentence", "candidates")}
    reasons = [{"code": one["code"], "details": one["details"]} for one in decision["reasons"]]
    ranked = [(one["rule"], one["rank"], one["outcome"]) for one in decision["candidates"]]
    return {**kept, "reasons": reasons, "candidates": ranked}


def test_a_release_from_before_hints_decides_as_it_did() -> None:
    decided = [_without_words(one.as_dict()) for one in decide_many(before(), asked())]
    assert hashlib.sha256(orjson.dumps(decided, option=orjson.OPT_SORT_KEYS)).hexdigest() == DIGEST
