"""How does a command answer: to a person, to a script, and with which exit code?

With `--json`, one object on standard output and everything else on standard error, so that it can be piped.
"""

import json
import sys
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

DONE, NO, WRONG_USE, AWAY = 0, 1, 2, 3

PIPE_COLUMNS = 160  # rich takes 80 where there is no terminal, and cuts the names of topics

STDOUT = Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_COLUMNS)
STDERR = Console(stderr=True, highlight=False)

Fields = Mapping[str, Any]


class Stopped(Exception):
    """The command ends here, with a sentence that says why and what to do."""

    exit_code: ClassVar[int] = NO


class WrongUse(Stopped):
    """What was asked for cannot be; another word or option is needed."""

    exit_code = WRONG_USE


class Away(Stopped):
    """Something that is needed does not answer."""

    exit_code = AWAY


def answer(fields: Fields, as_json: bool, show: Callable[[], None]) -> None:
    """The object for a script, or what `show` prints for a person."""
    if as_json:
        sys.stdout.write(json.dumps(fields, ensure_ascii=False, default=str) + "\n")
    else:
        show()


def line(text: str) -> None:
    """One line of the answer, as it is: names in it are not markup, and no width cuts it."""
    STDOUT.print(text, markup=False, soft_wrap=True)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: 1 error, 2 errors; `many` where an s is not enough."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def say(text: str) -> None:
    """Beside the answer: on standard error."""
    STDERR.print(text, markup=False, soft_wrap=True)


def progress_bar() -> Progress:
    """For long work; on standard error, and gone when the work is done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=STDERR,
        transient=True,
        disable=not STDERR.is_terminal,
    )
