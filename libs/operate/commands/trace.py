"""`guichet trace REQUEST`: one request across all services, as a timeline, with reasons."""

import asyncio
from datetime import UTC, datetime
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
    language: Annotated[
        str | None, typer.Option(help="Language of sentences and reasons, such as en; default the citizen's.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """What was said about one request, by whom, when, and why. Needs only Kafka.

    Exit code 1 when nothing is found. Sealed fields stay sealed.
    """
    found = asyncio.run(look(request.strip(), language))
    answer(found, as_json, lambda: show(found, language))


async def look(request: str, language: str | None = None) -> dict[str, Any]:
    """The fields of the answer; `language` only chooses among those that an event has."""
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
        "events": [_entry(one, language) for one in said],
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


def _entry(said: Said, language: str | None = None) -> dict[str, Any]:
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
        "summary": summary(event, language) if event else "not an event",
        "reasons": [reason.model_dump(exclude_none=True) for reason in decision.reasons] if decision else [],
        "dead": said.dead,
    }


def summary(event: Event, language: str | None = None) -> str:
    """One line for a person, in that language or the citizen's; nothing of it is personal."""
    data = event.data
    decision = getattr(data, "decision", None)
    if isinstance(decision, Decision):
        return in_language(decision.sentence, language or getattr(data, "language", None))
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


def show(found: dict[str, Any], language: str | None = None) -> None:
    """A timeline: the moment (UTC) of the first event and of each that is of another day, and the time since."""
    line(f"{found['reference'] or ''} {found['request_id']}")
    start = datetime.fromisoformat(found["events"][0]["at"])
    day = None
    for event in found["events"]:
        at = datetime.fromisoformat(event["at"])
        if at.date() != day:
            day = at.date()
            line(f"\n{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")
        kind = (event["type"] or "not an event").removeprefix("guichet.").removesuffix(".v1")
        line(f"{(at - start).total_seconds():>9.3f} s  {event['service']:<9} {kind}")
        line(f"{INDENT}{event['summary']}")
        for reason in event["reasons"]:
            said = in_language(reason.get("text"), language or found["language"])
            line(f"{INDENT}because {said or reason['code']}")
        if dead := event["dead"]:
            line(f"{INDENT}given up on: {dead.get('slug')}: {dead.get('message')}")
