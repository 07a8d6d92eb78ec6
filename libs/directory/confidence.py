"""How sure is the classifier, so that of a hundred answers given with 80 % about eighty are right?

Scores become shares of one by a softmax with a temperature; the first share is then corrected by a curve with two
numbers (Platt's method). Both are fitted on answers about texts that the classifier had not learnt from.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Indexes = NDArray[np.intp]

SHARPNESS_MAX = 100  # scores of a ridge regression are of the size of one; a sharper softmax only says yes or no
STEPS = 30  # of Newton's method; it has settled after ten
PRIOR = 1.0  # pulls the curve towards none at all, so that it exists even when every answer was right
TINY = 1e-12
JUST_MORE = 1 + 1e-6  # the first stays the first


@dataclass(frozen=True, slots=True)
class Calibration:
    """How scores become confidences."""

    sharpness: int = 20
    slope: float = 1.0
    shift: float = 0.0

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Calibration":
        """From a classifier's file."""
        return cls(int(row["sharpness"]), float(row["slope"]), float(row["shift"]))

    def as_dict(self) -> dict[str, float]:
        """As it stands in the file."""
        return asdict(self)

    def confidences(self, scores: Numbers) -> Numbers:
        """Row by row: how likely each service is. They add up to one, and keep their order."""
        shares = _shares(scores, self.sharpness)
        best = shares.argmax(axis=1)[:, None]
        first = np.take_along_axis(shares, best, axis=1)
        np.put_along_axis(shares, best, 0.0, axis=1)
        rest = shares.sum(axis=1, keepdims=True)
        second = shares.max(axis=1, keepdims=True)
        still_first = second * JUST_MORE / (rest + second)
        corrected = np.maximum(_curve(np.log(first / rest), self.slope, self.shift), still_first)
        confidences: Numbers = shares * ((1 - corrected) / rest)
        np.put_along_axis(confidences, best, corrected, axis=1)
        return confidences


def fitted(scores: Numbers, right: Indexes) -> Calibration:
    """The calibration that makes these answers least surprising; `right` are the columns of what was true."""
    if not len(scores):
        return Calibration()
    sharpness = _sharpness(scores, right)
    shares = _shares(scores, sharpness)
    first = shares.max(axis=1)
    logits = np.log(first / (shares.sum(axis=1) - first))
    slope, shift = _newton(logits, (shares.argmax(axis=1) == right).astype(float))
    return Calibration(sharpness, round(slope, 2), round(shift, 2))


def _shares(scores: Numbers, sharpness: int) -> Numbers:
    """A softmax in which nothing is quite impossible, so that odds can always be taken."""
    sharp = np.exp((scores - scores.max(axis=1, keepdims=True)) * sharpness) + TINY
    shares: Numbers = sharp / sharp.sum(axis=1, keepdims=True)
    return shares


def _sharpness(scores: Numbers, right: Indexes) -> int:
    """The least surprising whole number. The surprise has one valley, so that halves can be thrown away."""
    low, high = 1, SHARPNESS_MAX
    while low < high:
        middle = (low + high) // 2
        if _surprise(scores, right, middle) <= _surprise(scores, right, middle + 1):
            high = middle
        else:
            low = middle + 1
    return low


def _surprise(scores: Numbers, right: Indexes, sharpness: int) -> float:
    """How unlikely the truth was, on average. As if one answer more had been wrong: a few right ones prove little."""
    logs = np.log(_shares(scores, sharpness))
    doubt = 1 / (len(right) + 2)
    told = (1 - doubt) * logs[np.arange(len(right)), right] + doubt * logs.mean(axis=1)
    # Rounded, so that the last digit, in which machines differ, never chooses between two temperatures.
    return round(float(-told.mean()), 9)


def _curve(logits: Numbers, slope: float, shift: float) -> Numbers:
    curve: Numbers = 1 / (1 + np.exp(-(slope * logits + shift)))
    return curve


def _newton(logits: Numbers, was_right: Numbers) -> tuple[float, float]:
    """Logistic regression of "was right" on the logit; the prior holds it at slope 1 and shift 0."""
    slope, shift = 1.0, 0.0
    for _ in range(STEPS):
        curve = _curve(logits, slope, shift)
        weight = curve * (1 - curve)
        down = np.array([(logits * (curve - was_right)).sum(), (curve - was_right).sum()])
        down += PRIOR * np.array([slope - 1, shift])
        bend = np.array([[(weight * logits**2).sum(), (weight * logits).sum()], [0.0, weight.sum()]])
        bend[1, 0] = bend[0, 1]
        step = np.linalg.solve(bend + PRIOR * np.eye(2), down)
        slope, shift = float(slope - step[0]), float(shift - step[1])
    return slope, shift
