"""How does a mail arrive? Over SMTP, and it is acknowledged only when it is kept."""

import asyncio
import sqlite3
from datetime import UTC, datetime

from aiosmtpd.smtp import SMTP, Envelope, Session

from libs.operate.mailbox.limits import BATCH_MAILS_MAX, MAIL_BYTES_MAX, RECIPIENTS_MAX, SMTP_IDLE_SECONDS
from libs.operate.mailbox.store import Arrival, MailStore

KEPT = "250 2.0.0 kept"
NOT_KEPT = "451 4.3.0 the mail could not be kept; try again later"
TOO_MANY = f"452 4.5.3 at most {RECIPIENTS_MAX} recipients in one mail"


class Receiver:
    """aiosmtpd's handler. Mails that come while a batch is being written share the next commit."""

    def __init__(self, store: MailStore) -> None:
        self._store = store
        # Bounded by the senders: each waits for its answer before it may send another.
        self._waiting: asyncio.Queue[tuple[Arrival, asyncio.Future[str]]] = asyncio.Queue()

    def protocol(self) -> SMTP:
        return SMTP(
            self,
            data_size_limit=MAIL_BYTES_MAX,
            enable_SMTPUTF8=True,
            timeout=SMTP_IDLE_SECONDS,
            ident="guichet mailbox",
            hostname="localhost",  # else the name is looked up for each connection
        )

    async def handle_RCPT(  # noqa: N802 - aiosmtpd calls it by this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= RECIPIENTS_MAX:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 ok"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        arrival = Arrival(datetime.now(UTC), tuple(envelope.rcpt_tos), content)
        await self._waiting.put((arrival, answer))
        return await answer

    async def run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < BATCH_MAILS_MAX and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            said = await self._keep([arrival for arrival, _ in batch])
            for _, answer in batch:
                if not answer.done():  # the sender went away meanwhile
                    answer.set_result(said)

    async def _keep(self, mails: list[Arrival]) -> str:
        try:
            await asyncio.to_thread(self._store.add, mails)
        except sqlite3.Error:  # the disk is full, for example
            return NOT_KEPT
        return KEPT
