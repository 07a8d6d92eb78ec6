"""`guichet emit`: send events from a file or standard input, as another system would."""

import asyncio
import queue
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import IO, Annotated

import typer

from libs.delivery.errors import Rejected, Unavailable
from libs.delivery.kafka import KafkaSettings
from libs.delivery.messages import OutgoingRecord
from libs.delivery.publisher import Publisher
from libs.events import source_of
from libs.operate import broker
from libs.operate.emitting import Emission, checked, documents
from libs.operate.output import STDOUT, Away, Stopped, answer, progress_bar
from libs.operate.where import find_system

BATCH_RECORDS = 500
LOOK_SECONDS = 0.2  # so that Ctrl-C ends a wait for a silent pipe
STANDARD_INPUT = Path("-")


def emit(
    file: Annotated[Path, typer.Argument(help="JSON: one event, an array, or one a line; - is standard input.")] = (
        STANDARD_INPUT
    ),
    event_type: Annotated[
        str | None, typer.Option("--type", help="What bare data are, such as guichet.RequestSubmitted.v1.")
    ] = None,
    source: Annotated[str, typer.Option(help="Who says so, for bare data: a URI.")] = source_of("operators"),
    topic: Annotated[str | None, typer.Option(help="Where to; default: the topic of the type.")] = None,
    structured: Annotated[bool, typer.Option("--structured/--binary", help="The mode to send in.")] = False,
    raw: Annotated[bool, typer.Option("--raw", help="Send as it is, also what is wrong; needs --topic.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One object for scripts.")] = False,
) -> None:
    """Send CloudEvents (structured JSON) or bare data. Every document is checked before it is sent.

    Of a file nothing is sent when one document is wrong; from standard input each is sent as it comes.
    Exit code 2 for a wrong document, 3 when Kafka does not take it.
    """
    emission = Emission(type=event_type, source=source, topic=topic, is_structured=structured, is_raw=raw)
    settings = broker.settings_for(find_system())
    if file == STANDARD_INPUT:
        sent = asyncio.run(_send(settings, checked(documents(sys.stdin.buffer), emission), None))
    else:
        sent = _send_file(settings, file, emission)
    found = {"sent": sum(sent.values()), "topics": dict(sent)}
    answer(found, as_json, lambda: STDOUT.print(f"{found['sent']} sent: {dict(sent)}", markup=False))


def _send_file(settings: KafkaSettings, file: Path, emission: Emission) -> Counter[str]:
    with _opened(file) as stream:
        total = sum(1 for _ in checked(documents(stream), emission))
    with _opened(file) as stream:
        return asyncio.run(_send(settings, checked(documents(stream), emission), total))


def _opened(file: Path) -> IO[bytes]:
    try:
        return file.open("rb")
    except OSError as error:
        raise Stopped(f"{file}: {error.strerror}") from error


async def _send(settings: KafkaSettings, records: Iterator[OutgoingRecord], total: int | None) -> Counter[str]:
    publisher = Publisher(settings)
    sent: Counter[str] = Counter()
    try:
        with progress_bar() as bar:
            task = bar.add_task("sending", total=total)
            async for batch in _Reading(records).batches():
                await publisher.publish_records(batch)
                sent.update(record.topic for record in batch)
                bar.update(task, completed=sent.total())
    except Unavailable as error:
        raise Away(f"{error.message}; {sent.total()} were sent before") from error
    except Rejected as error:
        raise Stopped(f"{error.message}; {sent.total()} were sent before") from error
    finally:
        await publisher.stop()
    return sent


class _Reading:
    """Records read by a thread of its own, which ends with the program: a pipe may stay silent for ever."""

    def __init__(self, records: Iterator[OutgoingRecord]) -> None:
        self._read: queue.Queue[OutgoingRecord | Exception | None] = queue.Queue(BATCH_RECORDS)
        threading.Thread(target=self._read_all, args=(records,), daemon=True).start()

    def _read_all(self, records: Iterator[OutgoingRecord]) -> None:
        try:
            for record in records:
                self._read.put(record)
            self._read.put(None)
        except (Stopped, OSError) as error:
            self._read.put(error)

    async def batches(self) -> AsyncIterator[list[OutgoingRecord]]:
        """What is there: many of a file, one of a pipe that speaks now and then. Raises what reading raised."""
        while True:
            found = await self._next()
            batch = []
            while isinstance(found, OutgoingRecord):
                batch.append(found)
                if len(batch) == BATCH_RECORDS or self._read.empty():
                    break
                found = self._read.get_nowait()
            if batch:
                yield batch
            if found is None:
                return
            if isinstance(found, Exception):
                raise found

    async def _next(self) -> OutgoingRecord | Exception | None:
        while True:
            try:
                return await asyncio.to_thread(self._read.get, True, LOOK_SECONDS)
            except queue.Empty:
                continue
