"""Which commands does `guichet` have? Each is in a file of its own under commands/."""

import ast
import logging
import os
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Annotated, NoReturn

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
    "republish": "republish",
    "backup": "backup",
    "restore": "backup",
}
GROUPS = ("directory", "keys", "audit", "triage", "notices", "bench")
HELP = "Guichet: one counter for every public service. Exit codes: 0 done, 1 no, 2 wrong use, 3 something is away."
# What the shells set when they ask for completions (Typer's own names; bash, then the others).
COMPLETING, WORDS = "_GUICHET_COMPLETE", ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")


def app_for(arguments: list[str]) -> typer.Typer:
    """The command line with the command that the arguments name; with a line about each for help and for errors."""
    app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help=HELP)
    app.callback()(_options)
    first = arguments[0] if arguments else ""
    if first in GROUPS:
        app.add_typer(_module(first).app, name=first)
    elif first in COMMANDS:
        app.command(first)(getattr(_module(first), first))
    else:
        for name in [*COMMANDS, *GROUPS]:
            app.command(name, help=summary_of(name))(_not_loaded)
    return app


def _module(name: str) -> ModuleType:
    return import_module(f"libs.operate.commands.{COMMANDS.get(name, name)}")


def _not_loaded() -> None:
    """Stands for a command in the list of all; it is never run, since whoever names it gets the real one."""


def summary_of(name: str) -> str:
    """What a command says of itself, read from its file without running it."""
    spec = find_spec(f"libs.operate.commands.{COMMANDS.get(name, name)}")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    if name in COMMANDS:
        return next(
            ast.get_docstring(node) or ""
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name == name
        )
    return next(_helps(tree))


def _helps(tree: ast.Module) -> Iterator[str]:
    """Of the call `typer.Typer(help=…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.Typer":
            yield from (ast.literal_eval(word.value) for word in node.keywords if word.arg == "help")


def _show_version(is_asked: bool) -> None:
    if is_asked:
        sys.stdout.write(f"guichet {version('guichet')}\n")
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Without this, Typer would make a single command the whole program."""


def _completed_words() -> list[str]:
    """What stands on the line that a shell wants completed, after the program's name."""
    line = next((os.environ[name] for name in WORDS if name in os.environ), "")
    return line.split()[1:]


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and end with its exit code."""
    # A command says itself what is wrong, once; what the libraries log meanwhile is for services.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    given = sys.argv[1:] if arguments is None else arguments
    run: Callable[..., object] = app_for(_completed_words() if COMPLETING in os.environ else given)
    try:
        run(args=given, prog_name="guichet")
    except Stopped as stopped:
        say(str(stopped))
        sys.exit(stopped.exit_code)
    sys.exit()


if __name__ == "__main__":
    main()
