"""What can go wrong, and what does the consumer do next? The whole tree is on this page.

ServiceError
  Rejected       the message is wrong and always will be   -> dead letter, go on       HTTP 4xx
  Unavailable    something we need is away                 -> same message, later      HTTP 503 + Retry-After
(anything else)  a bug                                     -> a few tries, dead letter HTTP 500, no details
"""

import inspect
from typing import ClassVar


class ServiceError(Exception):
    """Something went wrong that callers may be told about."""

    default_slug: ClassVar[str] = "service-error"

    def __init__(self, message: str | None = None, *, slug: str | None = None) -> None:
        """`slug` is for programs and stable; `message` is a sentence, by default the docstring of the class."""
        self.message = message if message is not None else inspect.cleandoc(type(self).__doc__ or "")
        self.slug = slug if slug is not None else self.default_slug
        super().__init__(self.message)


class Rejected(ServiceError):
    """The message is wrong, and trying again will not help."""

    default_slug = "rejected"

    def __init__(self, message: str | None = None, *, slug: str | None = None, field: str | None = None) -> None:
        super().__init__(message, slug=slug)
        self.field = field


class Unavailable(ServiceError):
    """Something that is needed is away; the same message will be tried again."""

    default_slug = "unavailable"

    def __init__(
        self, message: str | None = None, *, slug: str | None = None, retry_after_seconds: float | None = None
    ) -> None:
        super().__init__(message, slug=slug)
        self.retry_after_seconds = retry_after_seconds


class QueueFull(Unavailable):
    """Too many are waiting already; try again in a moment."""

    default_slug = "queue-full"


class KafkaAway(Unavailable):
    """Kafka does not answer in time."""

    default_slug = "kafka-away"


class DatabaseAway(Unavailable):
    """The database does not answer in time."""

    default_slug = "database-away"
