"""Is a webhook what the published contract says, under a name of its own, and does it lead back to the request?"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from libs.directory import Release
from libs.events.envelope import Event, Origin
from libs.events.models import EVENTS
from libs.events.webhooks import WEBHOOKS, webhook_type
from libs.privacy.links import ACTIONS, grant_in, link_key
from services.intake import openapi
from services.notifier.channels.links import Links
from services.notifier.channels.webhook_body import Bodies
from services.notifier.facts import LEFT_OUT, facts_for
from services.notifier.letter import Taken
from services.notifier.rules import Wanted, wanted
from tests.unit.directory_packs import TERRITORY, release_of
from tests.unit.notifier_events import decided_event, departments
from tests.unit.router_requests import assigned_event, refused_event
from tests.unit.test_router_rules import routed_by

HOOK = "https://works.town.example/hook"
KEY = link_key(b"w" * 32)
DOCUMENT = openapi.document(FastAPI(**openapi.ABOUT))
BODIES = Bodies(links=Links(public_url="https://guichet.example", key=KEY, days=30))
OPENED = {"description": b"le trou est profond", "note": b"near the school"}
README = Path("services/notifier/README.md")


def hooked(code: str) -> Release:
    return release_of(departments=departments(HOOK, code), territory=TERRITORY + "arbitration: state-roads\n")


def told() -> dict[str, tuple[Event, Release, Wanted]]:
    """An event for each kind of webhook, as the planner sees it."""
    strangers = [f"stranger-{number}" for number in range(20)]
    acting, desk, judge = hooked("metro-voirie"), hooked("metro-accueil"), hooked("state-roads")
    events = [
        (decided_event(acting), acting),
        (assigned_event(acting, "state-roads", previous="metro-voirie"), acting),
        (decided_event(desk, service=None), desk),
        (routed_by(judge, refused_event(judge, strangers)), judge),
    ]
    return {
        notice.kind: (event, release, notice)
        for event, release in events
        for notice in wanted(event, release)
        if notice.channel == "webhook"
    }


TOLD = told()


def taken(kind: str, **changes: Any) -> Taken:
    event, release, notice = TOLD[kind]
    fields: dict[str, Any] = {
        "notice_id": event.id,
        "event_id": event.id,
        "request_id": UUID(event.subject),
        "audience": notice.audience,
        "kind": notice.kind,
        "channel": "webhook",
        "recipient": "f" * 64,
        "language": notice.language,
        "destination": HOOK,
        "address": HOOK,
        "sealed": {},
        "facts": facts_for(event, release, notice),
        "directory_version": release.version,
        "attempts": 1,
        "sender": event.id,
        "gone_reason": None,
    }
    return Taken(**(fields | changes))


def delivery(kind: str, **changes: Any) -> Any:
    opened = OPENED if kind == "new_request" else {}
    return orjson.loads(BODIES.of(taken(kind, **changes), opened))


def schema_of(kind: str) -> dict[str, Any]:
    body = DOCUMENT["webhooks"][kind]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return {**body, "components": DOCUMENT["components"]}


def test_there_is_a_webhook_of_each_kind_and_the_contract_names_no_other() -> None:
    assert set(TOLD) == set(WEBHOOKS) == set(DOCUMENT["webhooks"])


@pytest.mark.parametrize("kind", WEBHOOKS)
@pytest.mark.parametrize("origin", [None, Origin("urn:town:app", "2026-17")])
def test_a_delivery_is_what_its_published_schema_says(kind: str, origin: Origin | None) -> None:
    body = delivery(kind, origin=origin)
    assert list(Draft202012Validator(schema_of(kind)).iter_errors(body)) == []
    assert body["data"].get("origin") == (origin._asdict() if origin else None)
    assert set(unknown(body, schema_of(kind), DOCUMENT["components"]["schemas"])) == set()


def unknown(value: Any, schema: Mapping[str, Any], known: Mapping[str, Any], path: str = "") -> list[str]:
    """Fields that are sent and that the schema does not mention."""
    if "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    if "anyOf" in schema:
        schema = next((one for one in schema["anyOf"] if one.get("type") != "null"), schema)
        return unknown(value, schema, known, path) if "anyOf" not in schema else []
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    found = [f"{path}.{name}" for name in value if name not in schema["properties"]]
    for name, part in value.items():
        found += unknown(part, schema["properties"].get(name, {}), known, f"{path}.{name}")
    return found


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_a_webhook_is_called_by_no_events_name(kind: str) -> None:
    name = delivery(kind)["type"]
    assert name == webhook_type(kind)
    assert name not in EVENTS
    assert schema_of(kind)["components"]["schemas"][WEBHOOKS[kind].__name__]["properties"]["type"]["const"] == name  # type: ignore[index]
    assert f"`{name}`" in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", WEBHOOKS)
def test_receivers_find_every_field_where_it_was_before_webhooks_had_their_own_names(kind: str) -> None:
    event = TOLD[kind][0]
    before = orjson.loads(event.data.model_dump_json(exclude=LEFT_OUT, exclude_none=True))
    data = delivery(kind)["data"]
    assert {name: data[name] for name in before} == before
    assert not {"contact", "accepted"} & data.keys()


def test_a_receiver_that_knows_the_old_names_can_be_spared_the_new_ones() -> None:
    bodies = Bodies(links=BODIES.links, names="event")
    assert orjson.loads(bodies.of(taken("new_request"), {}))["type"] == "guichet.RequestRouted.v1"


def test_a_new_request_leads_to_the_request_to_progress_and_to_a_page_that_answers() -> None:
    event = TOLD["new_request"][0]
    links = delivery("new_request")["data"]["links"]
    assert links["request"] == f"https://guichet.example/api/v1/requests/{event.subject}"
    assert links["progress"] == links["request"] + "/progress"
    token = re.fullmatch(r"https://guichet\.example/d/(.+)", links["answer"])
    assert token is not None
    grant = grant_in(KEY, token[1])
    assert (str(grant.request_id), grant.department, grant.actions) == (
        event.subject,
        "metro-voirie",
        frozenset(ACTIONS),
    )
    assert grant.until - event.time == timedelta(days=30)


def test_a_desk_is_led_to_the_console_and_a_former_owner_to_no_progress() -> None:
    assert delivery("to_decide")["data"]["links"]["console"].startswith("https://guichet.example/triage/")
    assert set(delivery("no_longer_yours")["data"]["links"]) == {"request"}


def test_the_contract_tells_how_to_check_a_signature_and_what_each_answer_means() -> None:
    for kind, item in DOCUMENT["webhooks"].items():
        operation = item["post"]
        names = {one["name"] for one in operation["parameters"]}
        assert names == {"webhook-id", "webhook-timestamp", "webhook-signature"}
        assert {"2XX", "410", "default"} == set(operation["responses"])
        assert webhook_type(kind) in operation["description"]


def test_every_attempt_has_the_same_bytes() -> None:
    first, later = (BODIES.of(taken("new_request", attempts=attempts), OPENED) for attempts in (1, 7))
    assert first == later
    assert datetime.fromisoformat(orjson.loads(first)["timestamp"]) == TOLD["new_request"][0].time
