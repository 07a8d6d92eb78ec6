"""What can go wrong when Kafka and PostgreSQL are started here?"""


class EmbeddedError(Exception):
    """A part could not be started; the message says which, why, and what to do or where to look."""


class JarsUnavailable(EmbeddedError):
    """A jar could not be fetched, or what was served is not what the lock says."""


class NoFreePort(EmbeddedError):
    """None of the ports that were tried is free."""


class FolderInUse(EmbeddedError):
    """Another live process runs a server on this folder."""


class NotReady(EmbeddedError):
    """No record made the round trip before the deadline."""


class KafkaFailed(EmbeddedError):
    """Kafka did not start; the message ends with its last words."""


class PostgresFailed(EmbeddedError):
    """PostgreSQL did not start; the message ends with its last words."""
