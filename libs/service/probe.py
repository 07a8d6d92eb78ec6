"""Can this container's service do all it is for? Exit code 0 or 1, for the engine's health check.

Run as a file, `python -I -S probe.py PORT`: it asks every few seconds, and importing more than a socket would cost more
than the question. It asks whether the service is *ready*, since that is what compose waits for; nothing is restarted
for not being ready, and a process in which something has ended exits by itself.
"""

import socket
import sys

SECONDS_MAX = 4.0
ANSWER_BYTES_MAX = 65_536  # a few hundred in fact; whoever sends more is no service of ours
OK = b" 200 "


def is_ready(port: int) -> bool:
    question = b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection(("127.0.0.1", port), SECONDS_MAX) as connection:
            connection.sendall(question)
            with connection.makefile("rb") as answer:
                status = answer.readline(ANSWER_BYTES_MAX)
                answer.read(ANSWER_BYTES_MAX)  # closing with something unread would reset the service's connection
            return OK in status
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_ready(int(sys.argv[1])) else 1)
