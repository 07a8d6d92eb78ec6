"""Can a script rely on what a command answers, and on its exit code?"""

import json
import time

import httpx2
import pytest

from libs.delivery.positions import next_to_read
from libs.operate.cli import main
from libs.operate.commands.status import drift_said, trouble_said
from libs.operate.conservation import sums_of
from libs.operate.doors import REFUSED, Refused, _refusal
from libs.operate.output import AWAY, WRONG_USE, Away, answer
from libs.operate.services_now import drifts, gaps, shown, troubles, work_left

OWNER_FIELDS = {
    "outcome",
    "municipality",
    "authority",
    "department",
    "due",
    "release",
    "service",
    "confidence",
    "urgent",
    "safety",
    "reasons",
    "candidates",
    "sentence",
}


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    code = ended.value.code
    return code if isinstance(code, int) else 0


@pytest.fixture
def no_system(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    """An empty home, and nothing in the environment that names a system."""
    for name in ("GUICHET_KAFKA_BOOTSTRAP", "GUICHET_INTAKE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path))


@pytest.mark.usefixtures("no_system")
@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("topics",),
        ("demo",),
        ("explain", "--lat", "1", "--lon", "2"),
        ("audit", "verify"),
        ("triage", "corrections"),
    ],
)
def test_a_command_without_a_system_ends_with_3(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(*command, "--json") == AWAY
    said = capsys.readouterr()
    assert said.out == ""
    assert "guichet up" in said.err


def test_an_unknown_option_ends_with_2() -> None:
    assert code_of("status", "--colour") == WRONG_USE


def test_with_json_one_object_is_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    answer({"ok": True, "name": "Mérignac"}, True, lambda: pytest.fail("a script sees no table"))
    said = capsys.readouterr()
    assert json.loads(said.out) == {"ok": True, "name": "Mérignac"}
    assert said.err == ""


def test_explaining_by_a_pack_has_all_fields_and_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    code = code_of("explain", "--pack", "val-de-brume", "--municipality-code", "nowhere", "--json")
    found = json.loads(capsys.readouterr().out)
    assert set(found) == OWNER_FIELDS
    assert found["outcome"] != "routed"
    assert code == 1


def test_the_balance_is_what_intake_says_and_unknown_while_it_is_silent() -> None:
    said = {"accepted": 10, "routed": 5, "held": 1, "dead": 1, "in_flight": 3, "balance": 0}
    assert sums_of({"conservation": said}) == said
    assert sums_of(None) == sums_of({}) == dict.fromkeys(said)


def test_a_gap_is_told_once_with_its_offsets() -> None:
    gap = {"topic": "requests.accepted.v1", "partition": 3, "first": 10, "after": 17}
    ((service, found),) = gaps({"router": {"skipped": [gap]}, "audit": None})
    assert (found.records, found.sentence(service)) == (
        7,
        "records of topic requests.accepted.v1 partition 3 offsets 10-16 were deleted or expired before group "
        "guichet-router read them",
    )


@pytest.mark.parametrize(
    ("committed", "next_one"),
    [(None, 5), (3, 5), (7, 7), (10, 10), (11, 5)],
    ids=["nothing read yet", "it is gone", "it is there", "all is read", "of a topic that is no more"],
)
def test_a_group_goes_on_where_it_can_still_read(committed: int | None, next_one: int) -> None:
    assert next_to_read(committed, first=5, end=10) == next_one


def test_a_silent_service_is_shown_as_not_ready() -> None:
    assert shown(None)["ready"] is False
    assert set(shown(None)) == {"ready", "lag", "dead", "parked", "outbox_rows", "outbox_age_seconds"}


def test_the_lag_of_a_service_is_the_sum_over_its_topics() -> None:
    assert shown({"ready": True, "lag": {"a": 2, "b": 3}})["lag"] == 5


def test_a_lag_that_a_service_does_not_know_yet_is_not_shown_as_none_left() -> None:
    just_started = {"ready": True, "lag": {"a": 2, "b": None}, "outbox_rows": 0, "counts": {}}
    assert shown(just_started)["lag"] is None
    assert work_left(just_started) > 0
    assert work_left(None) > 0
    assert work_left(just_started | {"lag": {"a": 0, "b": 0}}) == 0


def problem(status: int, content: bytes) -> httpx2.Response:
    return httpx2.Response(status, content=content, request=httpx2.Request("GET", "http://127.0.0.1/api/v1/owner"))


def test_what_a_service_refuses_is_said_in_its_words() -> None:
    found = _refusal(problem(REFUSED, b'{"type": "urn:guichet:problem:no-place", "detail": "say where"}'))
    assert isinstance(found, Refused)
    assert (found.slug, str(found), found.exit_code) == ("no-place", "say where", WRONG_USE)


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"detail": 5}'])
def test_an_answer_that_is_no_problem_document_is_shown_as_it_is(content: bytes) -> None:
    assert isinstance(_refusal(problem(400, content)), Refused)


def test_a_service_that_breaks_is_away() -> None:
    assert isinstance(_refusal(problem(503, b"{}")), Away)


def test_a_drift_is_told_with_both_shares_and_a_remedy() -> None:
    drift = {
        "kind": "drift",
        "territory": "small",
        "release": "small@1",
        "in_force_since": "2026-11-23T10:00:00+00:00",
        "department": None,
        "before": {"requests": 30, "of": 1_000, "share": 0.03},
        "since": {"requests": 62, "of": 200, "share": 0.31},
    }
    (found,) = drifts({"alarms": [drift, {"kind": "another"}]})
    assert set(found) == set(drift) - {"kind"}
    assert drift_said(found) == (
        "31.0% (62 of 200) of the requests of small are held for a person since small@1 is in force "
        "(2026-11-23T10:00); it was 3.0% (30 of 1,000) in the four weeks before. "
        "If nobody meant that, publish the release of before again."
    )
    assert "given to metro-voirie" in drift_said(found | {"department": "metro-voirie"})
    assert drifts(None) == drifts({}) == []


def test_a_relay_that_refuses_us_is_told_with_its_words_and_a_remedy() -> None:
    alarm = {"kind": "relay-away", "reason": "smtp 535 5.7.8", "since": "2026-11-23T10:00:00+00:00", "failures": 4}
    (found,) = troubles({"notifier": {"alarms": [alarm]}, "intake": None})
    assert trouble_said(found) == (
        "The mail relay takes nothing since 2026-11-23T10:00:00+00:00; 4 tries in a row ended with “smtp 535 5.7.8”. "
        "No letter is given up for it. Is it up, does it know our password and address (NOTIFIER_SMTP_*, "
        "NOTIFIER_MAIL_FROM), is a quota used up?"
    )


@pytest.mark.usefixtures("no_system")
def test_a_status_that_is_watched_goes_on_while_nothing_answers_and_ends_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = []

    def pause(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", pause)
    assert code_of("status", "--watch", "2") == 0
    assert looks == [2.0, 2.0, 2.0]
    assert capsys.readouterr().err.count("No system runs in") == 3
