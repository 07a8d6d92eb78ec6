"""Is a demo varied, the same for the same seed, and counted right?"""

import itertools
import random
from collections import Counter
from datetime import UTC, datetime

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.directory import Release, Where, locate
from libs.events import InvalidEvent, id_at, new_request_id, parse_data, time_of
from libs.events.models import RequestSubmitted
from libs.operate.commands.explain import release_of
from libs.operate.demo.figures import Outcome, percentile
from libs.operate.demo.requests import Planned, answers_for, planned
from libs.operate.demo.screen import counters

COUNT = 600


@pytest.fixture(scope="module")
def releases() -> list[Release]:
    return [release_of("val-de-brume"), release_of("bordeaux-metropole")]


@pytest.fixture(scope="module")
def stream(releases: list[Release]) -> list[Planned]:
    return list(planned(releases, COUNT, 7, "run"))


def test_the_same_seed_makes_the_same_stream(releases: list[Release], stream: list[Planned]) -> None:
    assert list(planned(releases, COUNT, 7, "run")) == stream
    assert list(planned(releases, COUNT, 8, "run")) != stream


def test_a_stream_is_varied(stream: list[Planned]) -> None:
    assert {request.body["territory"] for request in stream} == {"val-de-brume", "bordeaux-metropole"}
    assert len({request.body.get("service") for request in stream}) > 20
    assert {request.purpose for request in stream} >= {
        "regular",
        "unclear",
        "text-only",
        "border",
        "unknown-field",
        "no-place",
    }
    with_email = sum(request.has_email for request in stream)
    assert COUNT / 4 < with_email < COUNT / 2


def test_every_request_has_a_number_of_its_own(stream: list[Planned]) -> None:
    assert len({request.body["source_id"] for request in stream}) == COUNT


def test_what_is_not_refused_on_purpose_is_well_formed(stream: list[Planned]) -> None:
    refused: Counter[str] = Counter()
    for request in stream:
        try:
            parse_data(RequestSubmitted, orjson.dumps(request.body))
        except InvalidEvent:
            refused[request.purpose] += 1
    assert set(refused) == {"unknown-field", "no-place"}


def test_regular_places_are_inside_one_municipality(releases: list[Release], stream: list[Planned]) -> None:
    by_code = {release.territory.code: release for release in releases}
    now = datetime.now(UTC)
    regular = [request.body for request in stream if request.purpose == "regular"]
    outcomes = Counter(
        locate(by_code[body["territory"]], Where(**body["place"]), now).outcome for body in regular[:200]
    )
    assert outcomes["found"] == 200


def test_answers_fit_the_questions_of_every_service(releases: list[Release]) -> None:
    draw = random.Random(1)
    for service in itertools.chain.from_iterable(release.services.values() for release in releases):
        if service.questions:
            jsonschema.Draft202012Validator(service.questions).validate(answers_for(service.questions, draw))


def test_a_request_in_flight_is_neither_routed_nor_held_nor_dead() -> None:
    routed, held, dead, waiting = (new_request_id() for _ in range(4))
    found = Outcome(planned=5, accepted=dict.fromkeys((routed, held, dead, waiting), False))
    found.refused["unknown-service"] = 1
    found.routed_at[routed] = round(time_of(routed).timestamp() * 1000) + 20
    found.held_at[held] = 1
    found.dead.add(dead)
    found.routed_at[new_request_id()] = 5  # another one's
    fields = found.fields(1.0)
    assert (fields["accepted"], fields["refused"], fields["requests"]) == (4, 1, 5)
    assert (fields["routed"], fields["held"], fields["dead"], fields["in_flight"]) == (1, 1, 1, 1)
    assert fields["accept_to_routed_ms"]["p50"] == pytest.approx(20, abs=1)
    assert fields["accept_to_notified_ms"] == {"p50": None, "p99": None}


def test_those_who_left_an_address_are_waited_for() -> None:
    told, untold, silent = (id_at(datetime.now(UTC), bytes([number])) for number in range(3))
    found = Outcome(planned=3, accepted={told: True, untold: True, silent: False}, told={told})
    assert found.untold() == 1


@given(st.lists(st.integers(0, 10_000), min_size=1), st.floats(0.01, 1))
def test_a_percentile_occurred_and_has_its_share_below_it(values: list[int], share: float) -> None:
    values.sort()
    found = percentile([float(value) for value in values], share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values)


def test_the_counters_are_one_line_that_adds_up() -> None:
    outcome = Outcome(4)
    kept = [new_request_id() for _ in range(3)]
    outcome.accepted = {kept[0]: True, kept[1]: True, kept[2]: False}
    outcome.refused["unknown-field"] += 1
    outcome.routed_at[kept[0]] = 1
    outcome.told.add(kept[0])
    assert counters(outcome) == "4 of 4 answered: 3 accepted, 1 refused; 1 decided, 2 in flight; 1 of 2 told"
