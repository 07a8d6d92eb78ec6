"""Which settings does the embedded Kafka run with, and why these?"""

from pathlib import Path

from libs.operate.embedded.free_port import HOST

# Serial collector and the first compiler only: on two cores shared with the services this starts in 3.0 s instead of
# 4.2 s and carries more (42,000 against 34,000 records/s of 700 B), because the big compiler competes with the work.
JVM_OPTIONS = (
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:+ExitOnOutOfMemoryError",  # a broker that is out of memory half works; the supervisor starts it anew
    "--enable-native-access=ALL-UNNAMED",  # compression libraries; else each start prints a warning
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.log.kafka.server=info",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
)

PROPERTIES = """\
# Written at every start by libs/operate/embedded/kafka_properties.py; do not edit.
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
# A topic that nobody provisioned is a mistake, and must be seen as one.
auto.create.topics.enable=false
# One broker holds the only copy of everything.
default.replication.factor=1
min.insync.replicas=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
# Four groups do not need fifty partitions, and each costs files and start-up time.
offsets.topic.num.partitions=8
transaction.state.log.num.partitions=4
share.coordinator.state.topic.num.partitions=4
# A group starts with its first member instead of waiting three seconds for others.
group.initial.rebalance.delay.ms=0
# After kill -9 a broker is let in again only when its earlier session has run out: nine seconds unless told otherwise.
broker.session.timeout.ms=5000
broker.heartbeat.interval.ms=500
# Topics say how long they keep records (libs/events/topics.py). Small segments, so that old ones can go and compaction
# has something to work on; an index is allocated whole, ten megabytes for each partition unless told otherwise.
log.segment.bytes=67108864
log.index.size.max.bytes=1048576
# The cleaner's map is taken from the heap at start: 128 MB unless told otherwise.
log.cleaner.threads=1
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=2
num.io.threads=4
"""


def properties(port: int, controller_port: int, data: Path) -> str:
    return PROPERTIES.format(host=HOST, port=port, controller_port=controller_port, data=data)
