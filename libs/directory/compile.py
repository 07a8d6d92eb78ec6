"""Is a pack fit to be published, and what is its release?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import shapely

from libs.directory.calendars import calendar_asked, calendar_row
from libs.directory.cells import Effect
from libs.directory.check import check_pack
from libs.directory.check_boundaries import check_boundaries
from libs.directory.check_rules import check_rules
from libs.directory.check_texts import check_texts
from libs.directory.coverage import Coverage, check_coverage
from libs.directory.findings import Finding
from libs.directory.golden import Golden, check_golden
from libs.directory.model import MUNICIPALITY, OUTSIDE
from libs.directory.pack import Entry, Pack
from libs.directory.plane import Plane
from libs.directory.public import public_part
from libs.directory.release import Release


@dataclass(frozen=True, slots=True)
class Compiled:
    """A release, unless an error stands among the findings. Findings are in order of file and line."""

    release: Release | None
    findings: list[Finding]
    draft: Release | None = None
    """What the files say, even where findings keep them from being published; None when they do not fit together."""
    coverage: Coverage | None = None
    golden: Golden | None = None

    @property
    def errors(self) -> list[Finding]:
        """What keeps the pack from being published."""
        return [finding for finding in self.findings if finding.level == "error"]


def compile_pack(pack: Pack) -> Compiled:
    """Check everything; make the release when nothing is wrong. The order of the pack's rows does not matter."""
    findings = [*pack.findings, *check_pack(pack), *check_texts(pack)]
    if not _has_errors(findings):
        findings += check_boundaries(pack)
    if _has_errors(findings) or pack.territory is None:
        return Compiled(None, sorted(findings))
    release = Release.of(_content(pack, pack.territory))
    effect = Effect(release)
    holes, coverage = check_coverage(pack, effect)
    failed, golden = check_golden(pack, release)
    findings += [*check_rules(pack, effect), *holes, *failed]
    return Compiled(None if _has_errors(findings) else release, sorted(findings), release, coverage, golden)


def _has_errors(findings: Sequence[Finding]) -> bool:
    return any(finding.level == "error" for finding in findings)


def _content(pack: Pack, territory: Entry) -> dict[str, Any]:
    official = official_codes(pack)
    postal: dict[str, list[dict[str, Any]]] = {}
    for entry in pack.postal:
        row = {"municipality": entry["municipality"], "cedex": entry["cedex"]}
        postal.setdefault(entry["postal_code"], []).append(row)
    return {
        "territory": _territory(territory),
        "calendar": calendar_row(*calendar_asked(territory["calendar"])),
        "services": _sorted(entry.values for entry in pack.services),
        "authorities": _sorted(_authority(entry) for entry in pack.authorities),
        "departments": _sorted(entry.values for entry in pack.departments),
        "rules": _sorted({**entry.values, "where": _where(entry["where"], official)} for entry in pack.competences),
        "postal": {code: _sorted(rows) for code, rows in postal.items()},
        "places": _sorted(entry.values for entry in pack.places if entry["code"] != OUTSIDE),
        "layers": _sorted(entry.values for entry in pack.layers),
        "plane": _plane(pack),
        **({"codes": _sorted(entry.values for entry in pack.codes)} if pack.codes else {}),
        "urgent": _sorted(entry.values for entry in pack.urgent),
        "classifier": pack.classifier.values if pack.classifier else None,
        **public_part(territory.values),
    }


def _territory(entry: Entry) -> dict[str, Any]:
    """Without an arbitration desk that nobody named: a release made before there was one keeps its version."""
    own = {name: value for name, value in entry.values.items() if name not in ("public", "often_asked")}
    return {name: value for name, value in own.items() if name != "arbitration" or value is not None}


def official_codes(pack: Pack) -> dict[str, str]:
    """What `municipality:CODE` may say, its own code or the official one, as the official code."""
    rows = [_authority(entry) for entry in pack.authorities if entry["kind"] == MUNICIPALITY]
    return {row[name]: row["official_code"] for name in ("code", "official_code") for row in rows}


def _authority(entry: Entry) -> dict[str, Any]:
    return {**entry.values, "official_code": entry["official_code"] or entry["code"]}


def _where(where: str, official: dict[str, str]) -> str:
    kind, _, code = where.partition(":")
    return f"{kind}:{official[code]}" if kind == MUNICIPALITY else where


def _sorted(rows: Any) -> list[Any]:
    """In an order that depends on nothing but the rows themselves."""
    return sorted(rows, key=lambda row: orjson.dumps(row, option=orjson.OPT_SORT_KEYS))


def _plane(pack: Pack) -> dict[str, float] | None:
    shapes = [shapely.geometry.shape(entry["geometry"]) for entry in [*pack.places, *pack.layers]]
    return Plane.around(*shapely.total_bounds(shapes).tolist()).as_dict() if shapes else None
