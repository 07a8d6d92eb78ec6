"""How does a territory's classifier learn from names, words, examples and corrections?

Ridge regression of one column for each service on TF-IDF vectors of length one: a single linear system, solved without
chance, seeds or stopping rules. What goes in are whole numbers and what comes out is rounded to whole numbers, far
above the noise of floating point, so that the same texts give the same bytes on any machine.
"""

import base64
import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libs.directory.classifier import NOTHING, SIGNED, WHOLE
from libs.directory.confidence import Calibration, Numbers, fitted
from libs.directory.features import features_of, words_in

SAMPLES_MAX = 6_000  # of one language: the system has as many unknowns, and takes 1 GB and most of a minute
CORRECTIONS_MIN = 5  # a feature found in corrections only must stand in as many: a name told once is not published
RIDGE = 1.0  # how strongly weights are held small; between 0.3 and 3 the accuracy does not change
FOLDS = 5
FINENESS = 16  # steps in which the rarity of a feature is counted
WEIGHT_MAX = 127
WEIGHT_MIN = 3  # smaller weights are left out: nine of ten, for a thousandth of the accuracy
COLUMNS_AT_ONCE = 4_096  # of the table of features; bounds memory, changes nothing else
SCALE_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and what it asks for; empty when that is none of the services."""

    text: str
    language: str
    service: str
    is_hint: bool = False
    """A name or a word of a service: learnt from, but no sentence to be judged by."""
    is_correction: bool = False


@dataclass(frozen=True, slots=True)
class Learnt:
    """What learning one language gives: the model, and how it answers about sentences that it had not learnt."""

    row: dict[str, Any]
    judged: tuple[Sample, ...]
    services: tuple[str, ...]
    scores: Numbers


@dataclass(frozen=True, slots=True)
class _Table:
    """Which features each sample has. Values are whole numbers: rare features count more."""

    vocabulary: tuple[str, ...]
    values: NDArray[np.int64]
    unseen: int
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    lengths: Numbers


def learn(samples: Sequence[Sample]) -> Learnt:
    """The model of one language. Its samples may come in any order."""
    ordered = sorted(_limited(samples), key=_identity)
    table = _table(ordered)
    services = tuple(sorted({NOTHING, *(sample.service for sample in ordered)}))
    wanted = np.zeros((len(ordered), len(services)))
    wanted[np.arange(len(ordered)), [services.index(sample.service) for sample in ordered]] = 1.0
    alike = _likeness(table, len(ordered))
    places, scores = _answers_about_others(ordered, alike, wanted)
    judged = tuple(ordered[place] for place in places)
    calibration = fitted(scores, wanted[places].argmax(axis=1))
    weights = _weights(table, _solved(alike, wanted))
    return Learnt(_row(table, services, weights, calibration), judged, services, scores)


def fold_of(samples: Sequence[Sample]) -> list[int]:
    """Deals the samples of each service out in turn, in an order that depends on the texts only."""
    dealt: Counter[str] = Counter()
    folds = [0] * len(samples)
    for place in sorted(range(len(samples)), key=lambda place: _digest(samples[place].text)):
        service = samples[place].service
        folds[place] = dealt[service] % FOLDS
        dealt[service] += 1
    return folds


def _limited(samples: Sequence[Sample]) -> list[Sample]:
    """All of the pack's own, then as many corrections as there is room for, the latest of the file."""
    own = [sample for sample in samples if not sample.is_correction]
    corrections = [sample for sample in samples if sample.is_correction]
    room = max(0, SAMPLES_MAX - len(own))
    return [*own, *corrections[len(corrections) - min(room, len(corrections)) :]]


def _identity(sample: Sample) -> tuple[str, str, bool, bool]:
    return (sample.service, sample.text, sample.is_hint, sample.is_correction)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _table(samples: Sequence[Sample]) -> _Table:
    features = [features_of(words_in(sample.text)) for sample in samples]
    counts = Counter(feature for one in features for feature in one)
    corrected = [one for one, sample in zip(features, samples, strict=True) if sample.is_correction]
    only_corrected = Counter(feature for one in corrected for feature in one)
    kept = {
        feature: count
        for feature, count in counts.items()
        if count > only_corrected[feature] or count >= CORRECTIONS_MIN
    }
    vocabulary = tuple(sorted(kept))
    column = {feature: place for place, feature in enumerate(vocabulary)}
    values = np.array([_rarity(len(samples), kept[feature]) for feature in vocabulary], dtype=np.int64)
    unseen = _rarity(len(samples), 0)
    seen = [sorted(column[feature] for feature in one if feature in column) for one in features]
    squares = [int((values[one] ** 2).sum()) for one in seen]
    strange = [len(one) - len(known) for one, known in zip(features, seen, strict=True)]
    lengths = [math.sqrt(square + more * unseen**2 or 1) for square, more in zip(squares, strange, strict=True)]
    rows = np.repeat(np.arange(len(samples)), [len(one) for one in seen])
    columns = np.array([place for one in seen for place in one], dtype=np.intp)
    return _Table(vocabulary, values, unseen, rows, columns, np.array(lengths))


def _rarity(samples: int, count: int) -> int:
    """The inverse document frequency, smoothed as is usual, in whole steps."""
    return round((math.log((1 + samples) / (1 + count)) + 1) * FINENESS)


def _blocks(table: _Table, samples: int) -> Iterator[tuple[slice, Numbers]]:
    """The table a few columns at a time, as dense numbers."""
    for start in range(0, len(table.vocabulary), COLUMNS_AT_ONCE):
        part = slice(start, min(start + COLUMNS_AT_ONCE, len(table.vocabulary)))
        here = (table.columns >= part.start) & (table.columns < part.stop)
        block = np.zeros((samples, part.stop - part.start))
        block[table.rows[here], table.columns[here] - part.start] = table.values[table.columns[here]]
        yield part, block


def _likeness(table: _Table, samples: int) -> Numbers:
    """The cosine of each pair of samples. The products are whole numbers, so that their order does not matter."""
    products = np.zeros((samples, samples))
    for _, block in _blocks(table, samples):
        products += block @ block.T
    products /= np.outer(table.lengths, table.lengths)
    return products


def _solved(alike: Numbers, wanted: Numbers) -> Numbers:
    return np.linalg.solve(alike + RIDGE * np.eye(len(alike)), wanted).astype(np.float64)


def _answers_about_others(samples: Sequence[Sample], alike: Numbers, wanted: Numbers) -> tuple[list[int], Numbers]:
    """Scores of every sentence by a model that learnt from the other folds only. Hints are always learnt from."""
    places = [place for place, sample in enumerate(samples) if not sample.is_hint]
    folds = np.full(len(samples), -1)
    folds[places] = fold_of([samples[place] for place in places])
    scores = np.zeros_like(wanted)
    for fold in range(FOLDS):
        left_out = folds == fold
        others = ~left_out
        if left_out.any() and others.any():
            scores[left_out] = alike[np.ix_(left_out, others)] @ _solved(alike[np.ix_(others, others)], wanted[others])
    return places, scores[places]


def _weights(table: _Table, solution: Numbers) -> Numbers:
    """What each feature says for each service, when it stands in a text of length one."""
    shares = solution / table.lengths[:, None]
    weights = np.zeros((len(table.vocabulary), shares.shape[1]))
    for part, block in _blocks(table, len(shares)):
        weights[part] = block.T @ shares
    weights *= table.values[:, None]
    return weights


def _row(table: _Table, services: Sequence[str], weights: Numbers, calibration: Calibration) -> dict[str, Any]:
    """As it stands in the file: without the zeros, row by row."""
    scale = float(f"{np.abs(weights).max(initial=0.0) / WEIGHT_MAX or 1.0:.{SCALE_DIGITS}g}")
    rounded = np.clip(np.rint(weights / scale), -WEIGHT_MAX, WEIGHT_MAX)
    rounded[np.abs(rounded) < WEIGHT_MIN] = 0
    rows, columns = np.nonzero(rounded)
    return {
        "services": list(services),
        "features": list(table.vocabulary),
        "values": _text(table.values, WHOLE),
        "unseen": table.unseen,
        "counts": _text(np.bincount(rows, minlength=len(table.vocabulary)), WHOLE),
        "columns": _text(columns, WHOLE),
        "weights": _text(rounded[rows, columns], SIGNED),
        "scale": scale,
        "calibration": calibration.as_dict(),
    }


def _text(numbers: NDArray[Any], kind: str) -> str:
    return base64.b64encode(numbers.astype(kind).tobytes()).decode()
