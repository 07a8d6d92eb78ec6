"""Where do the tests get Kafka, PostgreSQL and the whole system from? From `tests/stack.py`, when they ask for it."""

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["tests.stack"]

# A loaded machine is slow, not wrong: no example fails for the time it took.
settings.register_profile("guichet", deadline=None)
settings.load_profile("guichet")


@pytest.fixture(autouse=True)
def _logs_are_pytests() -> None:
    """structlog's own default writes to a standard output that pytest has closed by then."""
    structlog.reset_defaults()
    structlog.configure(logger_factory=structlog.stdlib.LoggerFactory())
