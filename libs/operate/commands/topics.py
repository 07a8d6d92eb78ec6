"""`guichet topics`: which topics are there, who writes and reads them, and what do they hold?"""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from libs.delivery.kafka import KafkaSettings
from libs.events.topics import SERVICES, TOPICS, Topic, is_read_whole
from libs.operate import broker
from libs.operate.output import NO, STDOUT, answer
from libs.operate.where import find_system


def topics(as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False) -> None:
    """The map of topics with what each holds now. Exit code 1 when one of them is missing in Kafka."""
    found = asyncio.run(look(broker.settings_for(find_system())))
    answer({"topics": found}, as_json, lambda: show(found))
    if not all(topic["exists"] for topic in found.values()):
        raise typer.Exit(NO)


async def look(settings: KafkaSettings) -> dict[str, dict[str, Any]]:
    """By topic: the map's line, live offsets by partition, and the lag of each reading service."""
    present = await broker.partitions(settings, TOPICS)
    async with broker.connected(settings) as reader:
        held = await broker.spans(reader, (partition for parts in present.values() for partition in parts))
    offsets = {service: await broker.committed(settings, service) for service in SERVICES}
    return {
        name: _line(topic) | {"exists": name in present} | _live(topic, held, offsets) for name, topic in TOPICS.items()
    }


def _line(topic: Topic) -> dict[str, Any]:
    return {
        "events": [kind.TYPE for kind in topic.events],
        "writer": topic.writer,
        "readers": list(topic.readers),
        "retention_days": topic.retention_days,
        "partitions_in_map": topic.partitions,
        "summary": topic.summary,
    }


def _live(topic: Topic, held: broker.Spans, offsets: dict[str, dict[Any, int]]) -> dict[str, Any]:
    own = {partition: span for partition, span in held.items() if partition.topic == topic.name}
    groups = [service for service in topic.readers if service in SERVICES and not is_read_whole(topic, service)]
    return {
        "records": sum(span.records for span in own.values()),
        "partitions": {str(at.partition): {"first": span.first, "end": span.end} for at, span in sorted(own.items())},
        "lag": {
            service: sum(span.end - max(offsets[service].get(at, 0), span.first) for at, span in own.items())
            for service in groups
        },
    }


def show(found: dict[str, dict[str, Any]]) -> None:
    """One row a topic."""
    table = Table(Column("topic", no_wrap=True), "written by", "read by", "kept", "records", "lag", box=None)
    for name, topic in found.items():
        kept = "compacted" if topic["retention_days"] is None else f"{topic['retention_days']} days"
        lag = ", ".join(f"{service} {behind}" for service, behind in topic["lag"].items())
        records = str(topic["records"]) if topic["exists"] else "[red]missing[/]"
        table.add_row(name, topic["writer"], ", ".join(topic["readers"]), kept, records, lag)
    STDOUT.print(table)
    for sentence in other_partitions(found):
        STDOUT.print(f"\n{sentence}")


def other_partitions(found: dict[str, dict[str, Any]]) -> list[str]:
    """Which topics have another number of partitions than the map, and what that means."""
    return [
        f"{name} has {len(topic['partitions'])} partitions, the map says {topic['partitions_in_map']}. All are read; "
        "but a request's events from before the change may be on another one than those after it, in no order."
        for name, topic in found.items()
        if topic["exists"] and len(topic["partitions"]) != topic["partitions_in_map"]
    ]
