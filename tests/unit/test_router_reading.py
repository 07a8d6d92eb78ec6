"""Does the router decide by what was read, without the text, and make the same bytes every time?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.directory import Release
from libs.events.cloudevents import encode
from libs.events.models import RequestHeld, RequestRouted
from tests.unit.directory_texts import taught
from tests.unit.router_requests import accepted_event, refused_event
from tests.unit.test_router_rules import routed_by

TAUGHT = taught()
COPY = Release.from_bytes(TAUGHT.to_bytes())
CODES = st.sampled_from(["pothole", "lamp", "graffiti"])
READINGS = st.fixed_dictionaries(
    {
        "release": st.just(TAUGHT.version),
        "urgent": st.none() | CODES,
        "guesses": st.lists(
            st.fixed_dictionaries({"service": CODES, "confidence": st.integers(0, 10_000).map(lambda n: n / 10_000)}),
            max_size=3,
        ),
    }
)


def read_as(confidence: float, urgent: str | None = None) -> dict[str, object]:
    return {
        "release": TAUGHT.version,
        "urgent": urgent,
        "guesses": [{"service": "pothole", "confidence": confidence}, {"service": "lamp", "confidence": 0.1}],
    }


def test_a_certain_guess_is_routed_and_named_as_the_service() -> None:
    data = routed_by(TAUGHT, accepted_event(TAUGHT, service=None, reading=read_as(0.9))).data
    assert isinstance(data, RequestRouted)
    assert (data.service, data.decision.confidence) == ("pothole", 0.9)
    assert "classified" in [reason.code for reason in data.decision.reasons]


def test_an_uncertain_one_is_held_with_the_candidates_for_the_desk() -> None:
    data = routed_by(TAUGHT, accepted_event(TAUGHT, service=None, reading=read_as(0.5))).data
    assert isinstance(data, RequestHeld)
    assert (data.service, data.decision.outcome, data.decision.confidence) == (None, "unclear", 0.5)
    reason = data.decision.reasons[-1]
    assert reason.code == "classifier-abstained"
    assert reason.details["candidates"] == read_as(0.5)["guesses"]


def test_danger_is_flagged_and_survives_a_refusal() -> None:
    first = routed_by(TAUGHT, accepted_event(TAUGHT, reading=read_as(0.5, "lamp"))).data
    again = routed_by(TAUGHT, refused_event(TAUGHT, ["metro-voirie"], reading=read_as(0.5, "lamp"))).data
    assert isinstance(first, RequestRouted)
    assert isinstance(again, RequestHeld)
    assert first.decision.urgent == again.decision.urgent == "lamp"
    assert first.decision.safety == again.decision.safety != {}


@settings(max_examples=100, deadline=None)
@given(READINGS, st.none() | CODES, st.sampled_from(["T01", "T02", "X99"]))
def test_the_same_reading_and_release_make_the_same_bytes(
    reading: dict[str, object], service: str | None, municipality: str
) -> None:
    event = accepted_event(TAUGHT, service=service, reading=reading, place={"municipality_code": municipality})
    here, there = encode(routed_by(TAUGHT, event)), encode(routed_by(COPY, event))
    assert (here.key, here.value, here.headers) == (there.key, there.value, there.headers)


@pytest.mark.parametrize("reading", [None, {"release": "small@old", "urgent": "gone", "guesses": []}])
def test_a_reading_that_says_nothing_leaves_the_service_missing(reading: dict[str, object] | None) -> None:
    data = routed_by(TAUGHT, accepted_event(TAUGHT, service=None, reading=reading)).data
    assert isinstance(data, RequestHeld)
    assert data.decision.reasons[-1].code == "service-missing"
