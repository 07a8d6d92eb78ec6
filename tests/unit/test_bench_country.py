"""Is the made-up country that benchmarks route in like a real one, and can it be routed in?"""

from collections import Counter

import pytest
import shapely

from libs.directory import Question, Release, Where, decide
from libs.directory.clues import CODES_SAID_MAX
from libs.operate.bench.asking import DAY, KINDS, Asking
from libs.operate.bench.country import country
from libs.operate.bench.tessellation import rings
from services.router import rules
from services.router.route import decide_all
from tests.unit.directory_packs import release_of

SMALL = release_of()
COUNTRY = country(SMALL, 2_000, seed=5)


def test_equal_seeds_make_equal_countries() -> None:
    assert country(SMALL, 40, seed=5).version == country(SMALL, 40, seed=5).version
    assert country(SMALL, 40, seed=6).version != country(SMALL, 40, seed=5).version


def test_it_can_be_read_as_any_release_is() -> None:
    assert Release.from_bytes(COUNTRY.to_bytes()).version == COUNTRY.version
    assert len(COUNTRY.municipalities) == 2_000


def test_its_outlines_are_sound_and_share_their_borders() -> None:
    outlines = [shapely.Polygon(ring) for ring in rings(600, seed=1)]
    assert shapely.is_valid(outlines).all()
    assert shapely.coverage_is_valid(outlines)
    assert 55 <= shapely.get_num_coordinates(outlines).mean() <= 75  # those of France have 63


def test_postal_codes_and_names_are_shared_as_in_a_register() -> None:
    sizes = [len(entry.municipalities) for entry in COUNTRY.postal.values()]
    assert (min(sizes), 5 < sum(sizes) / len(sizes) < 7) == (1, True)
    names = Counter(one.names["fr"] for one in COUNTRY.municipalities.values())
    namesakes = sum(count for count in names.values() if count > 1) / 2_000
    assert 0 < namesakes < 0.2


def test_every_municipality_owns_what_is_decided_there() -> None:
    asking = Asking(COUNTRY, seed=1)
    for code in sorted(COUNTRY.municipalities)[::97]:
        decision = decide(COUNTRY, Question("lamp", Where(**asking._point(code)), DAY))
        assert decision.municipality is not None
        assert decision.municipality.code == code or decision.outcome == "ambiguous"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "text"])
def test_equal_seeds_ask_equal_questions_that_are_mostly_decided(kind: str) -> None:
    one, other = (Asking(COUNTRY, seed=9).batch(kind, 60) for _ in range(2))  # type: ignore[arg-type]
    assert one == other
    tasks = [task for event in one.events if (task := rules.task_in(event)) is not None]
    outcomes = Counter(rules.outcome_in(answer) for answer in decide_all(COUNTRY, tasks))  # type: ignore[arg-type]
    assert outcomes["routed"] >= 30


def test_a_word_with_which_hundreds_begin_is_told_by_a_few_codes_and_a_number() -> None:
    called = sorted(
        code for code, one in COUNTRY.municipalities.items() if any("Saint" in name for name in one.names.values())
    )
    decision = decide(COUNTRY, Question(service="lamp", place=Where(municipality_name="Saint"), at=DAY))
    (reason,) = (one for one in decision.reasons if one.code == "name-ambiguous")
    assert reason.details["codes"] == called[:CODES_SAID_MAX]
    assert len(reason.details["codes"]) + reason.details["more"] == len(called) > 100
