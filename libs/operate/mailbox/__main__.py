"""How is the mailbox started? `python -m libs.operate.mailbox --smtp-port 1025 --http-port 8025 --folder FOLDER`."""

import argparse
import asyncio
import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

import uvicorn
import uvloop

from libs.operate.embedded.free_port import HOST
from libs.operate.mailbox.limits import HTTP_CONNECTIONS_MAX, MAILS_MAX, STOP_SECONDS
from libs.operate.mailbox.receive import Receiver
from libs.operate.mailbox.store import MailStore
from libs.operate.mailbox.web import mailbox_app


class Web(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """uvicorn would send itself the signal again after serving, and so end us before the mails are put away."""
        loop = asyncio.get_running_loop()
        for number in uvicorn.server.HANDLED_SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


async def serve(smtp_port: int, http_port: int, folder: Path, mails_max: int) -> None:
    store = MailStore(folder / "mails.sqlite", mails_max)
    receiver = Receiver(store)
    web = Web(
        uvicorn.Config(
            mailbox_app(store, mails_max),
            host=HOST,
            port=http_port,
            log_level="warning",
            limit_concurrency=HTTP_CONNECTIONS_MAX,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    smtp = await asyncio.get_running_loop().create_server(receiver.protocol, HOST, smtp_port, reuse_address=True)
    keeping = asyncio.create_task(receiver.run())
    print(f"mailbox: SMTP {HOST}:{smtp_port}, http://{HOST}:{http_port}, keeps {mails_max} mails", flush=True)
    try:
        await web.serve()
    finally:
        smtp.close()
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        store.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m libs.operate.mailbox", description="Receives mails and shows them."
    )
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--folder", type=Path, required=True, help="where mails are kept")
    parser.add_argument("--mails-max", type=int, default=MAILS_MAX, help="the oldest beyond this many are dropped")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    uvloop.run(serve(arguments.smtp_port, arguments.http_port, arguments.folder, arguments.mails_max))


if __name__ == "__main__":
    main()
