"""Does `axllent/mailpit` take a mail and show it?"""

import functools
import json
import smtplib
import urllib.request
from email.message import EmailMessage

from checks.containers import expect, running, runs_without_root, until

from libs.operate.embedded.free_port import free_port_from


def check() -> None:
    mail, page = free_port_from(31025), free_port_from(38025)
    ports = ("--publish", f"127.0.0.1:{mail}:1025", "--publish", f"127.0.0.1:{page}:8025")
    with running("mailpit", "--user", "10001:10001", "--tmpfs", "/tmp", *ports, "--env", "MP_MAX_MESSAGES=50") as name:  # noqa: S108
        for path in ("readyz", "livez"):
            until(f"mailpit: /{path}", functools.partial(fetch, page, path))
        runs_without_root(name, "mailpit")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "counter@example.org", "someone@example.org", "Élagage"
        message.set_content("A tree.")
        with smtplib.SMTP("127.0.0.1", mail, timeout=20) as smtp:
            smtp.send_message(message)
        subjects = [m["Subject"] for m in json.loads(fetch(page, "api/v1/messages"))["messages"]]
        expect(subjects == ["Élagage"], "mailpit: takes a mail and shows it by its API", subjects)


def fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=10) as response:
        body: bytes = response.read()
        return body
