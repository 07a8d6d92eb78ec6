"""Which services may a text be about, and how likely is each? A linear model for each language of the territory.

Pure and light: weights are whole numbers, so that their sum is the same on every machine, whatever the order.
"""

import base64
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from libs.directory.confidence import Calibration
from libs.directory.features import RECIPE
from libs.directory.model import Row

NOTHING = ""  # what a text that asks for no service of the territory is labelled with
GUESSES_MAX = 3
CONFIDENCE_MIN = 0.02  # what is less likely is no guess: people would be shown names that have nothing to do with it
DIGITS = 4  # of a confidence; the digits after these differ between machines
LETTERS_MIN = 12  # a shorter text may be of any language
LEAD_MIN = 1.1  # how much more of its features the language must know than the next

WHOLE = "<u2"  # little-endian on every machine
SIGNED = "<i1"


@dataclass(frozen=True, slots=True)
class Guess:
    """A service that a text may be about. Confidences of one text add up to one at most."""

    service: str
    confidence: float


class LanguageModel:
    """What was learnt from the texts of one language. Its tables are made when first asked for."""

    def __init__(self, row: Row) -> None:
        """ValueError when the parts of the row do not belong together."""
        self._row = row
        self.services: tuple[str, ...] = tuple(row["services"])
        self._calibration = Calibration.of(row["calibration"])
        self._scale = float(row["scale"])
        self._unseen = int(row["unseen"])
        counts, columns = _numbers(row["counts"], WHOLE), _numbers(row["columns"], WHOLE)
        weights, values = _numbers(row["weights"], SIGNED), _numbers(row["values"], WHOLE)
        fits = len(row["features"]) == len(counts) == len(values) and counts.sum() == len(columns) == len(weights)
        if not fits or NOTHING not in self.services or (len(columns) and columns.max() >= len(self.services)):
            raise ValueError("the parts of a classifier do not belong together")

    @cached_property
    def _rows(self) -> Mapping[str, int]:
        return {feature: index for index, feature in enumerate(self._row["features"])}

    @cached_property
    def _known(self) -> frozenset[str]:
        """Every feature that was learnt; two sets are compared ten times faster than a set and a table."""
        return frozenset(self._row["features"])

    @cached_property
    def _squares(self) -> NDArray[np.int64]:
        return _numbers(self._row["values"], WHOLE).astype(np.int64) ** 2

    @cached_property
    def _weights(self) -> NDArray[np.int8]:
        """One row for each feature, one column for each service. Most are zero, and left out of the file."""
        counts = _numbers(self._row["counts"], WHOLE)
        table = np.zeros((len(counts), len(self.services)), dtype=np.int8)
        rows = np.repeat(np.arange(len(counts)), counts)
        table[rows, _numbers(self._row["columns"], WHOLE)] = _numbers(self._row["weights"], SIGNED)
        return table

    def coverage(self, features: AbstractSet[str]) -> int:
        """How many of these features it has met."""
        return len(self._known & features)

    def scores(self, features: AbstractSet[str], row: NDArray[np.float64]) -> bool:
        """Write how much a text is about each service, from about zero to about one; whether it knows any feature."""
        seen = np.array([self._rows[feature] for feature in self._known & features], dtype=np.intp)
        length = int(self._squares[seen].sum()) + (len(features) - len(seen)) * self._unseen**2
        row[:] = self._weights[seen].sum(axis=0, dtype=np.int32) * (self._scale / math.sqrt(length or 1))
        return len(seen) > 0

    def guesses(self, texts: Sequence[AbstractSet[str]]) -> list[tuple[Guess, ...]]:
        """For each text, by its features: the likeliest services first; none when it knows no feature of it."""
        scores = np.zeros((len(texts), len(self.services)))
        has_something = [self.scores(features, row) for row, features in zip(scores, texts, strict=True)]
        confidences = self._calibration.confidences(scores) if len(texts) else scores
        return [
            guesses_of(self.services, row) if is_known else ()
            for is_known, row in zip(has_something, confidences, strict=True)
        ]


class Classifier:
    """The models of a territory."""

    def __init__(self, row: Row) -> None:
        """ValueError when it was made by another recipe, or is damaged."""
        if row.get("recipe") != RECIPE:
            raise ValueError(f"this classifier has recipe {row.get('recipe')}; this Guichet reads {RECIPE}")
        self.models = {language: LanguageModel(model) for language, model in row["languages"].items()}

    def language_of(self, words: Sequence[str], features: AbstractSet[str], default: str) -> str:
        """In which of the territory's languages a text is; the default when it is short, or two are equally likely.

        Measured by how many of its features each language has met. On the sentences kept apart in the shipped packs
        that is right 99.5 times of 100; general detectors reach 94 to 99, and cost 16 to 140 MB.
        """
        if sum(map(len, words)) < LETTERS_MIN:
            return default
        covered = {code: model.coverage(features) for code, model in self.models.items()}
        best, *others = sorted(covered, key=lambda code: (-covered[code], code)) or [default]
        is_close = bool(others) and covered[best] <= covered[others[0]] * LEAD_MIN
        return default if is_close else best

    def scores(self, features: AbstractSet[str], language: str) -> dict[str, float]:
        """How much a text is about each service, also of those that are too unlikely to be told as a guess."""
        model = self.models.get(language)
        if model is None:
            return {}
        row = np.zeros(len(model.services))
        model.scores(features, row)
        return {code: score for code, score in zip(model.services, row.tolist(), strict=True) if code and score > 0}

    def guess_many(self, texts: Sequence[AbstractSet[str]], language: str) -> list[tuple[Guess, ...]]:
        """For each text, by its features: up to three services, the likeliest first; none in an unknown language."""
        model = self.models.get(language)
        return model.guesses(texts) if model else [()] * len(texts)


def guesses_of(services: Sequence[str], confidences: NDArray[np.float64]) -> tuple[Guess, ...]:
    """What is told of them. That a text is about nothing is no guess, but takes its share of the confidence."""
    likeliest = np.argsort(-confidences, kind="stable")[: GUESSES_MAX + 1].tolist()
    rounded = [(services[place], round(float(confidences[place]), DIGITS)) for place in likeliest]
    told = [Guess(*one) for one in rounded if one[0] != NOTHING and one[1] >= CONFIDENCE_MIN]
    return tuple(told[:GUESSES_MAX])


def _numbers(text: str, kind: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(text, validate=True), dtype=kind)
