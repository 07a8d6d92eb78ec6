"""How does a decision become a record for Kafka, many thousand times a second?

The plain case, a rule that names an owner, is put together from bytes that were written before; everything else goes
through the checked model of its event. Both make the same bytes with the same id (tests/unit/test_router_announce.py).
"""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Any, TypeVar

import orjson

from libs.delivery.errors import Rejected
from libs.delivery.messages import OutgoingRecord
from libs.delivery.publisher import outgoing
from libs.directory import Decision, Release, decide_many
from libs.events.cloudevents import record_of
from libs.events.envelope import Envelope
from libs.events.fields import CANDIDATES_MAX, REASONS_MAX, SENTENCE_CHARACTERS_MAX
from libs.events.identity import event_id, origin_of
from libs.events.models import RequestAccepted, RequestRouted
from libs.events.topics import topic_of
from libs.value import value
from services.router import rules
from services.router.rules import Task

TOPIC = topic_of(RequestRouted.TYPE).name
# A municipality's names stand in a record three times or more: in one of fewer bytes none is longer than readers take.
# What a rule and a service bring (basis, advice, reasons) is looked at when they first decide.
CERTAIN_BYTES_MAX = 3 * SENTENCE_CHARACTERS_MAX
# What the announcement copies of the request, in the order in which the event declares it.
BEFORE = ("request_id", "reference", "territory", "language")
AFTER = ("place", "contact", "description", "contact_channels", "answers")
COPIED = {*BEFORE, *AFTER}

Answer = TypeVar("Answer")
Make = Callable[[Release, Task, Decision], Answer]


@value
class Announced:
    """What goes to Kafka, and what was decided, for whoever counts."""

    outcome: str
    record: OutgoingRecord


def announce_all(release: Release, tasks: Sequence[Task]) -> list[Announced | Rejected]:
    """One record for each task, in order."""
    return answer_all(release, tasks, announced)


def answer_all(release: Release, tasks: Sequence[Task], make: Make[Answer]) -> list[Answer | Rejected]:
    """What is made of each decision, in order; a refusal concerns only its own task."""
    strangers = [rules.stranger(release, task) for task in tasks]
    welcome = [task for task, stranger in zip(tasks, strangers, strict=True) if stranger is None]
    decisions = iter(decide_many(release, [rules.question_in(task) for task in welcome]))
    return [
        make(release, task, next(decisions)) if stranger is None else Rejected(stranger, slug="wrong-release")
        for task, stranger in zip(tasks, strangers, strict=True)
    ]


def announced(release: Release, task: Task, decision: Decision) -> Announced:
    """The record of a decision."""
    make = _plainly if _is_plain(release, task, decision) else _checked
    return make(release, task, decision)


def _is_plain(release: Release, task: Task, decision: Decision) -> bool:
    """A rule has named an owner, no person has had a say, and the lists are no longer than readers take."""
    is_decided_by_rules = decision.outcome == "routed" and task.assigned_to is None and not task.is_for_a_person
    fits = len(decision.reasons) <= REASONS_MAX and len(decision.candidates) <= CANDIDATES_MAX
    return is_decided_by_rules and task.hops <= release.territory.hops_max and fits


def _is_first(release: Release, decision: Decision) -> bool:
    """Whether this rule has not yet been seen to make records that readers take."""
    key = ("checked", decision.service, decision.rule)
    if key in release.memory:
        return False
    release.memory[key] = True
    return True


def _checked(release: Release, task: Task, decision: Decision) -> Announced:
    event = rules.answer(release, task, decision)
    return Announced(rules.outcome_in(event), outgoing(event))


def _plainly(release: Release, task: Task, decision: Decision) -> Announced:
    declared, canonical = decision.written()
    if len(declared) > CERTAIN_BYTES_MAX or _is_first(release, decision):
        return _checked(release, task, decision)
    copied = _copied(task.accepted)
    body = _filled(copied, task, decision, declared)
    content = body | {"decision": orjson.Fragment(canonical)}
    cause = task.cause
    envelope = Envelope(
        id=event_id(
            task.accepted.request_id,
            RequestRouted.TYPE,
            cause.id,
            orjson.dumps(content, option=orjson.OPT_SORT_KEYS),
        ),
        type=RequestRouted.TYPE,
        source=rules.SOURCE,
        subject=copied["request_id"],
        time=cause.time.astimezone(UTC),
        causation_id=cause.id,
        directory_version=release.version,
        traceparent=cause.traceparent,
        replay_id=cause.replay_id,
        replay_depth=cause.replay_depth,
        origin=origin_of(task.accepted.source, task.accepted.source_id),
    )
    encoded = record_of(envelope, orjson.dumps(body))
    return Announced(decision.outcome, OutgoingRecord(TOPIC, encoded.key, encoded.value, encoded.headers))


def _copied(accepted: RequestAccepted) -> dict[str, Any]:
    """As plain values, without what is absent."""
    text = accepted.__pydantic_serializer__.to_json(accepted, include=COPIED, exclude_none=True)
    values: dict[str, Any] = orjson.loads(text)
    return values


def _filled(copied: dict[str, Any], task: Task, decision: Decision, record: bytes) -> dict[str, Any]:
    """The data of the event. `orjson` keeps the order of a dict and puts the record in as it is."""
    data = {name: copied[name] for name in BEFORE}
    data["decision"] = orjson.Fragment(record)
    data["hops"] = task.hops
    for name in AFTER:
        if name in copied:
            data[name] = copied[name]
    data["service"] = decision.service
    return data
