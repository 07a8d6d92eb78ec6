"""How is a record read whose header *name* is not UTF-8? Slowly; aiokafka itself would never get past it.

Kafka does not look at header names. aiokafka decodes them while it hands out records and fails for ever at the first
that is no text: its partition stands still, and the good records fetched before it are dropped. Only the batch that
holds one is read by aiokafka's slower parser, over bytes that always decode.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

MAGIC_OF_HEADERS = 2  # records have had headers since this version of their format


class TolerantBytes(bytearray):
    """Bytes that always decode: what is no text is shown as \\xNN."""

    def __getitem__(self, place: Any) -> Any:
        found = super().__getitem__(place)
        return TolerantBytes(found) if isinstance(found, bytearray) else found

    def decode(self, encoding: str = "utf-8", errors: str = "backslashreplace") -> str:
        return super().decode(encoding, errors)


class TolerantBatch:
    """aiokafka's fast batch, and from the first record that it cannot read its slow one."""

    def __init__(self, batch: Any, data: memoryview) -> None:
        self._batch = batch
        self._data = data

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for record in self._batch:
                read += 1
                yield record
        except (UnicodeDecodeError, CorruptRecordException):  # the latter without aiokafka's compiled parser
            slow = _DefaultRecordBatchPy(self._data)
            slow._maybe_uncompress()
            slow._buffer = TolerantBytes(slow._buffer)
            yield from islice(slow, read, None)


class TolerantRecords(_MemoryRecordsPy):  # type: ignore[misc]  # aiokafka ships no type information
    """What was fetched of one partition, batch by batch."""

    def next_batch(self, **options: Any) -> Any:
        data = self._next_slice
        batch = super().next_batch(**options)
        return batch if batch is None or batch.magic < MAGIC_OF_HEADERS else TolerantBatch(batch, data)


def install() -> None:
    """aiokafka offers no other place to put this; a test holds that it still is the place."""
    fetcher.MemoryRecords = TolerantRecords
