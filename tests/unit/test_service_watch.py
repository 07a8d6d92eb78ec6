"""Does a process end whose work has ended, so that whoever started it starts it again?"""

from types import SimpleNamespace

import pytest

from libs.service import process


async def test_the_watch_ends_by_an_error_when_the_consumer_cannot_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WATCH_SECONDS", 0.0)
    looks = iter([False, False, True])

    class Consumer:
        is_stopped = False
        stop_reason = None

        @property
        def has_lost_a_task(self) -> bool:
            return next(looks)

    with pytest.raises(process.WorkEnded):
        await process.Process._watch(SimpleNamespace(consumer=Consumer()))  # type: ignore[arg-type]
    assert next(looks, None) is None


async def test_the_watch_ends_by_an_error_when_the_consumer_stopped_itself() -> None:
    stopped = SimpleNamespace(has_lost_a_task=False, is_stopped=True, stop_reason="a bug in the consumer: KeyError")
    with pytest.raises(process.WorkEnded, match="KeyError"):
        await process.Process._watch(SimpleNamespace(consumer=stopped))  # type: ignore[arg-type]
