"""Do the private parts of FastStream and aiokafka that we rely on still look as they did?"""

from functools import partial

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer.subscription_state import SubscriptionState
from faststream.kafka.subscriber.usecase import BatchSubscriber

from libs.delivery.consumer import Consumer
from libs.delivery.kafka import KafkaSettings, PatientBroker, WatchedConsumer, make_producer, own_sticky_assignor
from libs.delivery.publisher import Publisher

SETTINGS = KafkaSettings(bootstrap_servers="127.0.0.1:1")


async def test_consumers_are_made_watched_and_with_our_limits() -> None:
    broker = PatientBroker(SETTINGS)
    await broker.connect()
    make = broker.config.broker_config.builder
    assert isinstance(make, partial)
    assert make.func is WatchedConsumer
    assert make.keywords["metadata_max_age_ms"] == 30_000


async def test_the_one_subscriber_never_commits_by_itself() -> None:
    broker = PatientBroker(SETTINGS)

    async def handler(_incoming: object) -> None:
        return None

    consumer = Consumer(broker, "router", {"a": handler, "b": handler}, Publisher(SETTINGS))
    assert consumer.lag() == {"a": None, "b": None}  # not in its group yet, so it has no idea
    [subscriber] = broker.subscribers
    assert isinstance(subscriber, BatchSubscriber)
    assert subscriber.topic_names == ["a", "b"]
    assert subscriber.group_id == "guichet-router"
    options = subscriber._connection_args
    assert options["enable_auto_commit"] is False
    assert options["auto_offset_reset"] == "none"
    assert options["rebalance_timeout_ms"] < options["max_poll_interval_ms"]


async def test_the_producer_has_the_parts_that_closing_it_at_once_needs() -> None:
    producer = make_producer(SETTINGS)
    assert isinstance(producer, AIOKafkaProducer)
    assert producer._closed is False
    assert hasattr(producer, "_sender")
    producer._closed = True  # it was never started
    await producer.client.close()


async def test_the_position_of_a_partition_is_where_we_look_for_it() -> None:
    state = SubscriptionState()
    state.subscribe({"t"})
    state.assign_from_subscribed([TopicPartition("t", 0)])
    value = state.subscription.assignment.state_value(TopicPartition("t", 0))
    assert value.has_valid_position is False
    value.seek(7)
    assert value.position == 7
    assert hasattr(AIOKafkaConsumer, "getmany")


def test_two_consumers_in_one_process_do_not_share_an_assignors_memory() -> None:
    one, two = own_sticky_assignor(), own_sticky_assignor()
    one.member_assignment = [TopicPartition("t", 0)]
    assert two.member_assignment is None
    assert one.name == two.name == "sticky"
