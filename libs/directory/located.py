"""What is known of where something is?"""

from typing import Literal

from libs.directory.decision import Reason
from libs.value import value


@value
class Possible:
    """A municipality in which it may be, by official code (None: outside), and how far away that is."""

    municipality: str | None
    distance_m: float | None = None


@value
class Located:
    """Where it is, or where it may be. `municipality` is an official code."""

    outcome: Literal["found", "ambiguous", "outside", "unknown"]
    municipality: str | None
    reasons: tuple[Reason, ...]
    possible: tuple[Possible, ...] = ()
    is_incomplete: bool = False
    """Ambiguous for knowing too little, not for a contradiction: it does not matter where the owners are the same."""
    layers: frozenset[str] | None = None
    """Layers that the point is on; None without a point."""
    layers_near: tuple[str, ...] = ()
    """Layers that the point may be on, given its accuracy."""

    @property
    def is_certain(self) -> bool:
        """One municipality, and known to be on a layer or not."""
        return self.outcome == "found" and not self.layers_near
