"""How does a process say what it does? One JSON object a line, without anything personal or secret."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from libs.service.traces import format_exception

# Whatever a caller puts under these names is not written. Events are named and ids are logged; contents never.
SECRET_NAMES = frozenset(
    {
        "address",
        "answers",
        "authorization",
        "contact",
        "cookie",
        "description",
        "dsn",
        "email",
        "key",
        "lat",
        "lon",
        "name",
        "note",
        "password",
        "phone",
        "token",
        "value",
    }
)
REDACTED = "[redacted]"

# aiokafka reports every failed connection attempt several times; what matters of it is logged by libs.delivery.
QUIET = {"aiokafka": logging.CRITICAL, "uvicorn.access": logging.WARNING, "faststream": logging.WARNING}


def redact(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Blank what stands under a name that may hold something personal or secret, at any depth of mappings."""
    for name, value in event.items():
        if name.lower() in SECRET_NAMES:
            event[name] = REDACTED
        elif isinstance(value, dict):
            event[name] = redact(_logger, _method, dict(value))
    return event


def configure(level: str, style: str, service: str, version: str) -> None:
    """Send structlog's and the standard library's records the same way, to standard error."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        redact,
    ]
    is_json = style == "json"
    renderer: Any = structlog.processors.JSONRenderer() if is_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, format_exception, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name, quiet in QUIET.items():
        logging.getLogger(name).setLevel(quiet)
    structlog.contextvars.bind_contextvars(service=service, version=version)
