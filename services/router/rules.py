"""What is asked of the directory, and what does its answer make of a request? Pure functions of event and release."""

from typing import Any

from libs.directory import Decision, Question, Release, question_of
from libs.events import models
from libs.events.envelope import Event, EventData
from libs.events.identity import make_event, origin_of, source_of
from libs.events.models import RequestAccepted, RequestAssigned, RequestHeld, RequestRefused, RequestRouted
from libs.value import unique
from services.router import persons

SOURCE = source_of("router")


@unique
class Task:
    """One request that needs an owner. `refusers` are the departments that said “not ours”, `hops` how often.

    `assigned_to` is the department that a person chose, `note` what that person tells it. `is_for_a_person`: whom a
    person chose has refused, so that no rule is asked to choose another.
    """

    cause: Event
    accepted: RequestAccepted
    refusers: tuple[str, ...] = ()
    hops: int = 0
    assigned_to: str | None = None
    note: str | None = None
    is_for_a_person: bool = False


def task_in(event: Event) -> Task | None:
    """What the event asks of the router; None when it asks nothing."""
    if isinstance(event.data, RequestAccepted):
        return Task(event, event.data)
    if isinstance(event.data, RequestRefused):
        data = event.data
        is_for_a_person = bool(data.was_assigned)
        return Task(event, data.accepted, tuple(data.refusers), data.hops, is_for_a_person=is_for_a_person)
    if isinstance(event.data, RequestAssigned):
        chosen = event.data
        return Task(event, chosen.accepted, tuple(chosen.refusers), chosen.hops, chosen.department, chosen.note)
    return None


def stranger(release: Release, task: Task) -> str | None:
    """Why this release must not decide this request: it is another territory's, or lacks whom a person chose."""
    if release.territory.code != task.accepted.territory:
        return f"release {release.version} is not of territory {task.accepted.territory}; stamp one that is"
    if task.assigned_to is not None and task.assigned_to not in release.departments:
        return f"release {release.version} has no department {task.assigned_to}; stamp the one it was chosen from"
    return None


def question_in(task: Task) -> Question:
    """The same that `guichet directory what-if` asks a release which is not published yet."""
    return question_of(task.accepted, task.refusers)


def answer(release: Release, task: Task, decision: Decision) -> Event:
    """The event that announces the decision. Its time is the time of the event that asked, not of the answering."""
    return make_event(
        _outcome(release, task, decision),
        source=SOURCE,
        of=task.accepted.request_id,
        time=task.cause.time,
        causation_id=task.cause.id,
        directory_version=release.version,
        traceparent=task.cause.traceparent,
        replay_id=task.cause.replay_id,
        replay_depth=task.cause.replay_depth,
        origin=origin_of(task.accepted.source, task.accepted.source_id),
    )


def outcome_in(event: Event) -> str:
    """What was decided, for whoever counts."""
    assert isinstance(event.data, RequestRouted | RequestHeld)
    return event.data.decision.outcome


def _outcome(release: Release, task: Task, decision: Decision) -> EventData:
    record = decision.as_dict()
    if task.assigned_to is not None:
        record = persons.chosen(release, record, task.assigned_to, task.accepted)
    elif task.hops > release.territory.hops_max:
        record = persons.too_often(release, record, task.hops, task.refusers)
    elif task.is_for_a_person:
        record = persons.refused_again(release, record, task.refusers)
    if record["outcome"] == "routed":
        copied = _copied(task, record) | {"note": task.note}
        return RequestRouted(**copied, decision=models.Decision.model_validate(record))
    desk = persons.desk_for(release, record)
    return RequestHeld(**_copied(task, record), decision=models.Decision.model_validate(record), desk=desk)


def _copied(task: Task, record: dict[str, Any]) -> dict[str, Any]:
    """What readers of the decision need of the request, so that nobody asks back. What is personal stays sealed."""
    accepted = task.accepted
    return {
        "request_id": accepted.request_id,
        "reference": accepted.reference,
        "territory": accepted.territory,
        "service": record["service"] or accepted.service,
        "language": accepted.language,
        "hops": task.hops,
        "place": accepted.place,
        "contact": accepted.contact,
        "description": accepted.description,
        "contact_channels": accepted.contact_channels,
        "answers": accepted.answers,
    }
