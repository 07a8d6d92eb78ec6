"""`guichet directory boundaries`: how do official outlines get into a pack?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from libs.directory import Compiled, Pack, compile_pack, parse_pack
from libs.directory.pack import PLACES
from libs.directory.shapes import CODE_PROPERTIES
from libs.operate.commands.directory.compiling import AsJson, PackName, show_findings
from libs.operate.outlines.attach import Attached, attach
from libs.operate.outlines.sources import features_from_api, features_in_file
from libs.operate.output import Stopped, WrongUse, answer, counted, line, progress_bar
from libs.operate.packs import find_pack, read_pack, writable_pack, write_file

GOLDEN_FAILED = "golden-failed"  # the outlines are the author's to keep or to correct; publishing waits for that


def boundaries(
    pack: PackName,
    source: Annotated[
        Path | None, typer.Option("--from", help="GeoJSON, .gz too; without it, the national API is asked.")
    ] = None,
    official: Annotated[bool, typer.Option("--official", help="Ask the national API, as without --from.")] = False,
    partial: Annotated[bool, typer.Option("--partial", help="Accept that municipalities are missing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Attach the outlines of its municipalities to a pack; of a shipped one, to a copy in $GUICHET_HOME/territories."""
    if source and official:
        raise WrongUse("Outlines come from one place: --from FILE, or --official.")
    folder = find_pack(pack)
    files = read_pack(folder)
    parsed = parse_pack({path: text for path, text in files.items() if path != PLACES})
    with progress_bar() as bar:
        bar.add_task(f"Reading {source or 'the official outlines'}", total=None)
        features = features_in_file(source) if source else features_from_api(parsed)
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


def _attach(pack: Pack, features: Sequence[Any]) -> Attached:
    with progress_bar() as bar:
        task = bar.add_task("Attaching outlines", total=len(pack.authorities))
        return attach(pack, features, lambda: bar.advance(task))


def _missing(attached: Attached) -> str:
    names = ", ".join(
        f"{code} (no area is drawn of it)" if code in attached.without_area else code for code in attached.missing
    )
    coded = (
        f" {attached.without_code} features have no code ({', '.join(CODE_PROPERTIES)})."
        if attached.without_code
        else ""
    )
    return f"No outline for {names}; nothing was written.{coded} Use another file, or --partial to go without them."


def _show_attached(target: Path, attached: Attached, compiled: Compiled) -> None:
    line(f"{len(attached.attached)} outlines written to {target / PLACES}")
    if attached.repaired:
        line(f"Repaired, because they crossed themselves: {', '.join(attached.repaired)}")
    if attached.dated:
        line(f"Valid on certain days only: {', '.join(attached.dated)}")
    for remark in attached.remarks:
        line(f"Remark: {remark}")
    if attached.missing:
        line(f"Without outline, so points there are out of territory: {', '.join(attached.missing)}")
    if warnings := [finding for finding in compiled.findings if finding.file == PLACES]:
        line(f"{counted(len(warnings), 'remark')} on how they meet; see: guichet directory check {target}")
    if compiled.errors:
        line("Points that its golden cases are sure of fall elsewhere, so it cannot be published yet:")
        show_findings(compiled.errors)
        return
    line(f"Next: guichet directory publish {target.name}")
