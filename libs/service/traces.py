"""How is an exception logged without the data it was about? Where it happened and of what kind it was."""

import sys
import traceback
from collections.abc import Iterator, MutableMapping
from typing import Any

import asyncpg
from pydantic import ValidationError

CHAIN_MAX = 8  # causes of causes; more would only bury the first


def format_exception(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog's processor: turns `exc_info` into text under `exception`."""
    given = event.pop("exc_info", None)
    error = given[1] if isinstance(given, tuple) else sys.exception() if given is True else given
    if isinstance(error, BaseException):
        event["exception"] = "\n".join(_lines(error))
    return event


def _lines(error: BaseException) -> Iterator[str]:
    """The last error first, then each that it came from."""
    present: BaseException | None = error
    for depth in range(CHAIN_MAX):
        if present is None:
            return
        kind = f"{type(present).__module__}.{type(present).__qualname__}"
        yield f"{'caused by ' if depth else ''}{kind}: {_safe(present)}"
        for frame in traceback.extract_tb(present.__traceback__):
            yield f"  {frame.filename}:{frame.lineno} in {frame.name}"
        present = present.__cause__ or (None if present.__suppress_context__ else present.__context__)


def _safe(error: BaseException) -> str:
    """The message, but for errors whose message repeats what was handed in."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found)
    if isinstance(error, asyncpg.PostgresError):
        about = (getattr(error, name, None) for name in ("sqlstate", "table_name", "column_name", "constraint_name"))
        return " ".join(str(each) for each in about if each)
    return str(error)
