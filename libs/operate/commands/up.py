"""`guichet up` and `guichet down`: how does everything start and stop on this machine?"""

from typing import Annotated

import typer

from libs.operate.first_requests import NotShown, hand_in
from libs.operate.output import NO, STDERR, STDOUT, Stopped, say
from libs.operate.secrets import Secrets
from libs.operate.system import EXIT_HELD, Home, System, home_folder, running_system
from libs.operate.up import NotUp, bring_up, take_down

LINKS = (
    ("Counter page", "intake", "/"),
    ("Desk", "intake", "/triage"),
    ("HTTP interface", "intake", "/api/v1/openapi.json"),
    ("Mails sent", "mailbox", "/"),
    ("Figures", "intake", "/metrics"),
)


Foreground = Annotated[bool, typer.Option("--foreground", help="Keep it on this terminal; Ctrl-C stops it.")]
NoRequests = Annotated[bool, typer.Option("--no-requests", help="Hand in no first requests.")]


def up(foreground: Foreground = False, no_requests: NoRequests = False) -> None:
    """Start Kafka, PostgreSQL and the four services here, and hand in a few requests."""
    home = Home(home_folder())
    if foreground:
        _stay(home)
        return
    try:
        outcome = bring_up(home, STDERR)
    except NotUp as error:
        raise Stopped(str(error)) from error
    if outcome.was_running:
        show_running(outcome.system)
        return
    if not no_requests:
        _show_first_requests(home, outcome.system)
    show_links(outcome.system)
    STDOUT.print(f"The key for the desk is in {Secrets(home.secrets).path('desk')}.", soft_wrap=True)
    STDOUT.print(f"Data and logs are in {home.folder}; `guichet down` stops it.", soft_wrap=True)


def _show_first_requests(home: Home, system: System) -> None:
    """The system is up whatever comes of them: a failure is told, and `up` has still done its work."""
    key = Secrets(home.secrets).api_key("demo")
    try:
        hand_in(system.urls["intake"], key or "", STDOUT)
    except NotShown as error:
        say(f"The first requests were not shown: {error}")


def _stay(home: Home) -> None:
    from libs.operate.supervise import supervise  # brings the clients of Kafka and PostgreSQL along

    code = supervise(home, say)
    if code == EXIT_HELD:
        system = running_system(home)
        if system is None:
            raise Stopped(f"another process holds {home.lock_file} and has not said yet who it is; try again")
        show_running(system)
    elif code != 0:
        raise typer.Exit(NO)


def show_running(system: System) -> None:
    STDOUT.print(f"It is running already: process {system.supervisor.pid}, since {system.since}.")
    show_links(system)


def show_links(system: System) -> None:
    for name, service, path in LINKS:
        STDOUT.print(f"  {name:<15} {system.urls[service]}{path}", soft_wrap=True)


def down() -> None:
    """Stop everything that `guichet up` started here."""
    home = Home(home_folder())
    if take_down(home, STDERR):
        STDOUT.print("Everything is stopped; the data are kept.")
    else:
        STDOUT.print(f"Nothing runs in {home.folder}.", soft_wrap=True)
