"""Does each service get from the map of topics exactly the rights that it needs?"""

from dataclasses import replace

import pytest

from libs.events.topics import (
    AUDIT_CHECKPOINTS,
    DIRECTORY_PUBLISHED,
    REQUESTS_ACCEPTED,
    REQUESTS_INBOUND,
    REQUESTS_ROUTED,
    SERVICES,
    TOPICS,
    dead_topic,
)
from libs.operate.containers.kafka_grants import OPERATOR, USERS, Grant, grants


def topics_of(user: str, operation: str) -> set[str]:
    return {
        grant.name for grant in grants() if grant.user == user and (grant.operation, grant.kind) == (operation, "TOPIC")
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_and_reads_what_the_map_says_and_no_more(service: str) -> None:
    assert topics_of(service, "WRITE") == {name for name, topic in TOPICS.items() if topic.writer == service}
    also = {
        "intake": {*map(dead_topic, ("router", "intake"))},  # to tell which undecided requests they are about
        "audit": {"audit.checkpoints.v1"},  # to hold its rows against what it has signed
    }
    heard = {name for name, topic in TOPICS.items() if service in topic.readers}
    assert topics_of(service, "READ") == heard | also.get(service, set())


def test_the_router_writes_decisions_and_its_dead_letters_only() -> None:
    assert topics_of("router", "WRITE") == {REQUESTS_ROUTED, dead_topic("router")}


def test_audit_cannot_write_what_it_records() -> None:
    assert topics_of("audit", "WRITE") == {AUDIT_CHECKPOINTS, dead_topic("audit")}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_joins_its_own_group_only(service: str) -> None:
    own = [grant for grant in grants() if grant.user == service and grant.kind == "GROUP"]
    joined = [grant for grant in own if grant.operation != "DESCRIBE"]
    assert joined == [Grant(service, "READ", "GROUP", f"guichet-{service}")]


def test_intake_sees_how_far_the_router_is_and_nobody_else_sees_another_group() -> None:
    seen = {grant for grant in grants() if grant.user in SERVICES and grant.operation == "DESCRIBE"}
    assert seen == {Grant("intake", "DESCRIBE", "GROUP", "guichet-router")}


def test_an_operator_reads_all_and_cannot_sign_or_bury() -> None:
    assert topics_of(OPERATOR, "READ") == set(TOPICS)
    written = topics_of(OPERATOR, "WRITE")
    assert {REQUESTS_INBOUND, REQUESTS_ACCEPTED, DIRECTORY_PUBLISHED} <= written
    assert not written & {AUDIT_CHECKPOINTS, *map(dead_topic, SERVICES)}


def test_nobody_else_has_rights_and_none_is_given_twice() -> None:
    found = grants()
    assert {grant.user for grant in found} == set(USERS)
    assert len(found) == len(set(found))


def test_a_new_reader_in_the_map_is_a_new_right() -> None:
    accepted = TOPICS[REQUESTS_ACCEPTED]
    wider = replace(accepted, readers=(*accepted.readers, "intake"))
    assert set(grants([wider])) - set(grants([accepted])) == {
        Grant("intake", "READ", "TOPIC", REQUESTS_ACCEPTED),
        Grant("intake", "READ", "GROUP", "guichet-intake"),
        Grant(OPERATOR, "DESCRIBE", "GROUP", "guichet-intake"),
    }
