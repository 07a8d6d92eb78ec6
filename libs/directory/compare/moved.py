"""How much land changes hands when boundaries are drawn anew, and how much longer or wider do layers become?"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

import shapely

from libs.directory.areas import Areas
from libs.directory.cells import joined
from libs.directory.compare.change import Change, Teller, valid_from, valid_to
from libs.directory.model import Names
from libs.directory.plane import Plane
from libs.directory.release import Release

M2_PER_HECTARE = 10_000.0
AREA_M2_MIN = 100.0  # less is what rounding to a centimetre does along a long border
Key = tuple[Any, ...]


def boundary_changes(old: Release, new: Release, tell: Teller) -> Iterator[Change]:
    """From whom to whom, in hectares, and when. Outlines where there were none at all are only counted."""
    if old.has_boundaries != new.has_boundaries:
        keys = (new if new.has_boundaries else old).places.keys
        what: Any = "added" if new.has_boundaries else "removed"
        count = len(set(keys))
        yield Change("boundary", what, "", {"municipalities": count}, tell.say(f"outlines-{what}", count=count))
        return
    for (before, after), days, areas in _over_time(old, new, lambda release: release.places, _passed):
        hectares = _hectares(areas[0])
        details = {"old": before, "new": after, "hectares": hectares, **_validity(days)}
        text = "area-moved" if before and after else "area-left" if before else "area-joined"
        values = {"old": _names(before, old, new), "new": _names(after, new, old), "hectares": _said(hectares)}
        yield Change(
            "boundary", "changed", before or after, details, tell.joined(tell.say(text, **values), tell.when(days))
        )


def layer_changes(old: Release, new: Release, tell: Teller) -> Iterator[Change]:
    """By layer: the area that it covers in one release only."""
    for (layer,), days, areas in _over_time(old, new, lambda release: release.layers, _redrawn):
        removed, added = (_hectares(area) for area in areas)
        names = (set(release.layers.keys) for release in (old, new))
        was, is_now = (layer in known for known in names)
        what: Any = "changed" if was and is_now else "added" if is_now else "removed"
        details = {"hectares_added": added, "hectares_removed": removed, **_validity(days)}
        text = tell.say("layer", layer=layer, added=_said(added), removed=_said(removed))
        yield Change("layer", what, layer, details, tell.joined(text, tell.when(days)))


Shapes = Mapping[str, Any]
Compare = Callable[[Shapes, Shapes], dict[Key, tuple[float, ...]]]


def _over_time(
    old: Release, new: Release, part: Callable[[Release], Areas], compare: Compare
) -> Iterator[tuple[Key, range, tuple[float, ...]]]:
    """What `compare` finds in each period between two redrawings; periods with the same finding are one."""
    plane = new.plane or old.plane
    if plane is None:
        return
    turns = sorted(part(old).turns() | part(new).turns())
    found: dict[tuple[Key, tuple[float, ...]], list[range]] = defaultdict(list)
    for start, stop in pairwise(turns):
        drawn = [_drawn(release, part(release), start, plane) for release in (old, new)]
        for key, areas in compare(*drawn).items():
            found[key, areas].append(range(start, stop))
    for (key, areas), periods in sorted(found.items(), key=lambda item: str(item[0])):
        yield from ((key, days, areas) for days in joined(periods))


def _drawn(release: Release, areas: Areas, day: int, plane: Plane) -> Shapes:
    """The shapes of a day, one for each key, on a common plane."""
    shapes: dict[str, list[Any]] = defaultdict(list)
    for key, shape in areas.on(day):
        shapes[key].append(shape)
    own = release.plane or plane
    return {key: plane.project(own.unproject(shapely.union_all(parts))) for key, parts in sorted(shapes.items())}


def _passed(old: Shapes, new: Shapes) -> dict[Key, tuple[float, ...]]:
    """Square metres by (old owner, new owner); an empty owner is nobody."""
    found: dict[Key, tuple[float, ...]] = {}
    for code in sorted({*old, *new}):
        before, after = (drawn.get(code, shapely.Polygon()) for drawn in (old, new))
        _hand_out(code, shapely.difference(before, after), new, found)
        gained = shapely.difference(after, before)
        rest = shapely.difference(gained, shapely.union_all(list(old.values())))
        _keep(("", code), rest, found)
    return found


def _hand_out(code: str, lost: Any, new: Shapes, found: dict[Key, tuple[float, ...]]) -> None:
    for other, shape in new.items():
        if shapely.area(lost) < AREA_M2_MIN:
            return
        _keep((code, other), shapely.intersection(lost, shape), found)
        lost = shapely.difference(lost, shape)
    _keep((code, ""), lost, found)


def _keep(key: Key, shape: Any, found: dict[Key, tuple[float, ...]]) -> None:
    area = _area(shape)
    if area >= AREA_M2_MIN:
        found[key] = (area,)


def _area(shape: Any) -> float:
    """In whole square metres, so that a period is not cut by the last bit of a sum."""
    return float(round(shapely.area(shape)))


def _redrawn(old: Shapes, new: Shapes) -> dict[Key, tuple[float, ...]]:
    """Square metres that only the older, and only the newer release covers, by layer."""
    found: dict[Key, tuple[float, ...]] = {}
    for layer in sorted({*old, *new}):
        before, after = (drawn.get(layer, shapely.Polygon()) for drawn in (old, new))
        removed, added = (_area(one.difference(other)) for one, other in ((before, after), (after, before)))
        if max(removed, added) >= AREA_M2_MIN:
            found[(layer,)] = (removed, added)
    return found


def _names(code: str, release: Release, other: Release) -> Any:
    one = release.municipalities.get(code) or other.municipalities.get(code)
    return one.names if one else code


def _hectares(area_m2: float) -> float:
    return round(area_m2 / M2_PER_HECTARE, 2)


def _said(hectares: float) -> Names:
    """With the marks of each language: French and Swedish have a comma, and a narrow blank between thousands."""
    english = f"{hectares:,.2f}"
    with_comma = english.translate({ord(","): "\N{NARROW NO-BREAK SPACE}", ord("."): ","})
    return {"en": english, "fr": with_comma, "sv": with_comma}


def _validity(days: range) -> dict[str, str | None]:
    return {"valid_from": valid_from(days), "valid_to": valid_to(days)}
