"""How good is a classifier, by texts of which people said what they ask for?

Texts that ask for nothing (no service beside them) have one right answer: to abstain.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from libs.directory.classifier import Guess, guesses_of
from libs.directory.confidence import fitted
from libs.directory.learn import FOLDS, Learnt, Sample, fold_of

BINS = 10  # of confidence, for the error of calibration
PAIRS_MAX = 10  # of mistaken services; more are not looked at


@dataclass(frozen=True, slots=True)
class Judged:
    """One text: what it asks for, and what was guessed."""

    sample: Sample
    guesses: tuple[Guess, ...]

    @property
    def confidence(self) -> float:
        """Of the likeliest service."""
        return self.guesses[0].confidence if self.guesses else 0.0

    @property
    def is_right(self) -> bool:
        """Whether the likeliest service is the one asked for."""
        return bool(self.guesses) and self.guesses[0].service == self.sample.service

    @property
    def is_near(self) -> bool:
        """Whether the one asked for is among those that a person would be shown."""
        return any(guess.service == self.sample.service for guess in self.guesses)


def judged_by(guess: Callable[[Sample], tuple[Guess, ...]], samples: Sequence[Sample]) -> list[Judged]:
    """Texts judged as the services would."""
    return [Judged(sample, guess(sample)) for sample in samples]


def cross_judged(learnt: Learnt) -> list[Judged]:
    """Every example, judged by models that learnt neither its weights nor its calibration from its fold."""
    folds = np.array(fold_of(learnt.judged))
    right = np.array([learnt.services.index(sample.service) for sample in learnt.judged], dtype=np.intp)
    judged: list[Judged] = []
    for fold in range(FOLDS):
        here = folds == fold
        calibration = fitted(learnt.scores[~here], right[~here])
        for place, row in zip(np.flatnonzero(here), calibration.confidences(learnt.scores[here]), strict=True):
            judged.append(Judged(learnt.judged[place], guesses_of(learnt.services, row)))
    return judged


def figures_of(judged: Sequence[Judged], confidence_min: float) -> dict[str, Any]:
    """All figures, rounded. A share of nothing is null."""
    asking = [one for one in judged if one.sample.service]
    others = [one for one in judged if not one.sample.service]
    taken = [one for one in asking if one.confidence >= confidence_min]
    return {
        "texts": len(judged),
        "accuracy": _share([one.is_right for one in asking]),
        "top_3": _share([one.is_near for one in asking]),
        "confidence_min": confidence_min,
        "coverage": _share([one.confidence >= confidence_min for one in asking]),
        "accuracy_when_taken": _share([one.is_right for one in taken]),
        "calibration_error": _calibration_error(asking),
        "asking_for_nothing": len(others),
        "taken_for_something": sum(one.confidence >= confidence_min for one in others),
        "confused": _confused(asking),
    }


def _share(facts: Sequence[bool]) -> float | None:
    return round(sum(facts) / len(facts), 4) if facts else None


def _calibration_error(judged: Sequence[Judged]) -> float | None:
    """The expected calibration error: how far confidence and truth are apart, on average over ten bins."""
    if not judged:
        return None
    bins = [min(int(one.confidence * BINS), BINS - 1) for one in judged]
    apart = 0.0
    for number in set(bins):
        here = [one for one, own in zip(judged, bins, strict=True) if own == number]
        apart += abs(sum(one.confidence for one in here) - sum(one.is_right for one in here))
    return round(apart / len(judged), 4)


def _confused(judged: Sequence[Judged]) -> list[dict[str, Any]]:
    """Which services are mistaken for which, the most frequent first."""
    wrong = Counter((one.sample.service, one.guesses[0].service) for one in judged if one.guesses and not one.is_right)
    ordered = sorted(wrong.items(), key=lambda pair: (-pair[1], pair[0]))[:PAIRS_MAX]
    return [{"asked": asked, "guessed": guessed, "texts": texts} for (asked, guessed), texts in ordered]
