"""How is the first draft of a pack put together, written and shown, whatever it is made of?"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from libs.directory import Compiled, compile_pack, parse_pack
from libs.directory.columns import LANGUAGE
from libs.directory.pack import PLACES
from libs.operate.commands.directory.compiling import show_findings
from libs.operate.importing.needs import needs_of, readme_of
from libs.operate.importing.skeleton import Draft, Source, draft_of
from libs.operate.outlines.attach import attach
from libs.operate.output import NO, WrongUse, answer, line
from libs.operate.packs import write_file

README = "README.md"


def require_new(folder: Path) -> None:
    """`WrongUse` where something is already: a pack is never written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise WrongUse(f"{folder} exists already; name a new folder.")


def languages_in(text: str) -> list[str]:
    """As `--languages` has them, the default first."""
    languages = [language.strip() for language in text.split(",") if language.strip()]
    if wrong := [language for language in languages if not LANGUAGE.match(language)] or (not languages and [text]):
        raise WrongUse(f"“{wrong[0]}” is no language code; write --languages fr,en with the default first.")
    return languages


def answer_draft(folder: Path, source: Source, features: Sequence[Mapping[str, Any]] | None, as_json: bool) -> None:
    """Write it, and say what in it needs a person. Exit code 1 when it cannot be published as it is."""
    draft, compiled = _draft(source, features)
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
