"""`guichet trace REQUEST`: one request across all services, as a timeline, with reasons."""

import asyncio
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from libs.events import Event, reference_in
from libs.events.decision import Decision
from libs.events.models import (
    NoticeFailed,
    NoticeIndeterminate,
    NoticeSent,
    RequestAccepted,
    RequestAssigned,
    RequestRefused,
)
from libs.operate import broker
from libs.operate.commands.explain import in_language
from libs.operate.output import Stopped, WrongUse, answer, line, progress_bar
from libs.operate.timeline import Said, request_id_of, timeline
from libs.operate.where import find_system

INDENT = " " * 13


def trace(
    request: Annotated[str, typer.Argument(help="A request id, or a reference like G-7K3M-2QX9-4TB2.")],
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """What was said about one request, by whom, when, and why. Needs only Kafka.

    Exit code 1 when nothing is found. Sealed fields stay sealed.
    """
    found = asyncio.run(look(request.strip()))
    answer(found, as_json, lambda: show(found))


async def look(request: str) -> dict[str, Any]:
    """The fields of the answer."""
    settings = broker.settings_for(find_system())
    with progress_bar() as bar:
        task = bar.add_task("reading topics", total=None)

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        if reference := reference_in(request):
            request_id = await request_id_of(settings, reference, progress)
        else:
            request_id = _uuid(request)
        said = await timeline(settings, request_id, progress) if request_id else []
    if not said or request_id is None:
        raise Stopped(f"Nothing is known of {request}: it was never accepted here, or the topics no longer hold it.")
    return {
        "request_id": str(request_id),
        "reference": _first(said, "reference"),
        "language": _first(said, "language"),
        "events": [_entry(one) for one in said],
    }


def _uuid(text: str) -> UUID:
    try:
        found = UUID(text)
    except ValueError:
        found = UUID(int=0)
    if found.version != 7:
        raise WrongUse(f"{text!r} is neither a request id (a UUID of version 7) nor a reference like G-7K3M-2QX9-4TB2")
    return found


def _first(said: list[Said], field: str) -> str | None:
    """What the first event that has this field says."""
    return next((getattr(one.event.data, field) for one in said if one.event and hasattr(one.event.data, field)), None)


def _entry(said: Said) -> dict[str, Any]:
    event = said.event
    decision = getattr(event.data, "decision", None) if event else None
    return {
        "at": said.at.isoformat(),
        "service": (event.source.rpartition(":")[2] if event else said.topic.partition(".")[0]),
        "type": event.type if event else None,
        "event_id": str(event.id) if event else None,
        "causation_id": str(event.causation_id) if event and event.causation_id else None,
        "directory_version": event.directory_version if event else None,
        "topic": said.topic,
        "partition": said.partition,
        "offset": said.offset,
        "summary": summary(event) if event else "not an event",
        "reasons": [reason.model_dump(exclude_none=True) for reason in decision.reasons] if decision else [],
        "dead": said.dead,
    }


def summary(event: Event) -> str:
    """One line for a person; nothing of it is personal."""
    data = event.data
    decision = getattr(data, "decision", None)
    if isinstance(decision, Decision):
        return in_language(decision.sentence, getattr(data, "language", None))
    if isinstance(data, RequestAccepted):
        return f"{data.service or 'service to be found'} in {data.territory}, by {data.channel}"
    if isinstance(data, NoticeSent | NoticeFailed | NoticeIndeterminate):
        why = f": {data.reason}" if data.reason else ""
        return f"{data.kind} to the {data.audience} by {data.channel}, attempt {data.attempts}{why}"
    if isinstance(data, RequestRefused):
        return f"{data.department}: {data.reason}"
    if isinstance(data, RequestAssigned):
        return f"{data.by} gave it to {data.department}" + (f", instead of {data.previous}" if data.previous else "")
    return str(getattr(data, "department", ""))


def show(found: dict[str, Any]) -> None:
    """A timeline with the time since acceptance."""
    line(f"{found['reference'] or ''} {found['request_id']}\n")
    start = datetime.fromisoformat(found["events"][0]["at"])
    for event in found["events"]:
        since_seconds = (datetime.fromisoformat(event["at"]) - start).total_seconds()
        kind = (event["type"] or "not an event").removeprefix("guichet.").removesuffix(".v1")
        line(f"{since_seconds:>9.3f} s  {event['service']:<9} {kind}")
        line(f"{INDENT}{event['summary']}")
        for reason in event["reasons"]:
            line(f"{INDENT}because {in_language(reason.get('text'), found['language']) or reason['code']}")
        if dead := event["dead"]:
            line(f"{INDENT}given up on: {dead.get('slug')}: {dead.get('message')}")
