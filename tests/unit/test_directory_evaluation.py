"""Are the figures about a classifier the ones that their names promise?"""

import pytest

from libs.directory import Guess
from libs.directory.evaluation import Judged, cross_judged, figures_of
from libs.directory.learn import Sample, fold_of
from libs.directory.training import train
from tests.unit.directory_texts import pack


def judged(service: str, *guesses: tuple[str, float]) -> Judged:
    return Judged(Sample("a text", "en", service), tuple(Guess(*guess) for guess in guesses))


def test_every_figure_on_four_texts_counted_by_hand() -> None:
    figures = figures_of(
        [
            judged("lamp", ("lamp", 0.9), ("pothole", 0.05)),
            judged("lamp", ("pothole", 0.85), ("lamp", 0.1)),
            judged("pothole", ("lamp", 0.3), ("graffiti", 0.2)),
            judged("graffiti"),
            judged("", ("lamp", 0.82)),
            judged("", ("lamp", 0.1)),
        ],
        0.8,
    )
    assert figures == {
        "texts": 6,
        "accuracy": 0.25,
        "top_3": 0.5,
        "confidence_min": 0.8,
        "coverage": 0.5,
        "accuracy_when_taken": 0.5,
        # (|0.9 - 1| + |0.85 - 0| + |0.3 - 0| + |0 - 0|) / 4, each alone in its tenth
        "calibration_error": 0.3125,
        "asking_for_nothing": 2,
        "taken_for_something": 1,
        "confused": [
            {"asked": "lamp", "guessed": "pothole", "texts": 1},
            {"asked": "pothole", "guessed": "lamp", "texts": 1},
        ],
    }


def test_of_nothing_there_is_no_share() -> None:
    figures = figures_of([], 0.8)
    assert [figures[name] for name in ("accuracy", "coverage", "calibration_error")] == [None, None, None]


def test_each_service_is_dealt_out_evenly_and_by_its_texts_alone() -> None:
    samples = [Sample(f"text {number}", "en", "lamp" if number % 2 else "hole") for number in range(20)]
    folds = fold_of(samples)
    for service in ("lamp", "hole"):
        own = [fold for fold, sample in zip(folds, samples, strict=True) if sample.service == service]
        assert sorted(own) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert fold_of(samples[::-1]) == folds[::-1]


def test_no_text_is_judged_by_a_model_that_has_learnt_it() -> None:
    """A text that stands alone in its service cannot be recognised by the others."""
    examples = "text,language,service\n" + "".join(
        f"{word} {word}x {word}y,en,{service}\n"
        for service, words in (("pothole", "abcde"), ("lamp", "fghij"), ("graffiti", "klmno"))
        for word in (letter * 5 for letter in words)
    )
    plain = "".join(
        f"- code: {code}\n  names: {{fr: {code * 2}, en: {code * 3}}}\n" for code in ("pothole", "lamp", "graffiti")
    )
    learnt = train(pack(examples=examples, services=plain)).learnt["en"]
    own = [row[learnt.services.index(one.service)] for one, row in zip(learnt.judged, learnt.scores, strict=True)]
    assert max(own) == pytest.approx(0, abs=1e-9)
    assert len(cross_judged(learnt)) == 15
