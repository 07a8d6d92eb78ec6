"""`guichet directory`: is a territory pack sound, and how does it become what the services decide by?"""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from libs.directory import Compiled, Finding, Pack, Release, compile_pack, parse_pack
from libs.directory.pack import PLACES
from libs.operate import boundaries as outlines
from libs.operate.output import NO, STDOUT, Stopped, WrongUse, answer, progress_bar, say
from libs.operate.packs import find_pack, read_pack, writable_pack, write_file
from libs.operate.publishing import Published, publish_release
from libs.operate.where import find_system

app = typer.Typer(help="Who owns what: check, attach boundaries to, and publish territory packs.", no_args_is_help=True)

PackName = Annotated[str, typer.Argument(help="A folder, or the name of a pack, such as bordeaux-metropole.")]
AsJson = Annotated[bool, typer.Option("--json", help="One object for scripts.")]


@app.command()
def check(
    pack: PackName,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
) -> None:
    """Compile a pack and say what is wrong with it, where, and what to do. Exit code 1 when it cannot be published."""
    folder = find_pack(pack)
    compiled = _compiled(folder)
    errors, warnings = len(compiled.errors), len(compiled.findings) - len(compiled.errors)
    is_sound = compiled.release is not None and not (strict and warnings)
    fields = {
        "pack": str(folder),
        "ok": is_sound,
        "version": compiled.release.version if compiled.release else None,
        "errors": errors,
        "warnings": warnings,
        "has_boundaries": bool(compiled.release and compiled.release.has_boundaries),
        "findings": [finding.as_dict() for finding in compiled.findings],
    }
    answer(fields, as_json, lambda: _show(folder, compiled))
    if not is_sound:
        raise typer.Exit(NO)


@app.command()
def publish(
    pack: PackName,
    effective_from: Annotated[
        str | None, typer.Option(help="In force from this moment, ISO 8601, the territory's time; default now.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compile a pack and send its release to every service; nothing is sent when it is the one in force already."""
    release = _release(find_pack(pack))
    since = _moment(effective_from, release)
    published = asyncio.run(publish_release(find_system(), release, since))
    answer(published.as_dict(), as_json, lambda: _show_published(published, release))


@app.command()
def boundaries(
    pack: PackName,
    source: Annotated[Path | None, typer.Option("--from", help="GeoJSON, .gz too, with the outlines.")] = None,
    official: Annotated[bool, typer.Option("--official", help="Fetch from the national API.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Accept that municipalities are missing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Attach the outlines of its municipalities to a pack; of a shipped one, to a copy in $GUICHET_HOME/territories."""
    if (source is None) == (not official):
        raise WrongUse("Say where the outlines come from: --from FILE, or --official.")
    folder = find_pack(pack)
    files = read_pack(folder)
    parsed = parse_pack({path: text for path, text in files.items() if path != PLACES})
    with progress_bar() as bar:
        bar.add_task(f"Reading {source or 'the official outlines'}", total=None)
        features = outlines.features_in_file(source) if source else outlines.features_from_api(parsed)
    attached = _attach(parsed, features)
    if not attached.attached or (attached.missing and not partial):
        raise Stopped(_missing(attached))
    compiled = compile_pack(parse_pack({**files, PLACES: attached.text}))
    if compiled.release is None:
        _show(folder, compiled)
        raise Stopped("With these outlines the pack does not compile; nothing was written.")
    target = writable_pack(folder)
    write_file(target / PLACES, attached.text)
    fields = {"pack": str(target), "version": compiled.release.version, **attached.as_dict()}
    answer(fields, as_json, lambda: _show_attached(target, attached, compiled))


def _compiled(folder: Path) -> Compiled:
    with progress_bar() as bar:
        bar.add_task(f"Compiling {folder.name}", total=None)
        return compile_pack(parse_pack(read_pack(folder)))


def _release(folder: Path) -> Release:
    compiled = _compiled(folder)
    if compiled.release is None:
        for finding in compiled.errors:
            say(_line(finding))
        raise Stopped(f"{folder} has {len(compiled.errors)} errors; nothing was published.")
    return compiled.release


def _moment(text: str | None, release: Release) -> datetime | None:
    """A time without a zone is the territory's own."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUse(f"“{text}” is no moment; write it as 2027-01-01 or 2027-01-01T06:00.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=release.calendar.zone)


def _attach(pack: Pack, features: Sequence[Any]) -> outlines.Attached:
    with progress_bar() as bar:
        task = bar.add_task("Attaching outlines", total=len(pack.authorities))
        return outlines.attach(pack, features, lambda: bar.advance(task))


def _missing(attached: outlines.Attached) -> str:
    names = ", ".join(attached.missing)
    return f"No outline for {names}; nothing was written. Use another file, or --partial to go without them."


def _line(finding: Finding) -> str:
    return (
        f"{finding.file}:{finding.line}: {finding.level} {finding.code}: {finding.message}. Remedy: {finding.remedy}."
    )


def _show(folder: Path, compiled: Compiled) -> None:
    for finding in compiled.findings:
        color = "red" if finding.level == "error" else "yellow"
        where = f"{finding.file}:{finding.line}"
        STDOUT.print(f"[{color}]{finding.level}[/] {escape(where)} {finding.code}: {escape(finding.message)}")
        STDOUT.print(f"        [dim]{escape(finding.remedy)}[/]")
    release = compiled.release
    if release is None:
        STDOUT.print(f"{folder}: {len(compiled.errors)} errors; it cannot be published.")
        return
    counts = (
        f"{len(release.municipalities)} municipalities, {len(release.services)} services, {len(release.rules)} rules"
    )
    STDOUT.print(f"{release.version}: {counts}, {len(compiled.findings)} warnings")
    if not release.has_boundaries:
        STDOUT.print(
            "It has no boundaries: it routes by official code, postal code and name, not by a point alone. "
            f"Attach them: guichet directory boundaries {folder.name} --from FILE"
        )


def _show_published(published: Published, release: Release) -> None:
    since = f"{release.calendar.local(published.effective_from):%Y-%m-%d %H:%M %Z}"
    what = f"published, in force from {since}" if published.is_new else f"in force at {since} already, nothing sent"
    STDOUT.print(f"{published.version}: {what}")


def _show_attached(target: Path, attached: outlines.Attached, compiled: Compiled) -> None:
    STDOUT.print(f"{len(attached.attached)} outlines written to {target / PLACES}")
    if attached.repaired:
        STDOUT.print(f"Repaired, because they crossed themselves: {', '.join(attached.repaired)}")
    if attached.missing:
        STDOUT.print(f"Without outline, so points there are out of territory: {', '.join(attached.missing)}")
    if warnings := [finding for finding in compiled.findings if finding.file == PLACES]:
        STDOUT.print(f"{len(warnings)} remarks on how they meet; see: guichet directory check {target}")
    STDOUT.print(f"Next: guichet directory publish {target.name}")
