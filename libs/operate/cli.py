"""Which commands does `guichet` have? Each is in a file of its own under commands/."""

import logging
import sys
from importlib import import_module
from typing import NoReturn

import structlog
import typer

from libs.operate.output import Stopped, say

# Command -> its file. Only the file of the command that is asked for is imported: Kafka's client, shapely and the rest
# take more than a second of a processor, and scripts call `guichet` often.
COMMANDS = {
    "up": "up",
    "down": "up",
    "demo": "demo",
    "status": "status",
    "trace": "trace",
    "explain": "explain",
    "emit": "emit",
    "topics": "topics",
    "backup": "backup",
    "restore": "backup",
}
GROUPS = ("directory", "keys", "audit", "triage", "bench")
HELP = "Guichet: one counter for every public service. Exit codes: 0 done, 1 no, 2 wrong use, 3 something is away."


def app_for(arguments: list[str]) -> typer.Typer:
    """The command line with the command that the arguments name, or with all of them (for help and for errors)."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP)
    app.callback()(_no_options)
    first = arguments[0] if arguments else ""
    known = first in COMMANDS or first in GROUPS
    for name in [first] if known else [*COMMANDS, *GROUPS]:
        module = import_module(f"libs.operate.commands.{COMMANDS.get(name, name)}")
        if name in COMMANDS:
            app.command(name)(getattr(module, name))
        else:
            app.add_typer(module.app, name=name)
    return app


def _no_options() -> None:
    """Without this, Typer would make a single command the whole program."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and end with its exit code."""
    # A command says itself what is wrong, once; what the libraries log meanwhile is for services.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    given = sys.argv[1:] if arguments is None else arguments
    try:
        app_for(given)(args=given)
    except Stopped as stopped:
        say(str(stopped))
        sys.exit(stopped.exit_code)
    sys.exit()


if __name__ == "__main__":
    main()
