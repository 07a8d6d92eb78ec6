"""What do outlines of parts, and of communes that were absorbed, add to a municipality's own?

Portals publish arrondissements in place of their town; older files have communes as they were before they merged, and
the new one often bears the code of one of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely

from libs.operate.outlines.validity import Dates

Key = tuple[str, Dates]
"""A municipality, and when its outline is valid."""

Outlines = dict[Key, list[dict[str, Any]]]
BEYOND_MIN = 0.5  # of a piece's own area: what lies inside but for drawing errors of a border is part of it already


def add_pieces(own: Outlines, pieces: Mapping[Key, Sequence[tuple[str, dict[str, Any]]]]) -> Iterator[str]:
    """Puts what is missing into `own`, and says so, one remark for each municipality."""
    drawn = {code for code, _ in own}
    for (code, dates), those in pieces.items():
        if code not in drawn:
            own[code, dates] = [outline for _, outline in those]
            yield f"{code} is drawn from the outlines of {_codes(those)}: see that no other is missing"
        elif beyond := _beyond(own.get((code, dates), ()), those):
            own[code, dates] += [outline for _, outline in beyond]
            yield f"{code} is drawn as it was before {_codes(beyond)} joined it: they are added"


def _beyond(
    own: Sequence[dict[str, Any]], those: Sequence[tuple[str, dict[str, Any]]]
) -> list[tuple[str, dict[str, Any]]]:
    if not own:
        return []
    whole = shapely.union_all([_shape(outline) for outline in own])
    return [(code, outline) for code, outline in those if _share_beyond(_shape(outline), whole) >= BEYOND_MIN]


def _share_beyond(piece: Any, whole: Any) -> float:
    area = float(piece.area)
    return float(shapely.difference(piece, whole).area) / area if area else 0.0


def _shape(outline: dict[str, Any]) -> Any:
    return shapely.make_valid(shapely.geometry.shape(outline))


def _codes(those: Sequence[tuple[str, Any]]) -> str:
    return ", ".join(sorted({code for code, _ in those}))
