"""Does the health check of a container say what /health/ready says?"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from libs.service.probe import is_ready


class Watched(HTTPServer):
    """Keeps what went wrong while it answered, where the standard one prints a traceback."""

    failures: ClassVar[list[BaseException | None]] = []

    def handle_error(self, *_: object) -> None:
        self.failures.append(sys.exception())


@contextmanager
def service_that_answers(status: int) -> Iterator[int]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(b'{"ready": 200 }')

        def log_message(self, *_: object) -> None:
            pass

    Watched.failures.clear()
    with Watched(("127.0.0.1", 0), Answers) as server:
        answering = threading.Thread(target=server.handle_request, daemon=True)
        answering.start()
        yield server.server_port
        answering.join(30)


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (404, False)])
def test_the_probe_says_what_the_service_says(status: int, ready: bool) -> None:
    with service_that_answers(status) as port:
        assert is_ready(port) is ready


def test_the_probe_hears_a_service_out() -> None:
    """It once hung up in the middle of each answer: a reset connection every few seconds."""
    for _ in range(20):
        with service_that_answers(200) as port:
            is_ready(port)
        assert Watched.failures == []


def test_a_service_that_does_not_listen_is_not_ready() -> None:
    with service_that_answers(200) as port:
        assert is_ready(port)
    assert not is_ready(port)
