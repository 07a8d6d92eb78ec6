"""What does a process measure? Every metric there is, with one sentence each, in one list.

Names are `<service>_<noun>_<unit|total>`; the lists leave out the service. Those under FROM_PROCESS are read from the
parts of the process when Prometheus asks, so that counting costs nothing; those under OWN are set by the services.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Defined:
    """One line of the list."""

    kind: Literal["counter", "gauge", "histogram"]
    sentence: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = Histogram.DEFAULT_BUCKETS
    """Of a histogram: up to which figure each of its buckets counts."""


ANSWER_SECONDS = (0.01, 0.05, 0.1, 0.5, 1.0, 5.0)  # few, since there is one for each route and status
WAY_SECONDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0, 96 * 3600.0)


FROM_PROCESS: Mapping[str, Defined] = {
    "events_handled_total": Defined("counter", "Events that were handled for good."),
    "events_given_up_total": Defined("counter", "Events that went to the dead letters."),
    "events_given_up_by_reason_total": Defined("counter", "The same, by the slug of the reason.", ("slug",)),
    "unread_age_seconds": Defined("gauge", "Age of the oldest record that was taken and is not done.", ("topic",)),
    "events_put_back_total": Defined("counter", "Events that were put back to be read again."),
    "bugs_total": Defined("counter", "Times that a handler failed on a lone event without saying why."),
    "batches_total": Defined("counter", "Batches that were taken."),
    "batches_seconds_total": Defined("counter", "Time spent in batches."),
    "consumer_poll_age_seconds": Defined("gauge", "How long ago the consumer loop last moved."),
    "consumer_stopped": Defined("gauge", "1 when the consumer has stopped itself, by a bug; the process then ends."),
    "lag_records": Defined("gauge", "Records not yet done, of the partitions held by this process.", ("topic",)),
    "records_skipped_total": Defined(
        "counter", "Records that were deleted or expired before we read them.", ("topic",)
    ),
    "published_records_total": Defined("counter", "Records that Kafka acknowledged."),
    "publish_failed_records_total": Defined("counter", "Records in tries that failed; each is tried again."),
    "outbox_leader": Defined("gauge", "1 in the process that publishes the outbox."),
    "outbox_published_records_total": Defined("counter", "Records that the outbox's relay has published."),
    "outbox_rows": Defined("gauge", "Rows in the outbox that wait to be published, up to 100,000."),
    "outbox_age_seconds": Defined("gauge", "How long the oldest of them has waited."),
    "dead_letters": Defined("gauge", "Dead letters kept in the service's topic."),
    "alarms": Defined("gauge", "What the service noticed and nobody must miss, as /status shows it.", ("kind",)),
    "things": Defined("gauge", "What the service counts of its own, as /status shows it.", ("kind",)),
    "balance_requests": Defined(
        "gauge", "Accepted requests with no decision, no dead letter, and nowhere on their way."
    ),
    "undecided_age_seconds": Defined("gauge", "How long the request has waited that waits longest for a decision."),
    "verified_leaves": Defined("gauge", "Leaves of the audit log that were found as signed, from the first one on."),
    "checkpoint_age_seconds": Defined("gauge", "How long ago the log was signed last; only news is signed."),
    "ready": Defined("gauge", "1 when the process can do all it is for."),
}

OWN: Mapping[str, Defined] = {
    "requests_accepted_total": Defined("counter", "Requests that were kept.", ("channel",)),
    "requests_refused_total": Defined("counter", "What was handed in and refused, at every door.", ("slug",)),
    "http_request_seconds": Defined(
        "histogram",
        "Time until an answer began, by the template of its route.",
        ("method", "route", "status"),
        ANSWER_SECONDS,
    ),
    "accepted_to_decided_seconds": Defined(
        "histogram", "From a request's acceptance until its first decision was shown.", bounds=WAY_SECONDS
    ),
    "accepted_to_told_seconds": Defined(
        "histogram",
        "From a request's acceptance until a letter of this kind about it was sent.",
        ("kind",),
        WAY_SECONDS,
    ),
    "group_commit_requests": Defined("histogram", "Requests that shared one transaction."),
    "decisions_total": Defined("counter", "Decisions of the router.", ("outcome",)),
    "notices_total": Defined("counter", "Notices that came to an end.", ("channel", "outcome")),
    "delivery_seconds": Defined("histogram", "Time that one delivery took.", ("channel",)),
    "leaves_total": Defined("counter", "Events that were written into the audit log."),
    "other_content_total": Defined("counter", "Records that came under the id of an event and say something else."),
    "checkpoints_total": Defined("counter", "Checkpoints that were signed."),
}

CONSUMER_ALARMS = ("topic-rests", "sender-given-up", "records-skipped")
ALARMS: Mapping[str, tuple[str, ...]] = {
    "intake": ("drift", "requests-lost"),
    "notifier": ("relay-away",),
    "audit": ("log-altered",),
}
"""Every kind of alarm; each is shown, also while there is none, so that a rule can tell none from not asked."""

Samples = Iterable[tuple[str, float, Mapping[str, str]]]


class Metrics(Collector):
    """The metrics of one process, in a registry of its own."""

    def __init__(self, service: str) -> None:
        self._service = service
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._own: dict[str, Counter | Gauge | Histogram] = {}
        self._read: Callable[[], Samples] = tuple
        self.registry.register(self)

    def _metric(self, name: str) -> Counter | Gauge | Histogram:
        """Made when first used, so that a service shows only its own."""
        if name not in self._own:
            defined = OWN[name]
            self._own[name] = self._made(f"{self._service}_{name}", defined)
        return self._own[name]

    def _made(self, name: str, defined: Defined) -> Counter | Gauge | Histogram:
        if defined.kind == "histogram":
            return Histogram(name, defined.sentence, defined.labels, registry=self.registry, buckets=defined.bounds)
        if defined.kind == "gauge":
            return Gauge(name, defined.sentence, defined.labels, registry=self.registry)
        return Counter(name, defined.sentence, defined.labels, registry=self.registry)

    def count(self, name: str, number: float = 1, **labels: str) -> None:
        """Add to a counter of the list; KeyError for a name that is not in it."""
        metric = self._metric(name)
        assert isinstance(metric, Counter)
        (metric.labels(**labels) if labels else metric).inc(number)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """Add to a histogram of the list; KeyError for a name that is not in it."""
        metric = self._metric(name)
        assert isinstance(metric, Histogram)
        (metric.labels(**labels) if labels else metric).observe(value)

    def read_from(self, read: Callable[[], Samples]) -> None:
        """Where the figures under FROM_PROCESS come from: asked at every scrape."""
        self._read = read

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for name, value, labels in self._read():
            defined = FROM_PROCESS[name]
            if name not in families:
                made = CounterMetricFamily if defined.kind == "counter" else GaugeMetricFamily
                families[name] = made(f"{self._service}_{name}", defined.sentence, labels=defined.labels)
            families[name].add_metric([labels[label] for label in defined.labels], value)  # type: ignore[attr-defined]
        return families.values()

    def text(self) -> bytes:
        return generate_latest(self.registry)
