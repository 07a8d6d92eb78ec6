"""Whom does a refusal blame, and what becomes of the letter? At a server that answers as relays do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiosmtplib import SMTP

from services.notifier.channels.smtp import REFUSALS_MAX, SmtpLine
from services.notifier.destinations.blame import RECIPIENTS_MIN, Suspicion
from services.notifier.letter import Letter
from services.notifier.outcomes import RETRY_SECONDS, Answer, Deferred, Delivered, Refused, settle
from tests.small_servers import a_server

US = Deferred("x", is_away=True)
EITHER = Deferred("x", is_doubtful=True)
LATER = Deferred("x")
NEVER = Refused("x")


@asynccontextmanager
async def a_relay(answers: Mapping[str, str]) -> AsyncIterator[int]:
    """`answers`: what is said to RCPT, and after the content of a mail."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 relay.example ESMTP\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().decode()
            if verb == "DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(f"{answers.get(verb, '250 2.0.0 ok')}\r\n".encode())

    async with a_server(serve) as port:
        yield port


@asynccontextmanager
async def a_line(port: int) -> AsyncIterator[SmtpLine]:
    client = SMTP(hostname="127.0.0.1", port=port, timeout=10)
    await client.connect()
    try:
        yield SmtpLine(client, "guichet@town.example")
    finally:
        client.close()


def a_letter(name: str = "anna") -> Letter:
    return Letter("<1@town.example>", f"{name}@citizen.example", b"Subject: a\r\n\r\nb\r\n")


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
@pytest.mark.parametrize(
    ("said", "meant"),
    [
        # about one letter
        ("550 5.1.1 no such user here", NEVER),
        ("550 5.1.2 no such domain", NEVER),
        ("550-5.2.1 this mailbox\r\n550 5.2.1 was closed", NEVER),
        ("552 5.3.4 too big", NEVER),
        ("554 5.6.1 we do not read this", NEVER),
        ("550 5.7.17 mailbox has another owner", NEVER),
        ("551 not here", NEVER),
        ("556 this domain takes no mail", NEVER),
        ("452 4.2.2 mailbox full", LATER),
        ("450 4.1.1 unverified", LATER),
        # about us
        ("421 4.7.0 too many at once", US),
        ("454 4.7.0 authentication failed for now", US),
        ("521 5.3.2 takes no mail", US),
        ("530 5.7.0 authenticate first", US),
        ("530 5.5.1 authenticate first", US),
        ("535 5.7.8 wrong password", US),
        ("550 5.4.5 daily limit reached", US),
        ("553 5.1.8 sender's domain does not exist", US),
        ("451 4.3.5 configuration error", US),
        # either
        ("554 5.7.1 relay access denied", EITHER),
        ("550 5.7.1 too many, slow down", EITHER),
        ("553 sorry, not in my list of hosts (#5.7.1)", EITHER),
        ("550 5.4.1 access denied", EITHER),
        ("503 5.5.1 need a helo", EITHER),
        ("550 relay not permitted", EITHER),
        ("554 transaction failed", EITHER),
        ("450 4.7.1 greylisted", EITHER),
    ],
)
async def test_a_refusal_ends_a_letter_only_when_it_is_surely_about_it(said: str, meant: Answer, step: str) -> None:
    async with a_relay({step: said}) as port, a_line(port) as line:
        answer = await line.send(a_letter())
    assert isinstance(answer, Deferred | Refused)
    assert type(answer) is type(meant)
    assert answer.reason.split()[1] == said[:3]
    if isinstance(answer, Deferred) and isinstance(meant, Deferred):
        assert (answer.is_away, answer.is_doubtful) == (meant.is_away, meant.is_doubtful)


async def test_a_line_that_refused_many_is_left_before_its_server_becomes_slow() -> None:
    async with a_relay({"RCPT": "550 5.1.1 no such user"}) as port, a_line(port) as line:
        for number in range(REFUSALS_MAX):
            assert not line.is_worn
            await line.send(a_letter(str(number)))
        assert line.is_worn
        assert not line.is_usable(mails_max=100)
    assert REFUSALS_MAX < 10  # smtpd_soft_error_limit


def test_one_odd_mailbox_does_not_stop_everybodys_mail() -> None:
    suspicion = Suspicion()
    assert not any(may_pause(suspicion, "odd") for _ in range(20))


def test_several_recipients_refused_in_a_row_are_about_us() -> None:
    suspicion = Suspicion()
    assert [may_pause(suspicion, str(number)) for number in range(5)] == [False] * (RECIPIENTS_MIN - 1) + [True] * 3


def test_a_letter_that_was_taken_ends_the_suspicion() -> None:
    suspicion = Suspicion()
    for number in range(20):
        assert not may_pause(suspicion, str(number))
        assert suspicion.weigh("another", Delivered()) == Delivered()


def may_pause(suspicion: Suspicion, recipient: str) -> bool:
    answer = suspicion.weigh(recipient, EITHER)
    assert isinstance(answer, Deferred)
    return answer.is_away


@pytest.mark.parametrize("answer", [US, EITHER])
def test_no_letter_is_given_up_while_the_relay_takes_nothing_from_anybody(answer: Deferred) -> None:
    for attempts in range(1, 100):
        settlement = settle("email", attempts, answer, "hold", 0.0, relay_serves=False)
        assert (settlement.state, settlement.is_attempt) == ("planned", False)
        assert settlement.delay_seconds in RETRY_SECONDS["email"]


@pytest.mark.parametrize("answer", [US, EITHER])
def test_a_letter_that_is_refused_for_days_while_others_are_taken_is_given_up(answer: Deferred) -> None:
    last = len(RETRY_SECONDS["email"])
    states = [settle("email", attempts, answer, "hold", 0.0).state for attempts in (1, last, last + 1)]
    assert states == ["planned", "planned", "failed"]


def test_a_webhook_has_its_own_schedule_whatever_its_receiver_says() -> None:
    last = len(RETRY_SECONDS["webhook"])
    assert settle("webhook", last + 1, US, "hold", 0.0, relay_serves=False).state == "failed"
