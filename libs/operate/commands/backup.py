"""`guichet backup` and `guichet restore`: how does everything come into one file, and back?"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import TaskID

from libs.operate.backup.archive import Reader
from libs.operate.backup.restore import restore as restore_into
from libs.operate.backup.restore import verified
from libs.operate.backup.take import Tell, take
from libs.operate.output import WrongUse, answer, line, progress_bar
from libs.operate.system import Home, home_folder
from libs.operate.where import VARIABLES, Addresses, find_system

# Both name a system elsewhere, such as that of a compose file; without them it is the folder on this machine.
NAMES_THE_TARGET = (VARIABLES["kafka"], VARIABLES["dsn"])
SHOWN_MAX = 10  # ids of lost requests; a script gets all of them

AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    as_json: AsJson = False,
) -> None:
    """Put everything that the running system knows into one file. The services go on meanwhile.

    Secrets are not in it: keep $GUICHET_HOME/secrets apart, or what is sealed can never be read again.
    """
    system = find_system()
    if not system.dsn:
        raise WrongUse("name the database in GUICHET_POSTGRES_DSN")
    with _told() as tell:
        found = asyncio.run(take(system, file, tell))
    answer(found, as_json, lambda: _show_backup(found, system))


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `guichet backup` wrote.")],
    check: Annotated[
        bool, typer.Option("--check", help="Only read all of it and try the keys; change nothing.")
    ] = False,
    hold_mails: Annotated[
        bool,
        typer.Option("--hold-mails", help="Mails planned at the backup may have left since: do not send them, say so."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fill an empty system with a backup, while no service runs.

    Here: put the secrets into $GUICHET_HOME/secrets, restore, then `guichet up`. Elsewhere: name Kafka and the
    database by GUICHET_KAFKA_BOOTSTRAP and GUICHET_POSTGRES_DSN. Exit code 1 when it cannot be restored there.
    """
    archive, home = Reader(file), Home(home_folder())
    with _told() as tell:
        verified(home.folder, archive, tell)
        if check:
            found = {"file": str(file), "ok": True, "taken_at": archive.manifest.taken_at.isoformat()}
            answer(found, as_json, lambda: line(f"{file} is whole, and the keys at hand are its own."))
            return
        with _target(home) as system:
            found = asyncio.run(restore_into(system, archive, tell, holds_mails=hold_mails))
    answer(found, as_json, lambda: _show_restored(found, is_here=not _named()))


def _named() -> list[str]:
    return [variable for variable in NAMES_THE_TARGET if os.environ.get(variable)]


@contextmanager
def _target(home: Home) -> Iterator[Addresses]:
    """The system that the environment names, else Kafka and PostgreSQL of this machine's folder, started for this."""
    if len(_named()) == len(NAMES_THE_TARGET):
        yield find_system()
        return
    if _named():
        raise WrongUse(f"name both {' and '.join(NAMES_THE_TARGET)}, or neither to restore into {home.folder}")
    from libs.operate.backup.offline import servers_alone  # Java and PostgreSQL are needed for this alone

    with servers_alone(home) as found:
        yield found


@contextmanager
def _told() -> Iterator[Tell]:
    """One line of the progress bar for each piece of work."""
    with progress_bar() as bar:
        tasks: dict[str, TaskID] = {}

        def tell(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield tell


def _show_backup(found: dict[str, Any], system: Addresses) -> None:
    line(
        f"{found['file']}: {found['requests']} requests, {found['notices']} notices, {found['leaves']} leaves of "
        f"the log, {sum(found['records'].values())} records of Kafka, {found['bytes'] / 1e6:.1f} MB"
    )
    line(f"No secret is in it: keep a copy of {Home(system.home).secrets} apart; what is sealed needs it.")


def _show_restored(found: dict[str, Any], *, is_here: bool) -> None:
    line(
        f"Restored as of {found['taken_at']}: {found['requests']} requests, {found['notices']} notices, "
        f"{found['leaves']} leaves of the log; {found['records']} records written to Kafka"
    )
    if found["held_mails"]:
        line(f"{found['held_mails']} mails are held: the notifier will say of each that it may have arrived.")
    if found["settled_notices"]:
        line(f"{found['settled_notices']} notices had ended since the backup and are not sent again.")
    if lost := found["lost_requests"]:
        line(
            f"{len(lost)} requests were accepted after the backup; only Kafka knows them: {', '.join(lost[:SHOWN_MAX])}"
        )
    line(
        f"If anyone holds a checkpoint of the log of more than {found['leaves']} leaves, give the log a new name first."
    )
    line("Next: guichet up --no-requests" if is_here else "Next: run the migrations again, then start the services.")
