"""Is a drift called when requests go elsewhere, and not when it is chance, or too little to matter?"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.directory.drift import DIFFERENCE_MIN, HELD, REQUESTS_MIN, Share, drifts

ROADS, DESK = "roads", "desk"


def counts(held: int, roads: int, desk: int = 0) -> dict[str | None, int]:
    return {HELD: held, ROADS: roads, DESK: desk}


def test_a_release_that_holds_a_third_of_the_requests_is_called() -> None:
    found = drifts(counts(held=30, roads=970), counts(held=62, roads=138))
    assert [drift.department for drift in found] == [HELD, ROADS]
    held = found[0]
    assert (held.before, held.since) == (Share(30, 1_000), Share(62, 200))
    assert held.difference == pytest.approx(0.28)


def test_a_department_that_gets_nothing_any_more_is_called_and_so_is_who_gets_it() -> None:
    found = drifts(counts(held=10, roads=400), counts(held=3, roads=0, desk=200))
    assert {drift.department for drift in found} == {ROADS, DESK}


def test_the_same_shares_are_no_drift_however_many_requests() -> None:
    assert drifts(counts(50, 950), counts(5_000, 95_000)) == []


@pytest.mark.parametrize("requests", [0, 1, REQUESTS_MIN - 1])
def test_of_too_few_requests_nothing_is_said(requests: int) -> None:
    many, few = counts(held=0, roads=10_000), counts(held=requests, roads=0)
    assert drifts(many, few) == drifts(few, many) == []
    assert drifts(many, counts(held=REQUESTS_MIN, roads=0)) != []


def test_a_difference_that_is_certain_but_small_is_not_worth_a_look() -> None:
    assert drifts(counts(30_000, 70_000), counts(36_000, 64_000)) == []  # h is 0.13
    assert drifts(counts(0, 100_000), counts(4_900, 95_100)) == []  # under five points
    assert drifts(counts(1_000, 99_000), counts(6_100, 93_900)) != []


def test_a_large_difference_in_a_small_sample_may_be_chance() -> None:
    assert drifts(counts(10, 90), counts(18, 82)) == []
    assert drifts(counts(100, 900), counts(180, 820)) != []


def test_the_interval_is_wilsons() -> None:
    """Values of the textbook: 15 of 148 at 95 %, and a share of nothing."""
    low, high = Share(15, 148).wilson(1.959964)
    assert (round(low, 4), round(high, 4)) == (0.0624, 0.1605)
    assert Share(0, 20).wilson(1.959964)[0] == 0.0
    assert round(Share(0, 20).wilson(1.959964)[1], 4) == 0.1611


def test_by_chance_alone_hardly_ever_a_drift_is_called() -> None:
    draw = random.Random(7)
    shares = {HELD: 5, "a": 20, "b": 25, "c": 25, "d": 25}
    called = 0
    for _ in range(300):
        sides = [draw.choices(list(shares), shares.values(), k=150) for _ in range(2)]
        called += bool(drifts(*({name: side.count(name) for name in shares} for side in sides)))
    assert called <= 1


COUNTS = st.dictionaries(st.sampled_from([HELD, "a", "b", "c"]), st.integers(0, 3_000))


@given(COUNTS, COUNTS)
def test_what_is_called_passes_every_limit_and_both_directions_agree(
    before: dict[str | None, int], since: dict[str | None, int]
) -> None:
    found = drifts(before, since)
    assert all(abs(drift.difference) >= DIFFERENCE_MIN for drift in found)
    assert {drift.department for drift in found} == {drift.department for drift in drifts(since, before)}
