"""From which scale on can each name on the map be read without lying on another?"""

from collections.abc import Iterable
from dataclasses import dataclass

CHARACTER_WIDTH = 12.0  # of a name in the units of the drawing, in the largest size that style.css gives it
LINE_HEIGHT = 24.0
SCALES = (1, 2, 4, 8, 16)  # the steps of the map's “closer” button; at the last one every name is shown


@dataclass(frozen=True, slots=True)
class Label:
    """A name, the middle of where it stands, and the first scale at which it is shown."""

    text: str
    x: float
    y: float
    from_scale: int = SCALES[-1]

    def meets(self, other: "Label", scale: int) -> bool:
        """Whether two names overlap when the map is this much closer; names keep their size on the screen."""
        width = (len(self.text) + len(other.text)) / 2 * CHARACTER_WIDTH / scale
        return abs(self.x - other.x) < width and abs(self.y - other.y) < LINE_HEIGHT / scale


def placed(names: Iterable[tuple[str, float, float]], width: float) -> list[Label]:
    """Labels for names in order of importance: an earlier one is never hidden for a later one. None is cut off."""
    labels: list[Label] = []
    for text, x, y in names:
        half = min(len(text) * CHARACTER_WIDTH, width) / 2
        label = Label(text, min(max(x, half), width - half), y)
        labels.append(Label(text, label.x, label.y, _first_scale(label, labels)))
    return labels


def _first_scale(label: Label, others: list[Label]) -> int:
    clear = (scale for scale in SCALES if not any(label.meets(other, max(scale, other.from_scale)) for other in others))
    return next(clear, SCALES[-1])
