"""Where is it?

A point goes before everything else, but only as far as it can be trusted: within the border band, or within its own
stated accuracy, of another municipality it leaves several possible. An official code chooses among these; anywhere else
it contradicts the point, and a person must choose.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np

from libs.directory.areas import Hit, Points
from libs.directory.clues import CODES_SAID_MAX, Clue, Where, clue_of, code_reason, names_of, said, served_and_named
from libs.directory.coarse import CANDIDATES_MAX, COARSE_M_MIN, circle_of, locate_in_circle
from libs.directory.decision import Reason
from libs.directory.located import Located, Possible
from libs.directory.model import Names
from libs.directory.names import is_cedex
from libs.directory.plane import Plane
from libs.directory.release import Release

# A territory with more outlines than this around one point is dense beyond what a person can choose from.
POSSIBLE_MAX = CODES_SAID_MAX


def locate(release: Release, where: Where, at: datetime | None = None) -> Located:
    """Where it is by this release; without `at`, by what is valid with no end in sight."""
    day = last_day(release) if at is None else release.calendar.local(at).toordinal()
    return locate_many(release, [where], [day])[0]


def last_day(release: Release) -> int:
    """A day on which everything that has begun or will begin, and does not end, is valid."""
    entries: list[Any] = [*release.authorities.values(), *release.departments.values(), *release.rules]
    return max((one.days.start for one in entries), default=1)


def locate_many(release: Release, wheres: Sequence[Where], days: Sequence[int]) -> list[Located]:
    """Many at once: points are compared with all outlines in one go."""
    usable = [index for index, where in enumerate(wheres) if _is_usable(where)]
    places: dict[int, list[Hit]] = {}
    layers: dict[int, list[Hit]] = {}
    if usable and release.plane is not None:
        points = _points(release.plane, [wheres[index] for index in usable], [days[index] for index in usable])
        accuracy = np.array([wheres[index].accuracy_m or 0.0 for index in usable], dtype=float)
        if release.has_boundaries:
            reach = np.maximum(accuracy, release.territory.border_band_m)
            places = dict(zip(usable, release.places.around(points, reach), strict=True))
        if release.has_layers:
            layers = dict(zip(usable, release.layers.around(points, accuracy, from_inside=True), strict=True))
    return [
        _place(release, where, day, places.get(index), layers.get(index, ()))
        for index, (where, day) in enumerate(zip(wheres, days, strict=True))
    ]


def _is_usable(where: Where) -> bool:
    if where.lat is None or where.lon is None:
        return False
    is_real = abs(where.lat) <= 90 and abs(where.lon) <= 180
    return is_real and (where.accuracy_m or 0.0) <= COARSE_M_MIN


def _points(plane: Plane, wheres: Sequence[Where], days: Sequence[int]) -> Points:
    lon = np.array([where.lon for where in wheres], dtype=float)
    lat = np.array([where.lat for where in wheres], dtype=float)
    return Points(*plane.flatten(lon, lat), np.array(days))


def _place(release: Release, where: Where, day: int, hits: Sequence[Hit] | None, on: Sequence[Hit]) -> Located:
    if hits is None:
        located = _by_words(release, where, day)
    elif len(hits) == 1 and hits[0].is_inside and not where.municipality_code:
        located = _inside(release, release.places.keys[hits[0].area])
    elif len(hits) == 1 and _is_as_coded(release, where, day, hits[0]):
        located = _inside_as_coded(release, day, where, hits)
    else:
        located = _by_point(release, where, day, hits)
    if hits and where.municipality_name and located.outcome == "found" and located.municipality:
        located = _compare_words(release, where, day, located)
    if not release.has_layers or not _is_usable(where):
        return located
    return _on_layers(release, located, on, where.accuracy_m or 0.0)


def _inside(release: Release, code: str) -> Located:
    """The plain case, said once per municipality and release."""
    known: Located | None = release.memory.get(("inside", code))
    if known is None:
        reason = release.phrases.reason("point-inside", {"code": code}, municipality=_names(release, code))
        known = Located("found", code, (reason,), (Possible(code, 0.0),), layers=frozenset())
        release.memory["inside", code] = known
    return known


def _is_as_coded(release: Release, where: Where, day: int, hit: Hit) -> bool:
    """The next plain case: point and code say the same, and nothing else is near."""
    here = (release.places.keys[hit.area],)
    return hit.is_inside and release.codes.meant(str(where.municipality_code), day).municipalities == here


def _inside_as_coded(release: Release, day: int, where: Where, hits: Sequence[Hit]) -> Located:
    """Said once per code and release, too, and per municipality: codes change their meaning."""
    key = ("coded", where.municipality_code, hits[0].area)
    known: Located | None = release.memory.get(key)
    if known is None:
        known = release.memory[key] = _by_point(release, where, day, hits)
    return known


def _by_words(release: Release, where: Where, day: int) -> Located:
    clue = clue_of(release, where, day)
    if release.reads_hints and where.lat is not None and (circle := circle_of(release, where, day)):
        return locate_in_circle(release, where, circle, clue)
    reasons = _with_vague_point(release, where, clue)
    if len(clue.codes) == 1:
        return Located("found", clue.codes[0], reasons, (Possible(clue.codes[0]),))
    # Beyond so many nobody asks whether all have the same owner.
    is_incomplete = clue.is_incomplete and len(clue.codes) <= CANDIDATES_MAX
    possible = tuple(map(Possible, clue.codes if is_incomplete else clue.codes[:POSSIBLE_MAX]))
    if clue.codes:
        return Located("ambiguous", None, reasons, possible, is_incomplete=is_incomplete)
    return Located("outside" if clue.is_elsewhere else "unknown", None, reasons)


def _with_vague_point(release: Release, where: Where, clue: Clue) -> tuple[Reason, ...]:
    """Why there is no point, and what words say; that nothing says where it is would not be true of a vague point."""
    if where.lat is None or where.lon is None:
        return clue.reasons
    if (where.accuracy_m or 0.0) > COARSE_M_MIN:
        why = release.phrases.reason("point-vague", {"accuracy_m": where.accuracy_m})
    elif not release.has_boundaries:
        why = release.phrases.reason("point-without-boundaries")
    else:
        return clue.reasons
    return (why, *(one for one in clue.reasons if one.code != "place-missing" or not release.reads_hints))


def _by_point(release: Release, where: Where, day: int, hits: Sequence[Hit]) -> Located:
    reach = max(release.territory.border_band_m, where.accuracy_m or 0.0)
    possible = _possible(release, hits, reach)
    home = hits[0] if hits and hits[0].is_inside else None
    reasons = [*_inside(release, release.places.keys[home.area]).reasons] if home else [_outside(release)]
    reasons += [_near(release, one, reach) for one in possible[:POSSIBLE_MAX] if one.municipality][bool(home) :]
    if code := (where.municipality_code or "").strip():
        settled = _with_code(release, code, where, day, possible, reasons)
        if settled:
            return settled
    if not hits:
        return Located("outside", None, tuple(reasons), layers=frozenset())
    if len(possible) == 1:
        return replace(_inside(release, str(possible[0].municipality)), reasons=tuple(reasons))
    municipality = release.places.keys[home.area] if home else None
    several = possible[:POSSIBLE_MAX]
    return Located("ambiguous", municipality, tuple(reasons), several, is_incomplete=True, layers=frozenset())


def _possible(release: Release, hits: Sequence[Hit], reach_m: float) -> tuple[Possible, ...]:
    """The one that it is in, else the outside; then those within reach. With no reach an edge has one owner."""
    found: dict[str | None, Possible] = {} if hits and hits[0].is_inside else {None: Possible(None, 0.0)}
    for hit in hits if reach_m > 0 else hits[:1]:
        code = release.places.keys[hit.area]
        found.setdefault(code, Possible(code, 0.0 if hit.is_inside else hit.distance_m))
    return tuple(found.values())


def _with_code(
    release: Release, code: str, where: Where, day: int, possible: Sequence[Possible], reasons: list[Reason]
) -> Located | None:
    """An official code chooses among what the point leaves open; against the point it needs a person. None: no help."""
    meant = release.codes.meant(code, day)
    details: dict[str, Any] = {"given": code}
    if not meant.municipalities:
        reasons.append(release.phrases.reason(f"code-{meant.status}", details, territory=release.territory.names))
        if meant.status == "expired" or possible[0].municipality is None:
            return None
        if release.reads_hints and _is_confirmed(release, where, day, possible):
            return None
    chosen = [one for one in possible if one.municipality in meant.municipalities]
    if len(chosen) == 1:
        one = str(chosen[0].municipality)
        reasons.append(code_reason(release, code, meant.status, (one,)))
        return Located("found", one, tuple(reasons), (Possible(one, 0.0),), layers=frozenset())
    if chosen:
        return None
    here = possible[0].municipality
    stated = meant.municipalities or (None,)
    details |= {"point": here, "stated": stated[0]}
    said_of = {"point": names_of(release, (here,)), "stated": names_of(release, stated)}
    reasons.append(release.phrases.reason("contradiction", details, **said_of))
    several = (possible[0], *(Possible(one) for one in stated))
    return Located("ambiguous", here, tuple(reasons), several, layers=frozenset())


def _is_confirmed(release: Release, where: Where, day: int, possible: Sequence[Possible]) -> bool:
    """Whether postal code or name say what the point says: two clues outweigh a code that means nothing here."""
    served, named = served_and_named(release, where, day)
    return any(one.municipality in (*served, *named) for one in possible)


def _compare_words(release: Release, where: Where, day: int, located: Located) -> Located:
    """People name the town they think of, so the point prevails over a name, and the record says that they differ.

    Postal code and name together are two clues against one: a person must choose.
    """
    name = str(where.municipality_name)
    named = None if is_cedex(name) else release.gazetteer.find(name)
    if named is None or located.municipality in release.codes.all_meant(named.codes, day):
        return located
    here = str(located.municipality)
    served, exactly = served_and_named(release, where, day)
    both = sorted({*served} & {*exactly})
    if both and here not in served and not where.municipality_code:
        stated = release.phrases.either([_names(release, code) for code in both])
        details = {"point": here, "stated": both}
        reason = release.phrases.reason("words-differ", details, **{"point": _names(release, here), "stated": stated})
        possible = (Possible(here, 0.0), *(Possible(code) for code in both[:POSSIBLE_MAX]))
        return replace(located, outcome="ambiguous", reasons=(*located.reasons, reason), possible=possible)
    details = {"given": name, **said(named.codes)}
    reason = release.phrases.reason("name-differs", details, municipality=_names(release, here))
    return replace(located, reasons=(*located.reasons, reason))


def _on_layers(release: Release, located: Located, on: Sequence[Hit], accuracy_m: float) -> Located:
    """On a layer for certain, or perhaps: its edge is nearer than the point is accurate. Its width covers the rest."""
    certain = {release.layers.keys[hit.area] for hit in on if hit.is_inside and not _is_near(hit, accuracy_m)}
    perhaps: dict[str, float] = {}
    for hit in on:
        name = release.layers.keys[hit.area]
        if name not in certain:
            perhaps[name] = min(perhaps.get(name, math.inf), hit.distance_m)
    say = release.phrases.reason
    reasons = [_on_layer(release, name) for name in sorted(certain)]
    reasons += [
        say("near-layer", {"layer": name, "distance_m": perhaps[name], "reach_m": accuracy_m})
        for name in sorted(perhaps)
    ]
    if not reasons:
        return replace(located, layers=frozenset()) if located.layers is None else located
    everything = (*located.reasons, *reasons)
    return replace(located, reasons=everything, layers=frozenset(certain), layers_near=tuple(sorted(perhaps)))


def _on_layer(release: Release, name: str) -> Reason:
    """Said once per layer and release."""
    known: Reason | None = release.memory.get(("on", name))
    if known is None:
        known = release.memory["on", name] = release.phrases.reason("on-layer", {"layer": name})
    return known


def _is_near(hit: Hit, accuracy_m: float) -> bool:
    return accuracy_m > 0 and hit.distance_m <= accuracy_m


def _outside(release: Release) -> Reason:
    return release.phrases.reason("point-outside", territory=release.territory.names)


def _near(release: Release, one: Possible, reach_m: float) -> Reason:
    details = {"code": one.municipality, "distance_m": one.distance_m, "reach_m": reach_m}
    return release.phrases.reason("near-border", details, municipality=_names(release, str(one.municipality)))


def _names(release: Release, code: str) -> Names:
    return release.municipalities[code].names
