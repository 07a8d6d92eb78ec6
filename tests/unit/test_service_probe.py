"""Does the health check of a container say what /health/ready says?"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from libs.service.probe import is_ready


@contextmanager
def service_that_answers(status: int) -> Iterator[int]:
    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/ready" else 404)
            self.end_headers()
            self.wfile.write(b'{"ready": 200 }')

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        yield server.server_port


@pytest.mark.parametrize(("status", "ready"), [(200, True), (503, False), (404, False)])
def test_the_probe_says_what_the_service_says(status: int, ready: bool) -> None:
    with service_that_answers(status) as port:
        assert is_ready(port) is ready


def test_a_service_that_does_not_listen_is_not_ready() -> None:
    with service_that_answers(200) as port:
        assert is_ready(port)
    assert not is_ready(port)
