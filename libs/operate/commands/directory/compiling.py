"""How does a command name a pack, compile it, and show what is wrong with it?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from libs.directory import Compiled, Finding, Release, compile_pack, parse_pack
from libs.operate.output import STDOUT, Stopped, counted, progress_bar, say
from libs.operate.packs import read_pack

PackName = Annotated[str, typer.Argument(help="A folder, or the name of a pack, such as bordeaux-metropole.")]
AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]


def compiled(folder: Path) -> Compiled:
    """The pack in a folder, with everything there is to say about it."""
    with progress_bar() as bar:
        bar.add_task(f"Compiling {folder.name}", total=None)
        return compile_pack(parse_pack(read_pack(folder)))


def publishable(folder: Path) -> Release:
    """The release of a pack without errors; `Stopped` otherwise, once the errors are said."""
    found = compiled(folder)
    if found.release is None:
        for finding in found.errors:
            say(in_one_line(finding))
        raise Stopped(f"{folder} has {counted(len(found.errors), 'error')}; nothing was published.")
    return found.release


def in_one_line(finding: Finding) -> str:
    """For standard error."""
    return (
        f"{finding.file}:{finding.line}: {finding.level} {finding.code}: {finding.message}. Remedy: {finding.remedy}."
    )


def show_findings(findings: Sequence[Finding]) -> None:
    """Each with its place and its remedy; no line is cut."""
    for finding in findings:
        color = "red" if finding.level == "error" else "yellow"
        where = f"{finding.file}:{finding.line}"
        text = f"[{color}]{finding.level}[/] {escape(where)} {finding.code}: {escape(finding.message)}"
        STDOUT.print(text, soft_wrap=True)
        STDOUT.print(f"        [dim]{escape(finding.remedy)}[/]", soft_wrap=True)
