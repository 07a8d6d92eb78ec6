"""What does a position say that is known to kilometres only?

Phones give such a circle when their owner wants it so. It may lie in one municipality, or leave a few; words and codes
choose among these, as a code does near a border. Layers are too narrow for it.
"""

from collections.abc import Sequence

import numpy as np

from libs.directory.areas import Points
from libs.directory.clues import CONTRADICTIONS, Clue, Where, names_of, said
from libs.directory.decision import Reason
from libs.directory.located import Located, Possible
from libs.directory.release import Release

COARSE_M_MIN = 2_000.0  # up to here a point is compared with borders and layers
COARSE_M_MAX = 50_000.0  # what an address on the internet tells; a circle larger than a county locates nothing
CANDIDATES_MAX = 200  # a circle over more municipalities says nothing that is worth its time
# How much of a circle may lie outside for it to count as inside: slivers between outlines, and 40 m of a 3 km circle.
OUTSIDE_SHARE_MAX = 0.001


def circle_of(release: Release, where: Where, day: int) -> tuple[Possible, ...]:
    """The municipalities that the circle touches, and None where it reaches outside; empty where it says nothing."""
    reach = where.accuracy_m or 0.0
    if release.plane is None or not release.has_boundaries or not COARSE_M_MIN < reach <= COARSE_M_MAX:
        return ()
    lon, lat = np.array([where.lon], dtype=float), np.array([where.lat], dtype=float)
    points = Points(*release.plane.flatten(lon, lat), np.array([day]))
    hits = release.places.around(points, np.array([reach]))[0]
    if len(hits) > CANDIDATES_MAX:
        return ()
    found = {release.places.keys[hit.area]: hit for hit in reversed(hits)}
    possible = [Possible(code, 0.0 if hit.is_inside else hit.distance_m) for code, hit in reversed(found.items())]
    is_inside = release.places.share_around(points, reach, hits) >= 1 - OUTSIDE_SHARE_MAX
    return tuple(possible) if is_inside else (*possible, Possible(None))


def locate_in_circle(release: Release, where: Where, circle: Sequence[Possible], clue: Clue) -> Located:
    """Circle and words together: what both allow; where they exclude each other a person must choose."""
    reasons = (_reason(release, where, circle), *(one for one in clue.reasons if one.code != "place-missing"))
    stated: list[str | None] = [None] if clue.is_elsewhere else [*clue.codes]
    left = [one for one in circle if one.municipality in stated] if stated else list(circle)
    if len(left) == 1:
        here = left[0].municipality
        return Located("found" if here else "outside", here, reasons, (Possible(here),) if here else ())
    if left:
        is_incomplete = not any(one.code in CONTRADICTIONS for one in clue.reasons)
        return Located("ambiguous", None, reasons, tuple(left), is_incomplete=is_incomplete)
    values = {"point": names_of(release, [one.municipality for one in circle]), "stated": names_of(release, stated)}
    differ = release.phrases.reason("circle-differs", said([one or "" for one in stated]), **values)
    several = (*circle, *map(Possible, stated))
    return Located("ambiguous", None, (*reasons, differ), several)


def _reason(release: Release, where: Where, circle: Sequence[Possible]) -> Reason:
    codes = [one.municipality for one in circle]
    details = {"accuracy_m": where.accuracy_m, **said([code for code in codes if code])}
    kind = "circle-across" if len(codes) > 1 else "circle-inside" if codes[0] else "circle-outside"
    return release.phrases.reason(kind, details, places=names_of(release, codes), territory=release.territory.names)
