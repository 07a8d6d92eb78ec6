"""Can other systems' clients read what is published, whatever their languages bring along?"""

import pytest
from aiokafka import codec

from libs.events import TOPICS, decode
from tests.citizens import Stream
from tests.running import RunningSystem
from tests.wire import read_all


def test_a_client_that_knows_gzip_alone_reads_every_topic(
    running_system: RunningSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Stream(running_system, count=20):
        pass
    running_system.wait_for_quiet()
    monkeypatch.setattr(
        codec, "cramjam", None
    )  # which brings aiokafka lz4, snappy and zstd, as kafkajs has none of them
    read = {name: read_all(running_system.kafka.bootstrap, name) for name in TOPICS}
    assert len(read["requests.routed.v1"]) + len(read["requests.accepted.v1"]) >= 40
    assert decode(read["requests.accepted.v1"][-1].value, read["requests.accepted.v1"][-1].headers).type
