"""Does a log line never hold what is personal or secret?"""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from libs.service import logs


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    logs.configure("INFO", "json", "router", "1.2")
    yield written
    for handler in list(root.handlers):
        root.removeHandler(handler)
    for handler in before:
        root.addHandler(handler)
    root.setLevel(level)
    for name in logs.QUIET:
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def test_a_line_is_one_json_object_that_says_who_speaks(lines: io.StringIO) -> None:
    structlog.get_logger("a.module").info("decided", request_id="r1")
    said = json.loads(lines.getvalue())
    assert said["event"] == "decided"
    assert (said["service"], said["version"], said["level"], said["logger"]) == ("router", "1.2", "info", "a.module")


@pytest.mark.parametrize("name", ["email", "Authorization", "description", "token", "password", "lat"])
def test_personal_and_secret_fields_are_blanked(lines: io.StringIO, name: str) -> None:
    structlog.get_logger().warning("seen", **{name: "jeanne", "inner": {name: "jeanne"}})
    assert "jeanne" not in lines.getvalue()


def test_the_standard_library_speaks_the_same_way(lines: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("bound %s", "8080")
    assert json.loads(lines.getvalue())["event"] == "bound 8080"


def test_a_failed_validation_does_not_repeat_its_input(lines: io.StringIO) -> None:
    from libs.events.models import Contact

    try:
        Contact.model_validate({"email": "jeanne at example", "phone": ["secret-number"]})
    except ValueError as error:
        structlog.get_logger().error("bug", exc_info=error)
    said = lines.getvalue()
    assert "ValidationError" in said
    assert "jeanne" not in said
    assert "secret-number" not in said
