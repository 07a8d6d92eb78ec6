"""What is a compiled pack, and how fast can it be asked?

A release is its bytes: canonical JSON, named by their hash. Everything else is an index built when first asked for.
One release is used from one thread: the prepared shapes inside it are not shared safely between several.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import orjson
import shapely

from libs.directory.addresses import form_of
from libs.directory.areas import Areas, make_areas
from libs.directory.classifier import Classifier
from libs.directory.codes import Codes
from libs.directory.competence import Rule, Rulebook
from libs.directory.due import WorkingCalendar
from libs.directory.features import RECIPE
from libs.directory.model import (
    MUNICIPALITY,
    Authority,
    Department,
    PostalCode,
    Row,
    Service,
    Territory,
    days_of,
)
from libs.directory.names import Gazetteer
from libs.directory.plane import Plane
from libs.directory.sentences import Phrasebook
from libs.directory.urgency import UrgentWords

FORMAT = 3  # of the content; a reader refuses what it does not know rather than decide by half of it
# Requests of their time are decided by these for ever: 1 knew no urgent words and no classifier, 2 no hints of a place.
FORMATS_READ = (1, 2, FORMAT)
HINTS_FORMAT_MIN = 3
VERSION_DIGITS = 16  # 64 bits of the hash: two releases of a territory never meet
PARTS = (
    "territory",
    "calendar",
    "services",
    "authorities",
    "departments",
    "rules",
    "postal",
    "places",
    "layers",
    "plane",
)
# A shape as canonical JSON writes it. No text can look like one, because the quotes inside a text are escaped.
GEOMETRY = re.compile(rb'"geometry":(\{"coordinates":[\[\]0-9eE.,+-]+,"type":"[A-Za-z]+"\})')
MAP_TOLERANCE_M = 25.0  # a pixel of a territory 25 km wide on a screen of 1,000


class Release:
    """An immutable directory of one territory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._drawn: list[tuple[int, int]] = []
        self._rows: Mapping[str, Any] = orjson.loads(GEOMETRY.sub(self._leave_out, content))
        if self._rows.get("format") not in FORMATS_READ:
            raise ValueError(f"this release has format {self._rows.get('format')}; this Guichet reads {FORMATS_READ}")
        if missing := [part for part in PARTS if part not in self._rows]:
            raise ValueError(f"this release has no {', '.join(missing)}")
        self.territory = Territory.of(self._rows["territory"])
        self.version = f"{self.territory.code}@{hashlib.sha256(content).hexdigest()[:VERSION_DIGITS]}"

    @property
    def reads_hints(self) -> bool:
        """Whether codes of parts, typed addresses and coarse positions say where something is."""
        return bool(self._rows["format"] >= HINTS_FORMAT_MIN)

    def _leave_out(self, geometry: re.Match[bytes]) -> bytes:
        """Where a shape stands, in place of the shape: as numbers of Python it would take twenty times its room."""
        self._drawn.append(geometry.span(1))
        return b'"geometry":%d' % (len(self._drawn) - 1)

    @classmethod
    def of(cls, rows: Mapping[str, Any]) -> "Release":
        """From plain values; equal values make equal bytes, on any machine."""
        return cls(orjson.dumps({"format": FORMAT, **rows}, option=orjson.OPT_SORT_KEYS))

    @classmethod
    def from_bytes(cls, content: bytes) -> "Release":
        """What `to_bytes` gave. ValueError when it is something else: it must not first show when it is to decide."""
        try:
            release = cls(bytes(content))
            release._build()
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"this release cannot be read: {type(error).__name__} {error}") from error
        return release

    def _build(self) -> None:
        """All that a decision asks for, but for the shapes: those take longest, and are not always asked for."""
        _ = (self.calendar, self.gazetteer, self.codes, self.postal, self.services, self.rulebook, self.urgent_words)
        _ = self.classifier

    def to_bytes(self) -> bytes:
        """The canonical content; its hash is the version."""
        return self._content

    def row(self, part: str) -> Row:
        """A part of the content that is one entry, as it stands."""
        entry: Row = self._rows[part]
        return entry

    def content(self, part: str) -> Any:
        """A part of the content, whatever it is; None when this release has none."""
        return self._rows.get(part)

    def rows(self, part: str) -> list[Row]:
        """A part of the content that is a list of entries, as they stand but for shapes, which stay in the content."""
        entries: list[Row] = self._rows[part]
        return entries

    @cached_property
    def services(self) -> Mapping[str, Service]:
        """By code."""
        return MappingProxyType({row["code"]: Service.of(row) for row in self._rows["services"]})

    @cached_property
    def authorities(self) -> Mapping[str, Authority]:
        """By code."""
        return MappingProxyType({row["code"]: Authority.of(row) for row in self._rows["authorities"]})

    @cached_property
    def municipalities(self) -> Mapping[str, Authority]:
        """The authorities that are municipalities, by official code."""
        found = (one for one in self.authorities.values() if one.kind == MUNICIPALITY)
        return MappingProxyType({one.official_code: one for one in found})

    @cached_property
    def departments(self) -> Mapping[str, Department]:
        """By code."""
        return MappingProxyType({row["code"]: Department.of(row) for row in self._rows["departments"]})

    @cached_property
    def postal(self) -> Mapping[str, PostalCode]:
        """By postal code."""
        return MappingProxyType({code: PostalCode.of(code, rows) for code, rows in self._rows["postal"].items()})

    @cached_property
    def postal_forms(self) -> frozenset[str]:
        """What postal codes look like here."""
        return frozenset(map(form_of, self.postal))

    @property
    def has_boundaries(self) -> bool:
        """Whether a point alone can say in which municipality it is."""
        return bool(self._rows["places"])

    @property
    def has_layers(self) -> bool:
        """Whether roads or other assets have owners of their own."""
        return bool(self._rows["layers"])

    @cached_property
    def plane(self) -> Plane | None:
        """How degrees become metres here; None when nothing has a shape."""
        return Plane.of(self._rows["plane"]) if self._rows["plane"] else None

    @cached_property
    def places(self) -> Areas:
        """The outlines of municipalities, keyed by official code."""
        return self._areas("places", "code", self._place_days)

    @cached_property
    def layers(self) -> Areas:
        """Corridors and assets, keyed by layer."""
        return self._areas("layers", "layer", [days_of(row) for row in self._rows["layers"]])

    def _areas(self, part: str, key: str, days: list[range]) -> Areas:
        rows = self._rows[part]
        plane = self.plane or Plane(0.0, 0.0, 1.0, 1.0, 0.0)
        widths = [row.get("width_m") or 0.0 for row in rows]
        return make_areas(self._shapes(rows), widths, [row[key] for row in rows], days, plane)

    def _shapes(self, rows: Sequence[Row]) -> Any:
        """The shapes of these entries, in degrees."""
        return shapely.from_geojson(np.array([self._geometry(row["geometry"]) for row in rows], dtype=object))

    def _geometry(self, where: Any) -> bytes:
        """By its number; as it is, where somebody wrote it in another way than canonical JSON does."""
        if not isinstance(where, int):
            return orjson.dumps(where)
        begin, end = self._drawn[where]
        return self._content[begin:end]

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """Working days and local time."""
        return WorkingCalendar(self._rows["calendar"], self.territory.time_zone)

    @cached_property
    def gazetteer(self) -> Gazetteer:
        """The names of the municipalities, and of their parts."""
        own = [(code, one.names) for code, one in self.municipalities.items()]
        return Gazetteer([*own, *((row["municipality"], row["names"]) for row in self._rows.get("codes", ()))])

    @cached_property
    def codes(self) -> Codes:
        """Whom official codes mean."""
        return Codes(self._rows.get("codes", ()), self.municipalities)

    @cached_property
    def phrases(self) -> Phrasebook:
        """Sentences in the territory's languages."""
        return Phrasebook(self.territory.languages)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """All competences, by id."""
        return tuple(Rule.of(row) for row in self._rows["rules"])

    @cached_property
    def rulebook(self) -> Rulebook:
        """The competences, ready to be asked."""
        return Rulebook(self.rules, self.municipalities, self.authorities, self.departments, self.phrases)

    @cached_property
    def urgent_words(self) -> UrgentWords:
        """Words that cannot wait."""
        return UrgentWords(self._rows.get("urgent", ()))

    @cached_property
    def classifier(self) -> Classifier | None:
        """Guesses the service from a text; None when the pack has not trained one.

        Nor is there one when it has learnt from other features than this Guichet sees: its guesses would be noise, but
        what was read in its time is on the events, and this release goes on deciding about that.
        """
        row = self._rows.get("classifier")
        return Classifier(row) if row and row.get("recipe") == RECIPE else None

    @cached_property
    def memory(self) -> dict[Any, Any]:
        """What `decide` worked out before: values that depend on the release alone. It bounds and clears it itself."""
        return {}

    @cached_property
    def sentences(self) -> dict[Any, Mapping[str, str]]:
        """By language, without the names. Apart from the memory: each names a day, and is soon past."""
        return {}

    def outlines(self, at: date | None = None) -> dict[str, Any]:
        """A GeoJSON collection for a map: the municipalities of a day, by default of today on the territory's calendar.

        It is simplified; neighbours still share their edges.
        """
        rows = self.places_on(at or self.calendar.local(datetime.now(UTC)).date())
        if not rows or self.plane is None:
            return {"type": "FeatureCollection", "features": []}
        flat = self.plane.project(self._shapes(rows))
        simple = self.plane.unproject(shapely.coverage_simplify(flat, MAP_TOLERANCE_M))
        return {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"code": row["code"], "names": dict(self.municipalities[row["code"]].names)},
                    "geometry": shapely.geometry.mapping(shape),
                }
                for row, shape in zip(rows, simple, strict=True)
            ],
        }

    def places_on(self, day: date) -> list[Row]:
        """The outlines that are valid on a day, as they stand but for their shapes."""
        return [
            row for row, days in zip(self._rows["places"], self._place_days, strict=True) if day.toordinal() in days
        ]

    def drawn_since(self, day: date) -> date:
        """The first day, up to this one, on which the same outlines are valid: a map of them is drawn once for all."""
        turns = {turn for days in self._place_days for turn in (days.start, days.stop)}
        return date.fromordinal(max((turn for turn in turns if turn <= day.toordinal()), default=1))

    @cached_property
    def _place_days(self) -> list[range]:
        """When each outline is valid; none outlives its municipality."""
        rows = self._rows["places"]
        return [_both(days_of(row), self.municipalities[row["code"]].days) for row in rows]


def _both(one: range, other: range) -> range:
    return range(max(one.start, other.start), min(one.stop, other.stop))
