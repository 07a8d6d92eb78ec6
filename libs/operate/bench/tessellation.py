"""What do the municipalities of a made-up country look like? Wavy outlines that share each vertex with neighbours."""

import math

import numpy as np
from numpy.typing import NDArray

WEST, NORTH = -1.5, 50.0  # about where France begins, so that its distances are those of a real country
LON_DEGREES, LAT_DEGREES = 0.05, 0.035  # of one municipality: 15 km², as in France
MOVED_MAX = 0.2  # how far a corner leaves the grid, as a share of a cell
WAVE_MAX = 0.06  # how far a border leaves the straight line, as a share of a cell; more would make borders cross
# Vertices of one border between two corners: 64 an outline. Those of France have 66 where four decimals are kept.
BORDER_VERTICES = 16
WIDER = 1.3  # more columns than rows, as degrees of longitude are shorter
DIGITS = 6

Positions = NDArray[np.float64]


def rings(count: int, seed: int) -> list[list[list[float]]]:
    """The closed outer ring of each municipality, in degrees, west to east and north to south."""
    columns = math.ceil(math.sqrt(count * WIDER))
    rows = math.ceil(count / columns)
    draw = np.random.default_rng(seed)
    corners = np.stack(np.meshgrid(np.arange(columns + 1.0), np.arange(rows + 1.0)), axis=-1)
    corners += draw.uniform(-MOVED_MAX, MOVED_MAX, corners.shape)
    across = _degrees(_borders(corners[:, :-1], corners[:, 1:], draw))
    down = _degrees(_borders(corners[:-1], corners[1:], draw))
    found = []
    for place in range(count):
        row, column = divmod(place, columns)
        sides = (
            across[row, column],
            down[row, column + 1],
            across[row + 1, column][::-1],
            down[row, column][::-1],
        )
        # Each side but its last vertex, which is the first of the next.
        ring = np.concatenate([side[:-1] for side in sides]).tolist()
        found.append([*ring, ring[0]])
    return found


def _borders(begin: Positions, end: Positions, draw: np.random.Generator) -> Positions:
    """Every border from corner to corner, with its vertices; calm near the corners, where others begin."""
    along = np.linspace(0, 1, BORDER_VERTICES + 1)
    straight = begin[..., None, :] + (end - begin)[..., None, :] * along[:, None]
    wave = draw.uniform(-WAVE_MAX, WAVE_MAX, (*begin.shape[:-1], BORDER_VERTICES + 1)) * np.sin(np.pi * along)
    aside = (end - begin)[..., ::-1] * np.array([1.0, -1.0])
    waved: Positions = straight + wave[..., None] * aside[..., None, :]
    return waved


def _degrees(cells: Positions) -> Positions:
    degrees: Positions = cells * np.array([LON_DEGREES, -LAT_DEGREES]) + np.array([WEST, NORTH])
    return degrees.round(DIGITS)
