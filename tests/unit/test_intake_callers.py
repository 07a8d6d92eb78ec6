"""Are callers known by their keys, kept apart by their addresses, and held to their rates?"""

import json
import time
from hashlib import sha256
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import HTTPConnection

from libs.delivery.errors import Rejected
from libs.events.identity import COUNTER_SOURCE
from libs.operate.keys import KeyFile, KeyRefused
from services.intake import keys as keys_module
from services.intake.callers import Callers, Limits, RateLimited, address_of
from services.intake.keys import KeyFileWrong, Keys
from services.intake.rates import SENDERS_MAX, Buckets

PROXIES = [ip_network("10.0.0.0/8")]


def write_keys(path: Path, *secrets: str, **more: Any) -> Keys:
    entries = [
        {"name": secret, "source": "urn:a", "scopes": ["submit"], "sha256": sha256(secret.encode()).hexdigest(), **more}
        for secret in secrets
    ]
    path.write_text(json.dumps(entries))
    keys = Keys(path)
    keys.load()
    return keys


def call(address: str = "192.0.2.1", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "client": (address, 1)})


def callers(keys: Keys, **limits: Any) -> Callers:
    given = {
        "anonymous_is_allowed": True,
        "anonymous_per_second": 1.0,
        "anonymous_burst": 2,
        "key_per_second": 100.0,
        "key_burst": 100,
    }
    return Callers(keys, Limits(**given | limits))


def slug_of(action: Any) -> str:
    with pytest.raises(Rejected) as caught:
        action()
    return caught.value.slug


def test_a_key_is_known_by_its_hash(tmp_path: Path) -> None:
    known = callers(write_keys(tmp_path / "keys.json", "gk_one"))
    key = known.submitter(call(authorization="Bearer gk_one"))
    assert key is not None
    assert key.source == "urn:a"


@pytest.mark.parametrize("header", ["Bearer gk_two", "Basic gk_one", "gk_one", ""])
def test_an_unknown_key_is_not_an_anonymous_person(tmp_path: Path, header: str) -> None:
    known = callers(write_keys(tmp_path / "keys.json", "gk_one"))
    assert slug_of(lambda: known.submitter(call(authorization=header))) == "key-unknown"


def test_a_scope_that_is_missing_is_named(tmp_path: Path) -> None:
    known = callers(write_keys(tmp_path / "keys.json", "gk_one"))
    headers = call(authorization="Bearer gk_one").headers
    assert slug_of(lambda: known.key_for(headers, "progress")) == "scope-missing"
    assert slug_of(lambda: known.key_for(call().headers, "read")) == "key-required"


def test_people_without_a_key_can_be_kept_out() -> None:
    known = callers(Keys(None), anonymous_is_allowed=False)
    assert slug_of(lambda: known.submitter(call())) == "key-required"


def test_one_address_is_held_to_its_rate_and_others_are_not() -> None:
    known = callers(Keys(None), anonymous_per_second=0.001)
    assert known.submitter(call()) is None
    assert known.submitter(call()) is None
    with pytest.raises(RateLimited) as caught:
        known.submitter(call())
    assert 0 < caught.value.retry_after_seconds <= 1000
    assert known.submitter(call("192.0.2.2")) is None


def test_a_key_may_have_a_rate_of_its_own(tmp_path: Path) -> None:
    known = callers(write_keys(tmp_path / "keys.json", "gk_one", requests_per_second=0.001, burst=1))
    known.submitter(call(authorization="Bearer gk_one"))
    assert slug_of(lambda: known.submitter(call(authorization="Bearer gk_one"))) == "rate-limited"


def test_a_changed_key_file_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "LOOK_AGAIN_SECONDS", 0.0)
    keys = write_keys(tmp_path / "keys.json", "gk_one")
    write_keys(tmp_path / "keys.json", "gk_one", "gk_two")
    assert keys.find("gk_two") is not None
    (tmp_path / "keys.json").write_text("[]")
    assert keys.find("gk_one") is None


def test_a_damaged_key_file_keeps_the_keys_in_force_and_shows_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys_module, "LOOK_AGAIN_SECONDS", 0.0)
    keys = write_keys(tmp_path / "keys.json", "gk_one")
    (tmp_path / "keys.json").write_text('[{"name": "x", "sha256": "topsecret"}]')
    assert keys.find("gk_one") is not None
    with pytest.raises(KeyFileWrong) as caught:
        keys.load()
    assert "topsecret" not in str(caught.value)


def test_no_key_may_speak_for_the_counter(tmp_path: Path) -> None:
    with pytest.raises(KeyFileWrong, match="intake's own"):
        write_keys(tmp_path / "keys.json", "gk_one", source=COUNTER_SOURCE)


def test_a_key_file_that_appears_later_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_module, "LOOK_AGAIN_SECONDS", 0.0)
    keys = Keys(tmp_path / "keys.json")
    keys.load()
    assert keys.find("gk_one") is None
    write_keys(tmp_path / "keys.json", "gk_one")
    assert keys.find("gk_one") is not None


def test_forwarded_addresses_are_believed_from_our_proxies_only() -> None:
    assert address_of(call("192.0.2.1", x_forwarded_for="198.51.100.7"), ()) == "192.0.2.1"
    assert address_of(call("192.0.2.1", x_forwarded_for="198.51.100.7"), PROXIES) == "192.0.2.1"
    assert address_of(call("10.0.0.1", x_forwarded_for="1.1.1.1, 198.51.100.7"), PROXIES) == "198.51.100.7"
    assert address_of(call("10.0.0.1", x_forwarded_for="198.51.100.7, 10.0.0.2"), PROXIES) == "198.51.100.7"
    assert address_of(call("10.0.0.1"), PROXIES) == "10.0.0.1"
    assert address_of(call("10.0.0.1", x_forwarded_for="no address"), PROXIES) == "unknown"


def test_an_ipv6_subscriber_is_one_sender() -> None:
    assert address_of(call("2001:db8:1:2::a"), ()) == address_of(call("2001:db8:1:2:ffff::b"), ())
    assert address_of(call("2001:db8:1:3::a"), ()) != address_of(call("2001:db8:1:2::a"), ())
    assert address_of(call("::ffff:192.0.2.1"), ()) == "192.0.2.1"


@given(st.floats(0.1, 1000), st.integers(1, 50), st.lists(st.floats(0, 5), max_size=60))
def test_no_bucket_ever_gives_more_than_its_burst_and_its_rate(rate: float, burst: int, pauses: list[float]) -> None:
    buckets, now, taken = Buckets(), 100.0, 0
    for pause in pauses:
        now += pause
        taken += buckets.take("one", rate, burst, now) == 0
    assert taken <= burst + (now - 100.0) * rate + 1e-6


def test_after_waiting_as_told_there_is_a_token() -> None:
    buckets = Buckets()
    assert buckets.take("one", 2.0, 1, 100.0) == 0
    wait_seconds = buckets.take("one", 2.0, 1, 100.1)
    assert wait_seconds == pytest.approx(0.4)
    assert buckets.take("one", 2.0, 1, 100.1 + wait_seconds) == 0


def test_the_memory_of_senders_is_bounded() -> None:
    buckets, now = Buckets(), time.monotonic()
    for number in range(SENDERS_MAX + 10):
        buckets.take(str(number), 1.0, 1, now)
    assert len(buckets._full_at) == SENDERS_MAX


ODD = [
    {},
    {"source": COUNTER_SOURCE},
    {"source": ""},
    {"source": "no uri"},
    {"source": "urn:x\x00y"},
    {"name": ""},
    {"name": "n" * 201},
    {"name": "a\x00b"},
    {"scopes": []},
    {"scopes": ["all"]},
    {"territories": [""]},
    {"territories": ["c" * 101]},
    {"territories": ["a\x00b"]},
]


@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_key_is_made_that_keeps_intake_from_starting(tmp_path: Path, odd: dict[str, Any]) -> None:
    file = tmp_path / "keys.json"
    asked = {"name": "y", "source": "urn:example:y", "scopes": ["submit"], "territories": ["val-de-brume"], **odd}
    try:
        KeyFile(file).add(**asked)
    except KeyRefused:
        assert odd
        assert not file.exists()
    else:
        assert not odd
        Keys(file).load()


def test_a_key_that_intake_cannot_read_is_named_with_the_command_that_takes_it_out(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    KeyFile(file).add("first", "urn:example:first", ["submit"])
    KeyFile(file).add("my lamp", "urn:example:y", ["submit"])
    file.write_text(file.read_text().replace("urn:example:y", COUNTER_SOURCE))
    with pytest.raises(KeyFileWrong, match=r"the key of my lamp \(source\): .*`guichet keys revoke 'my lamp'`"):
        Keys(file).load()
    KeyFile(file).revoke("my lamp")
    Keys(file).load()
