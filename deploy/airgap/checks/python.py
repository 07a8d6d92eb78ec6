"""Does `python` bring what a service image is built with?"""

from checks.containers import HARDENED, NAMES, docker, expect


def check() -> None:
    said = docker(
        *("run", "--rm", *HARDENED, "--user", "10001", "--tmpfs", "/tmp:exec", NAMES["python"], "sh", "-c"),  # noqa: S108
        "python --version && pip --version && python -m venv /tmp/v && /tmp/v/bin/pip --version && python3 -m ssl",
    )
    expect(said.startswith("Python 3.11."), "python: 3.11, with pip, venv and TLS", said)
