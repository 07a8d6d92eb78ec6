"""Does it matter for an answer whether a shape was prepared, or whether what is asked was asked before?"""

import numpy as np
import pytest
import shapely

from libs.directory import areas, decide_many
from libs.directory.areas import Hit, Points, make_areas
from libs.directory.plane import Plane
from libs.operate.bench.asking import Asking
from libs.operate.bench.country import country
from libs.operate.bench.tessellation import rings
from services.router import rules
from tests.unit.directory_packs import release_of

DAY = 739_000
COUNT = 60


def hits_with(prepared_from: int, monkeypatch: pytest.MonkeyPatch) -> list[list[Hit]]:
    """Of points all over, some of them corners and middles of borders."""
    monkeypatch.setattr(areas, "PREPARED_VERTICES_MIN", prepared_from)
    outlines = np.array([shapely.Polygon(ring) for ring in rings(COUNT, seed=4)], dtype=object)
    plane = Plane.around(*shapely.total_bounds(outlines).tolist())
    index = make_areas(outlines, [0.0] * COUNT, [f"{n:03d}" for n in range(COUNT)], [range(1, 10**6)] * COUNT, plane)
    corners = shapely.get_coordinates(plane.project(outlines))[::5]
    draw = np.random.default_rng(8)
    low, high = corners.min(axis=0) - 200, corners.max(axis=0) + 200
    places = np.concatenate([draw.uniform(low, high, (2_000, 2)), corners, corners + draw.normal(0, 40, corners.shape)])
    points = Points(places[:, 0], places[:, 1], np.full(len(places), DAY))
    return index.around(points, draw.choice([0.0, 50.0, 900.0], len(places)), from_inside=True)


def test_a_shape_answers_the_same_whether_it_was_prepared_or_not(monkeypatch: pytest.MonkeyPatch) -> None:
    prepared, bare = hits_with(0, monkeypatch), hits_with(10**6, monkeypatch)
    assert prepared == bare
    assert {len(hits) for hits in bare} >= {0, 1, 2, 3}


@pytest.mark.parametrize("kind", ["code_point", "postal_name", "name_typo"])
def test_what_is_remembered_is_what_would_be_worked_out(kind: str) -> None:
    """In a territory of many, asked in one order, in the other, and each alone by a release that knows nothing yet."""
    release, other = (country(release_of(), 300, seed=2) for _ in range(2))
    events = Asking(release, seed=1).batch(kind, 200).events  # type: ignore[arg-type]
    questions = [rules.question_in(task) for event in events if (task := rules.task_in(event)) is not None]
    forwards = decide_many(release, questions)
    backwards = decide_many(other, questions[::-1])[::-1]
    assert [one.as_dict() for one in forwards] == [one.as_dict() for one in backwards]
    for question, decision in list(zip(questions, forwards, strict=True))[:20]:
        other.memory.clear()
        other.sentences.clear()
        assert decide_many(other, [question])[0].as_dict() == decision.as_dict()
