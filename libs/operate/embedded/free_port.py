"""Which port can a server take?"""

import socket

from libs.operate.embedded.errors import NoFreePort

HOST = "127.0.0.1"  # Nothing embedded is reachable from another machine: it has no passwords.
PORTS_TRIED_MAX = 200


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a port is not taken merely because connections of an earlier run linger (TIME_WAIT).
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def free_port_from(wanted: int, *, but_not: frozenset[int] = frozenset()) -> int:
    """`wanted`, or the next one after it that is free now; another program may still be quicker to take it."""
    for port in range(wanted, min(wanted + PORTS_TRIED_MAX, 65_536)):
        if port not in but_not and is_free(port):
            return port
    raise NoFreePort(f"no free port among the {PORTS_TRIED_MAX} from {wanted}; stop a program that listens there")
