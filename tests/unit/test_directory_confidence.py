"""Can a confidence be taken at its word?"""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from libs.directory.confidence import Calibration, fitted

SCORES = st.lists(st.lists(st.floats(-1, 1), min_size=4, max_size=4), min_size=1, max_size=5)


@given(SCORES, st.integers(1, 100), st.floats(0.1, 2), st.floats(-3, 3))
def test_confidences_add_up_to_one_and_keep_the_order_of_the_scores(
    scores: list[list[float]], sharpness: int, slope: float, shift: float
) -> None:
    rows = np.array(scores)
    confidences = Calibration(sharpness, slope, shift).confidences(rows)
    assert np.allclose(confidences.sum(axis=1), 1)
    assert (confidences >= 0).all()
    likeliest = np.take_along_axis(rows, confidences.argmax(axis=1)[:, None], axis=1)[:, 0]
    assert np.allclose(likeliest, rows.max(axis=1))


def test_boasting_scores_are_taken_down_to_what_they_are_worth() -> None:
    """Answers that are right six times in ten, however sure they look, are given a confidence of about 0.6."""
    chance = np.random.default_rng(7)
    right = chance.integers(0, 5, 2_000)
    said = np.where(chance.random(2_000) < 0.6, right, (right + 1 + chance.integers(0, 4, 2_000)) % 5)
    scores = np.eye(5)[said] + chance.normal(0, 0.01, (2_000, 5))
    confidences = fitted(scores, right).confidences(scores).max(axis=1)
    assert abs(confidences.mean() - (said == right).mean()) < 0.03


def test_with_nothing_to_learn_from_there_is_still_a_calibration() -> None:
    assert fitted(np.zeros((0, 3)), np.zeros(0, dtype=np.intp)) == Calibration()
