"""What happens when we write to a connection that was closed a moment ago? The same as when it broke: a new one.

aiokafka waits for an OSError there. uvloop raises RuntimeError instead (aiokafka#1038), and whichever of aiokafka's
background tasks was writing then ends for good: the one that keeps a consumer in its group, or the one that keeps the
metadata fresh, without which no coordinator is ever found again and every commit waits without end.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from aiokafka.conn import AIOKafkaConnection, CloseReason
from aiokafka.errors import KafkaConnectionError, KafkaError

WRITERS = ("send", "_send_sasl_token")


def told_as_broken(write: Callable[..., Any]) -> Callable[..., Any]:
    """Close the connection and raise `KafkaConnectionError`, as aiokafka itself does for an OSError."""

    @wraps(write)
    def writing(connection: AIOKafkaConnection, *arguments: Any, **options: Any) -> Any:
        writer = connection._writer
        try:
            return write(connection, *arguments, **options)
        except KafkaError:  # is a RuntimeError too
            raise
        except RuntimeError as error:
            if writer is None or not writer.is_closing():
                raise
            connection.close(reason=CloseReason.CONNECTION_BROKEN, exc=error)
            raise KafkaConnectionError(f"Connection at {connection.host}:{connection.port} was closed") from error

    return writing


def install() -> None:
    """aiokafka offers no other place to put this; a test holds that it still is the place."""
    for name in WRITERS:
        write = getattr(AIOKafkaConnection, name)
        if not hasattr(write, "__wrapped__"):
            setattr(AIOKafkaConnection, name, told_as_broken(write))
