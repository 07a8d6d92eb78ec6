"""Are the right submissions taken, and are the others told why?"""

from typing import Any

import pytest

from libs.events.cloudevents import parse_data
from libs.events.envelope import InvalidEvent
from libs.events.models import RequestSubmitted
from services.intake.rules import (
    COUNTER_SOURCE,
    Admission,
    Refusal,
    admit,
    channels_of,
    identity_refusal,
    language_for,
    normalised,
    number_of,
    outcomes_of,
    refusal_of,
    repeat_refusal,
    territory_asked,
    territory_for,
)
from tests.unit.directory_packs import AT, OUTLINES, collection, outline, release_of
from tests.unit.intake_submissions import IN_THE_SEA, second_release, submitted

SMALL = release_of()
OTHER = second_release()


def judged(*, territories: tuple[Any, ...] = (SMALL,), **changes: Any) -> Admission | Refusal:
    data = normalised(submitted(**changes))
    in_force = {release.territory.code: release for release in territories}
    named = {code: release for code, release in in_force.items() if data.territory in (None, code)}
    return admit(data, outcomes_of([data], named, AT)[0], named, sorted(in_force))


def assert_refused(result: Admission | Refusal, slug: str, field: str | None) -> str:
    assert isinstance(result, Refusal)
    assert (result.slug, result.field) == (slug, field)
    return result.message


def test_a_good_submission_is_decided_by_the_release_in_force() -> None:
    result = judged()
    assert isinstance(result, Admission)
    assert result.release is SMALL
    assert result.language == "en"


def test_without_a_territory_the_place_finds_it() -> None:
    result = judged(territory=None, territories=(SMALL, OTHER))
    assert isinstance(result, Admission)
    assert result.release is SMALL


def test_the_only_territory_takes_a_place_that_it_cannot_tell() -> None:
    result = judged(territory=None, place={"address": "rue du Moulin 3"})
    assert isinstance(result, Admission)


def test_an_address_alone_does_not_choose_between_territories() -> None:
    message = assert_refused(
        judged(territory=None, place={"address": "rue du Moulin 3"}, territories=(SMALL, OTHER)),
        "unknown-territory",
        "territory",
    )
    assert "other, small" in message


def test_a_place_outside_is_refused_named_or_not() -> None:
    assert_refused(judged(place=IN_THE_SEA), "out-of-territory", "place")
    message = assert_refused(
        judged(place=IN_THE_SEA, territory=None, territories=(SMALL, OTHER)), "out-of-territory", "place"
    )
    assert "name the territory if it is in other" in message


def test_unknown_codes_are_named_with_the_remedy() -> None:
    assert "atlantis" in assert_refused(judged(territory="atlantis"), "unknown-territory", "territory")
    message = assert_refused(judged(service="teleportation"), "unknown-service", "service")
    assert "teleportation" in message
    assert "/api/v1/services?territory=small" in message


def test_a_request_may_leave_out_the_service() -> None:
    assert isinstance(judged(service=None), Admission)


def test_answers_are_held_against_the_services_questions_without_repeating_them() -> None:
    assert isinstance(judged(service="graffiti", answers={"height_m": 3.5}), Admission)
    message = assert_refused(
        judged(service="graffiti", answers={"height_m": "secret"}), "invalid-field", "answers.height_m"
    )
    assert "secret" not in message
    assert '"number"' in message


def test_a_missing_answer_is_named() -> None:
    services = "- code: lamp\n  names: {fr: Lampe, en: Lamp}\n  target: {hours: 48}\n"
    services += "  questions: {type: object, required: [pole], properties: {pole: {type: string}}}\n"
    competences = "id,service,where,condition,decides,acts,priority,valid_from,valid_to,basis\n"
    release = release_of(services=services, competences=competences + "L1,lamp,*,,@municipality,@decides:voirie,0,,,\n")
    message = assert_refused(judged(service="lamp", territories=(release,)), "invalid-field", "answers")
    assert "pole" in message


@pytest.mark.parametrize(
    ("asked", "spoken", "given"),
    [("en", ("fr", "en"), "en"), ("en-GB", ("fr", "en"), "en"), ("de", ("fr", "en"), "fr"), (None, ("sv",), "sv")],
)
def test_the_language_is_one_that_the_territory_speaks(asked: str | None, spoken: tuple[str, ...], given: str) -> None:
    assert language_for(asked, spoken) == given


def test_blank_edges_and_empty_fields_are_taken_away() -> None:
    tidy = normalised(submitted(service=" pothole ", description="\r\n a\r\nb ", contact={"name": " ", "phone": ""}))
    assert (tidy.service, tidy.description, tidy.contact) == ("pothole", "a\nb", None)


def test_what_is_tidy_already_is_not_copied() -> None:
    data = submitted()
    assert normalised(data) is data


def test_channels_say_what_is_inside_the_sealed_contact() -> None:
    data = submitted(contact={"name": "A", "email": "a@citizen.example", "phone": "0556"})
    assert channels_of(data.contact) == ["email", "phone"]
    assert channels_of(None) == []


def test_the_counters_own_source_cannot_be_claimed_over_kafka() -> None:
    refusal = identity_refusal(COUNTER_SOURCE, "1", "kafka")
    assert refusal is not None
    assert refusal.slug == "source-reserved"
    assert identity_refusal(COUNTER_SOURCE, "1", "counter") is None


@pytest.mark.parametrize("number", ["x" * 201, "a\x00b", "line\nbreak"])
def test_a_number_that_cannot_be_kept_is_refused(number: str) -> None:
    refusal = identity_refusal("urn:test:machine", number, "kafka")
    assert refusal is not None
    assert refusal.field == "source_id"


def test_the_senders_number_goes_before_the_header() -> None:
    assert number_of("body", "header", has_key=True) == "body"
    assert number_of(None, "header", has_key=True) == "header"
    assert number_of("", "", has_key=True) is None


def test_people_without_a_key_need_a_number_that_nobody_else_draws() -> None:
    assert number_of(None, "6f1c0f9e-long-enough", has_key=False) == "6f1c0f9e-long-enough"
    assert isinstance(number_of("mine", None, has_key=False), Refusal)
    assert isinstance(number_of(None, "1", has_key=False), Refusal)
    assert number_of(None, None, has_key=False) is None


def test_another_content_under_the_same_number_is_refused() -> None:
    assert repeat_refusal(b"same", b"same") is None
    refusal = repeat_refusal(b"same", b"else")
    assert refusal is not None
    assert refusal.slug == "idempotency-key-reused"


@pytest.mark.parametrize(
    ("body", "slug"),
    [
        (b"{", "invalid-json"),
        (b"{}", "no-place"),
        (b'{"place": {}}', "no-place"),
        (b'{"place": {"lat": 91, "lon": 0}}', "invalid-field"),
        (b'{"place": {"address": "x"}, "colour": 1}', "unknown-field"),
    ],
)
def test_each_unreadable_body_has_a_slug_of_its_own(body: bytes, slug: str) -> None:
    with pytest.raises(InvalidEvent) as caught:
        parse_data(RequestSubmitted, body)
    assert refusal_of(caught.value).slug == slug


def test_a_mere_question_may_be_about_a_place_outside() -> None:
    assert territory_asked(None, {"small": "outside", "other": "unknown"}, ["small", "other"]) == "small"
    assert isinstance(territory_asked("atlantis", {}, ["small"]), Refusal)


def test_no_outcome_is_left_without_an_answer() -> None:
    for first in ("found", "ambiguous", "outside", "unknown"):
        for second in ("found", "ambiguous", "outside", "unknown"):
            answer = territory_for(None, {"a": first, "b": second}, ["a", "b"])
            one_is_inside = (first in ("found", "ambiguous")) != (second in ("found", "ambiguous"))
            assert isinstance(answer, str) == one_is_inside


@pytest.mark.parametrize("accuracy_m", [1_999.0, 2_001.0])
def test_an_approximate_position_within_one_territory_names_it(accuracy_m: float) -> None:
    """Phones give a circle of kilometres on their owner's wish; it must not be refused for want of a territory."""
    far = [[[[x * 10, 45 + (y - 45) * 10] for x, y in ring] for ring in shape] for shape in OUTLINES["T01"]]
    release = release_of(places=collection(outline("T01", far)))
    asked = RequestSubmitted.model_validate({"place": {"lat": 45.1, "lon": 0.1, "accuracy_m": accuracy_m}})
    (outcomes,) = outcomes_of([asked], {"small": release, "other": release_of(places=None)}, AT)
    assert territory_for(None, outcomes, ["other", "small"]) == "small"
