"""Does `apache/kafka` run as its variables say, and do SCRAM clients keep their records over a restart?"""

import asyncio
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from checks.containers import docker, expect, running, runs_without_root, until

from libs.operate.embedded.free_port import free_port_from

USER, PASSWORD = "guichet", "only-for-this-check"  # of a container that lives for seconds, on 127.0.0.1
SASL_LISTENERS = {
    "CLUSTER_ID": "Z3VpY2hldC1jaGVjay0wMQ",
    "KAFKA_NODE_ID": "1",
    "KAFKA_PROCESS_ROLES": "broker,controller",
    "KAFKA_LISTENERS": "SASL_PLAINTEXT://:9092,BROKER://localhost:29092,CONTROLLER://localhost:29093",
    "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP": "SASL_PLAINTEXT:SASL_PLAINTEXT,BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "KAFKA_INTER_BROKER_LISTENER_NAME": "BROKER",
    "KAFKA_CONTROLLER_LISTENER_NAMES": "CONTROLLER",
    "KAFKA_CONTROLLER_QUORUM_VOTERS": "1@localhost:29093",
    "KAFKA_SASL_ENABLED_MECHANISMS": "SCRAM-SHA-512",
    "KAFKA_LISTENER_NAME_SASL__PLAINTEXT_SCRAM___SHA___512_SASL_JAAS_CONFIG": (
        "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ),
    "KAFKA_OPTS": "-Dguichet.check=1",
    "KAFKA_HEAP_OPTS": "-Xmx384m",
    "KAFKA_LOG_DIRS": "/var/lib/kafka/data",
    "KAFKA_LOG4J_LOGGERS": "org.apache.kafka.server.SharedServer=DEBUG",
    "KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
    "KAFKA_TRANSACTION_STATE_LOG_MIN_ISR": "1",
}
KAFKA_TMPFS = ("/opt/kafka/config:uid=1000,gid=1000", "/opt/kafka/logs:uid=1000,gid=1000", "/tmp:exec,mode=1777")  # noqa: S108


def check() -> None:
    port = free_port_from(39092)
    variables = {
        **SASL_LISTENERS,
        "KAFKA_ADVERTISED_LISTENERS": f"SASL_PLAINTEXT://127.0.0.1:{port},BROKER://localhost:29092",
    }
    options = [word for name, value in variables.items() for word in ("--env", f"{name}={value}")]
    options += [word for tmpfs in KAFKA_TMPFS for word in ("--tmpfs", tmpfs)]
    with running("kafka", "--publish", f"127.0.0.1:{port}:9092", *options) as name:
        until("kafka: starts", lambda: has_started(name, times=1))
        runs_without_root(name, "kafka")
        inside = ("exec", "--env", "KAFKA_OPTS=", name)
        credential = f"SCRAM-SHA-512=[password={PASSWORD}]"
        admin = ("--bootstrap-server", "localhost:29092")
        user = ("--alter", "--add-config", credential, "--entity-type", "users", "--entity-name", USER)
        docker(*inside, "kafka-configs.sh", *admin, *user)
        docker(*inside, "kafka-topics.sh", *admin, "--create", "--topic", "check", "--partitions", "1")
        asyncio.run(produce(f"127.0.0.1:{port}", b"first"))
        docker("stop", "--time", "60", name)
        ended = docker("inspect", "--format", "{{.State.ExitCode}}", name).strip()
        expect(ended == "143", "kafka: SIGTERM ends it in order", ended)
        docker("start", name)
        until("kafka: starts again", lambda: has_started(name, times=2))
        asyncio.run(produce(f"127.0.0.1:{port}", b"second"))
        seen = asyncio.run(consume(f"127.0.0.1:{port}"))
        expect(
            seen[:2] == [b"first", b"second"],
            "kafka: SCRAM clients write and read; a restart keeps records and users",
            seen,
        )


def has_started(name: str, times: int) -> None:
    log = docker("logs", name)
    if log.count("Kafka Server started") < times:
        raise LookupError(f"no broker yet; its log ends: {log[-600:]}")


def scram(bootstrap: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": bootstrap,
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": USER,
        "sasl_plain_password": PASSWORD,
    }


async def produce(bootstrap: str, value: bytes) -> None:
    producer = AIOKafkaProducer(**scram(bootstrap), acks="all", compression_type="lz4", request_timeout_ms=10_000)
    async with asyncio.timeout(60):
        try:
            await producer.start()
            await producer.send_and_wait("check", value)
        finally:
            await producer.stop()


async def consume(bootstrap: str) -> list[bytes]:
    consumer = AIOKafkaConsumer("check", **scram(bootstrap), auto_offset_reset="earliest", group_id="check")
    async with asyncio.timeout(60):
        try:
            await consumer.start()
            return [(await consumer.getone()).value for _ in range(2)]
        finally:
            await consumer.stop()
