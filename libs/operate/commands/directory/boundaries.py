"""`guichet directory boundaries`: how do official outlines get into a pack?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from libs.directory import Compiled, Pack, compile_pack, parse_pack
from libs.directory.pack import PLACES
from libs.operate import boundaries as outlines
from libs.operate.commands.directory.compiling import AsJson, PackName, show_findings
from libs.operate.output import Stopped, WrongUse, answer, line, progress_bar
from libs.operate.packs import find_pack, read_pack, writable_pack, write_file

GOLDEN_FAILED = "golden-failed"  # the outlines are the author's to keep or to correct; publishing waits for that


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
    broken = [finding for finding in compiled.errors if finding.code != GOLDEN_FAILED]
    if compiled.draft is None or broken:
        show_findings(broken)
        raise Stopped("With these outlines the pack does not compile; nothing was written.")
    target = writable_pack(folder)
    write_file(target / PLACES, attached.text)
    fields = {"pack": str(target), "version": compiled.draft.version, **attached.as_dict()}
    answer(fields, as_json, lambda: _show_attached(target, attached, compiled))


def _attach(pack: Pack, features: Sequence[Any]) -> outlines.Attached:
    with progress_bar() as bar:
        task = bar.add_task("Attaching outlines", total=len(pack.authorities))
        return outlines.attach(pack, features, lambda: bar.advance(task))


def _missing(attached: outlines.Attached) -> str:
    names = ", ".join(attached.missing)
    return f"No outline for {names}; nothing was written. Use another file, or --partial to go without them."


def _show_attached(target: Path, attached: outlines.Attached, compiled: Compiled) -> None:
    line(f"{len(attached.attached)} outlines written to {target / PLACES}")
    if attached.repaired:
        line(f"Repaired, because they crossed themselves: {', '.join(attached.repaired)}")
    if attached.missing:
        line(f"Without outline, so points there are out of territory: {', '.join(attached.missing)}")
    if warnings := [finding for finding in compiled.findings if finding.file == PLACES]:
        line(f"{len(warnings)} remarks on how they meet; see: guichet directory check {target}")
    if compiled.errors:
        line("Points that its golden cases are sure of fall elsewhere, so it cannot be published yet:")
        show_findings(compiled.errors)
        return
    line(f"Next: guichet directory publish {target.name}")
