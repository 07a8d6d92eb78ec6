"""`guichet directory import`: how does a new territory begin?"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from libs.directory import Compiled, compile_pack, parse_pack
from libs.directory.columns import LANGUAGE
from libs.directory.pack import PLACES
from libs.operate.commands.directory.compiling import AsJson, show_findings
from libs.operate.importing.choosing import chosen
from libs.operate.importing.needs import needs_of, readme_of
from libs.operate.importing.places import Register
from libs.operate.importing.registers import communes_in_contours, register_in
from libs.operate.importing.skeleton import Draft, Source, draft_of
from libs.operate.importing.tables import table_in
from libs.operate.importing.wishes import wishes_in
from libs.operate.outlines.attach import attach
from libs.operate.outlines.sources import features_in_file
from libs.operate.output import NO, WrongUse, answer, line, progress_bar
from libs.operate.packs import write_file

README = "README.md"


def import_(
    folder: Annotated[Path, typer.Argument(help="The new pack; must not exist yet, or be empty.")],
    epci: Annotated[str | None, typer.Option(help="SIREN of the grouping, such as 243300316.")] = None,
    register: Annotated[
        Path | None, typer.Option(help="Folder of a national register: files of communes and epci (CSV, JSON, .gz).")
    ] = None,
    contours: Annotated[Path | None, typer.Option(help="GeoJSON with the outlines, .gz too.")] = None,
    services: Annotated[Path | None, typer.Option(help="A list of services: CSV or XLSX.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every commune of the register: a country, say.")] = False,
    languages: Annotated[str, typer.Option(help="Languages of the territory, the default first.")] = "fr",
    name: Annotated[str | None, typer.Option(help="Name of the territory, where the register does not tell.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the first draft of a pack from official files, and say what in it needs a person.

    Exit code 1 when the draft cannot be published as it is.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} exists already; name a new folder.")
    spoken = _languages(languages)
    with progress_bar() as bar:
        bar.add_task("Reading", total=None)
        features = features_in_file(contours) if contours else []
        known = _register(register, contours, features)
        grouping, communes = chosen(known, str(register or contours), epci=epci, everything=everything, name=name)
        wishes, needs = wishes_in(table_in(services), spoken, str(services)) if services else ([], [])
        source = Source(grouping, communes, known, spoken, wishes, needs)
    draft, compiled = _draft(source, features if contours else None)
    _write(folder, draft.files)
    fields = {
        "pack": str(folder),
        "ok": compiled.release is not None,
        "municipalities": len(source.communes),
        "services": len(source.wishes),
        "needs": [need.as_dict() for need in draft.needs],
        "findings": [finding.as_dict() for finding in compiled.findings],
    }
    answer(fields, as_json, lambda: _show(folder, draft, compiled))
    if compiled.release is None:
        raise typer.Exit(NO)


def _languages(text: str) -> list[str]:
    languages = [language.strip() for language in text.split(",") if language.strip()]
    if wrong := [language for language in languages if not LANGUAGE.match(language)] or (not languages and [text]):
        raise WrongUse(f"“{wrong[0]}” is no language code; write --languages fr,en with the default first.")
    return languages


def _register(folder: Path | None, contours: Path | None, features: Sequence[Mapping[str, Any]]) -> Register:
    if folder is None and contours is None:
        raise WrongUse("Say where the communes come from: --register FOLDER, or --contours FILE.")
    return register_in(folder) if folder else communes_in_contours(features, str(contours))


def _draft(source: Source, features: Sequence[Mapping[str, Any]] | None) -> tuple[Draft, Compiled]:
    draft = draft_of(source)
    attached = attach(parse_pack(draft.files), features) if features is not None else None
    if attached and attached.attached:
        draft.files[PLACES] = attached.text
    compiled = compile_pack(parse_pack(draft.files))
    draft.needs = needs_of(source, attached)
    draft.files[README] = readme_of(source, draft.needs, compiled)
    return draft, compiled


def _write(folder: Path, files: Mapping[str, str]) -> None:
    """All files or none: a half-written pack would look like a small one."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    half = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}-"))
    try:
        for path, text in files.items():
            write_file(half / path, text)
        half.chmod(0o755)
        half.replace(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _show(folder: Path, draft: Draft, compiled: Compiled) -> None:
    show_findings(compiled.findings)
    line(f"{folder}: {'a draft that can be published' if compiled.release else 'a draft that cannot be published yet'}")
    line("What needs a person:")
    for need in draft.needs:
        about = f" ({', '.join(need.about)})" if need.about else ""
        line(f"  {need.file}: {need.message}{about}")
    line(f"Next: guichet directory check {folder}")
