"""Does the mail receiver keep every mail that it acknowledged, and show it?"""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx2
import pytest

from libs.operate.mailbox.limits import MAIL_BYTES_MAX
from tests.brokers import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Mailbox:
    folder: Path
    smtp_port: int
    http_port: int
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    def start(self) -> None:
        where = ["--smtp-port", str(self.smtp_port), "--http-port", str(self.http_port), "--folder", str(self.folder)]
        self.running = subprocess.Popen([sys.executable, "-m", "libs.operate.mailbox", *where], cwd=ROOT)
        for _ in range(200):
            try:
                httpx2.get(f"{self.url}/api/v1/messages", timeout=5)
                return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise AssertionError("the mailbox did not start")

    def end(self, number: signal.Signals) -> int:
        assert self.running is not None
        self.running.send_signal(number)
        return self.running.wait(20)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    mailbox = Mailbox(tmp_path, free_port(), free_port())
    mailbox.start()
    yield mailbox
    mailbox.end(signal.SIGKILL)


def mail(number: int, text: str = "Bonjour <script>alert(1)</script>") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "guichet@guichet.example", f"p{number}@citizen.example"
    message["Subject"], message["Message-ID"] = f"Demande n° {number}", f"<{number}@guichet.example>"
    message.set_content(text)
    return message


async def send(mailbox: Mailbox, messages: list[EmailMessage]) -> None:
    async with aiosmtplib.SMTP(hostname="127.0.0.1", port=mailbox.smtp_port) as client:
        for message in messages:
            await client.send_message(message)


async def send_from_four_sides(mailbox: Mailbox, count: int) -> None:
    await asyncio.gather(
        *(send(mailbox, [mail(number) for number in range(count) if number % 4 == n]) for n in range(4))
    )


def test_every_acknowledged_mail_is_there_after_a_kill(mailbox: Mailbox) -> None:
    asyncio.run(send_from_four_sides(mailbox, 100))
    mailbox.end(signal.SIGKILL)
    mailbox.start()
    found = httpx2.get(f"{mailbox.url}/api/v1/messages", params={"limit": 1000}, timeout=20).json()
    assert found["total"] == 100
    assert {one["MessageID"] for one in found["messages"]} == {f"{number}@guichet.example" for number in range(100)}


def test_one_mail_is_shown_whole_and_harmless(mailbox: Mailbox) -> None:
    asyncio.run(send(mailbox, [mail(1)]))
    detail = httpx2.get(f"{mailbox.url}/api/v1/message/1", timeout=20).json()
    assert detail["Subject"] == "Demande n° 1"
    assert detail["To"] == [{"Address": "p1@citizen.example"}]
    assert detail["Text"].strip() == "Bonjour <script>alert(1)</script>"
    page = httpx2.get(f"{mailbox.url}/mail/1", timeout=20)
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "Demande n° 1" in httpx2.get(mailbox.url, timeout=20).text


def test_deleting_empties_the_box(mailbox: Mailbox) -> None:
    asyncio.run(send(mailbox, [mail(1)]))
    assert httpx2.delete(f"{mailbox.url}/api/v1/messages", timeout=20).json() == {"deleted": True}
    assert httpx2.get(f"{mailbox.url}/api/v1/messages", timeout=20).json() == {"total": 0, "messages": []}
    assert httpx2.get(f"{mailbox.url}/api/v1/message/1", timeout=20).status_code == 404


def test_a_mail_over_the_limit_is_refused(mailbox: Mailbox) -> None:
    with pytest.raises(aiosmtplib.SMTPResponseException) as refusal:
        asyncio.run(send(mailbox, [mail(1, text="x\n" * MAIL_BYTES_MAX)]))
    assert refusal.value.code == 552


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "start=-1", "limit=many"])
def test_a_window_that_cannot_be_is_refused(mailbox: Mailbox, query: str) -> None:
    answer = httpx2.get(f"{mailbox.url}/api/v1/messages?{query}", timeout=20)
    assert (answer.status_code, "limit between 1 and 1000" in answer.json()["error"]) == (400, True)


def test_asked_to_stop_it_ends_cleanly(mailbox: Mailbox) -> None:
    assert mailbox.end(signal.SIGTERM) == 0
    mailbox.start()
