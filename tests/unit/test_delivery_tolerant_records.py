"""Is every record read, whatever its header names are made of?"""

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

import libs.delivery.kafka
from libs.delivery.tolerant_records import TolerantRecords
from tests.deliveries import NoText

LZ4 = 3


def fetched(*names: str, codec: int = 0) -> bytes:
    """A batch with one record for each header name, as a broker would send it."""
    builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 1 << 20)
    for offset, name in enumerate(names):
        assert builder.append(offset, 1000, b"k", b"v%d" % offset, [(name, b"\xff"), ("null", None)])
    return bytes(builder.build())


def read(data: bytes) -> list[tuple[int, bytes | None, str]]:
    records, found = TolerantRecords(data), []
    while records.has_next():
        batch = records.next_batch()
        assert batch.validate_crc()
        found += [(each.offset, each.value, each.headers[0][0]) for each in batch]
    return found


def test_a_name_that_is_no_text_is_shown_escaped_and_its_neighbours_are_read() -> None:
    expected = [(0, b"v0", "good"), (1, b"v1", r"\xff\xfename"), (2, b"v2", "é"), (3, b"v3", r"\xff\xfename")]
    for codec in (0, LZ4):
        assert read(fetched("good", NoText(), "é", NoText(), codec=codec)) == expected


def test_a_good_batch_is_read_as_before() -> None:
    assert [name for _, _, name in read(fetched("a", "b") + fetched("c"))] == ["a", "b", "c"]


def test_every_consumer_reads_this_way() -> None:
    assert libs.delivery.kafka.WatchedConsumer is not None  # importing it is what installs it
    assert fetcher.MemoryRecords is TolerantRecords
