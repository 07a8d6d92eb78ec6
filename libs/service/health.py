"""Is this process alive, is it ready, and how far is it? For orchestrators, monitors and `guichet status`."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from libs.delivery.errors import Unavailable
from libs.service.metrics import ALARMS, CONSUMER_ALARMS, Samples
from libs.service.process import Process

# A poll comes back within 5 s, a try within 45 s and the last one may begin after 60 s of its batch (libs/delivery).
POLL_AGE_SECONDS_MAX = 150.0
STATUS_SECONDS_MAX = 3.0  # for each of the figures that need the database or Kafka; after that the last one is shown


class Health:
    """Looks at the parts of one process."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._last: dict[str, Any] = {"dead": 0, "outbox": (0, 0.0), "counts": {}, "facts": {}, "gauges": {}}

    def troubles(self) -> list[str]:
        """Why this process should be restarted; waiting for something that is away is no reason."""
        consumer = self._process.consumer
        found = []
        if self._process.has_failed:
            found.append("a loop has ended")
        if consumer is not None:
            age = consumer.last_poll_age_seconds
            if consumer.is_stopped:
                found.append(f"the consumer stopped itself: {consumer.stop_reason}")
            elif age is not None and age > POLL_AGE_SECONDS_MAX:
                found.append(f"the consumer loop last moved {age:.0f} s ago")
        return found

    async def checks(self) -> dict[str, bool]:
        """What must be there for this process to do all it is for.

        A service with an outbox does its work without Kafka, so Kafka's absence does not make it unready; its relay
        and its consumer catch up later.
        """
        process = self._process
        checks = {"live": not self.troubles(), "begun": process.has_begun}
        if process.database is not None and process.service.outbox is not None:  # the router is given one it never asks
            checks["database"] = await process.database.answers()
        if process.service.reads_directory:
            checks["directory"] = process.releases.is_ready
        if process.consumer is not None:
            checks["not_retrying"] = not process.consumer.is_retrying
            if process.service.outbox is None:
                checks["consumer"] = process.consumer.is_member
        if process.service.checks is not None:
            checks |= await _answer_or_none(process.service.checks()) or {}  # without the database that check says it
        return checks

    async def status(self) -> dict[str, Any]:
        """What `guichet status` shows of one service."""
        process, checks = self._process, await self.checks()
        await self._refresh(has_facts=True)
        rows, age_seconds = self._last["outbox"]
        counts: Mapping[str, int] = self._last["counts"]
        return {
            "service": process.name,
            "ready": all(checks.values()),
            "lag": process.consumer.lag() if process.consumer is not None else {},
            "dead": self._last["dead"],
            "parked": counts.get("parked", 0),
            "outbox_rows": rows,
            "outbox_age_seconds": round(age_seconds, 3),
            "counts": dict(counts),
            "alarms": list(self._alarms()),
            "skipped": process.consumer.skipped.shown() if process.consumer is not None else [],
            "checks": checks,
            "version": self._process.version,
            **self._last["facts"],
        }

    async def _refresh(self, *, has_facts: bool) -> None:
        """Facts may cost more than a scrape every few seconds should."""
        process = self._process
        asks: dict[str, Any] = {}
        if process.consumer is not None:
            asks["dead"] = process.consumer.dead_letters.count()
        if process.relay is not None:
            asks["outbox"] = process.relay.backlog()
        if process.service.counts is not None:
            asks["counts"] = process.service.counts()
        if process.service.gauges is not None:
            asks["gauges"] = process.service.gauges()
        if process.service.facts is not None and has_facts:
            asks["facts"] = process.service.facts()
        answers = await asyncio.gather(*(_answer_or_none(ask) for ask in asks.values()))
        self._last.update({name: answer for name, answer in zip(asks, answers, strict=True) if answer is not None})

    async def scrape(self) -> bytes:
        """The metrics' text, with the figures of the moment."""
        checks = await self.checks()
        await self._refresh(has_facts=False)
        self._process.metrics.read_from(lambda: self._samples(is_ready=all(checks.values())))
        return self._process.metrics.text()

    def _samples(self, *, is_ready: bool) -> Samples:
        process, none = self._process, dict[str, str]()
        rows, age_seconds = self._last["outbox"]
        samples: list[tuple[str, float, Mapping[str, str]]] = [
            ("ready", float(is_ready), none),
            ("published_records_total", process.publisher.published_total, none),
            ("publish_failed_records_total", process.publisher.failed_total, none),
            *self._alarm_samples(),
            *((name, value, none) for name, value in self._last["gauges"].items()),
            *(("things", number, {"kind": kind}) for kind, number in self._last["counts"].items()),
        ]
        if process.relay is not None:
            samples += [
                ("outbox_leader", float(process.relay.is_leader), none),
                ("outbox_published_records_total", process.relay.published_total, none),
                ("outbox_rows", rows, none),
                ("outbox_age_seconds", age_seconds, none),
            ]
        return samples + self._consumer_samples()

    def _alarms(self) -> Sequence[Mapping[str, Any]]:
        watched, consumer = self._process.service.alarms, self._process.consumer
        return [*(watched() if watched is not None else ()), *(consumer.alarms() if consumer is not None else ())]

    def _alarm_samples(self) -> list[tuple[str, float, Mapping[str, str]]]:
        """How many of each kind, also when there is none; nothing for a service that watches nothing."""
        kinds = [alarm["kind"] for alarm in self._alarms()]
        known = [
            *(CONSUMER_ALARMS if self._process.consumer else ()),
            *(ALARMS[self._process.name] if self._process.service.alarms else ()),
        ]
        return [("alarms", float(kinds.count(kind)), {"kind": kind}) for kind in known]

    def _consumer_samples(self) -> list[tuple[str, float, Mapping[str, str]]]:
        consumer, none = self._process.consumer, dict[str, str]()
        if consumer is None:
            return []
        counts = consumer.counts
        return [
            ("events_handled_total", counts.handled, none),
            ("events_given_up_total", counts.given_up, none),
            *(("events_given_up_by_reason_total", number, {"slug": slug}) for slug, number in counts.slugs.items()),
            *(("unread_age_seconds", age, {"topic": topic}) for topic, age in consumer.unread_age_seconds().items()),
            ("events_put_back_total", counts.put_back, none),
            ("bugs_total", counts.bugs, none),
            ("batches_total", counts.batches, none),
            ("batches_seconds_total", counts.seconds, none),
            ("consumer_poll_age_seconds", consumer.last_poll_age_seconds or 0.0, none),
            ("consumer_stopped", float(consumer.is_stopped), none),
            ("dead_letters", self._last["dead"], none),
            *(("records_skipped_total", records, {"topic": topic}) for topic, records in consumer.skipped.totals()),
            *(("lag_records", lag, {"topic": topic}) for topic, lag in consumer.lag().items() if lag is not None),
        ]


async def _answer_or_none(ask: Awaitable[Any]) -> Any:
    """None when what is asked is away: a status is still wanted then, and more than ever."""
    try:
        async with asyncio.timeout(STATUS_SECONDS_MAX):
            return await ask
    except (Unavailable, TimeoutError):
        return None
