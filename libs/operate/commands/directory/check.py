"""`guichet directory check`: is a territory pack sound, and does it say what its people are sure of?"""

from pathlib import Path
from typing import Annotated, Any

import typer

from libs.directory import Compiled, Finding
from libs.directory.coverage import Coverage
from libs.directory.public import Public
from libs.operate.commands.directory.compiling import AsJson, PackName, compiled, show_findings
from libs.operate.endpoints import unresolved
from libs.operate.output import NO, answer, counted, line
from libs.operate.packs import find_pack, read_pack

MARKS = {"covered": "·", "partly": "~", "uncovered": "x", "explained": "e"}


def check(
    pack: PackName,
    as_json: AsJson = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors: for CI.")] = False,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask DNS whether each address leads to a server.")
    ] = False,
) -> None:
    """Compile a pack, say what is wrong with it, where, and what to do. Exit code 1 when it cannot be published."""
    folder = find_pack(pack)
    found = compiled(folder)
    findings = sorted([*found.findings, *(unresolved(read_pack(folder)) if online else ())])
    errors = sum(finding.level == "error" for finding in findings)
    warnings = len(findings) - errors
    is_sound = found.release is not None and not errors and not (strict and warnings)
    fields = {
        "pack": str(folder),
        "ok": is_sound,
        "version": found.release.version if found.release else None,
        "errors": errors,
        "warnings": warnings,
        "has_boundaries": bool(found.draft and found.draft.has_boundaries),
        "missing_for_public_use": Public.of(found.draft).missing if found.draft else [],
        "findings": [finding.as_dict() for finding in findings],
        "coverage": found.coverage.as_dict() if found.coverage else None,
        "golden": found.golden.as_dict() if found.golden else None,
    }
    answer(fields, as_json, lambda: _show(folder, found, findings))
    if not is_sound:
        raise typer.Exit(NO)


def _show(folder: Path, found: Compiled, findings: list[Finding]) -> None:
    show_findings(findings)
    if found.coverage:
        _show_matrix(found.coverage)
    if found.golden and (found.golden.passed or found.golden.failed or found.golden.waiting):
        line(f"golden cases: {_counted(found.golden.as_dict())}")
    if found.release is None:
        line(f"{folder}: {counted(len(found.errors), 'error')}; it cannot be published.")
        return
    release = found.release
    counts = (
        f"{counted(len(release.municipalities), 'municipality', 'municipalities')}, "
        f"{counted(len(release.services), 'service')}, {counted(len(release.rules), 'rule')}"
    )
    line(f"{release.version}: {counts}, {counted(len(findings), 'warning')}")
    if not release.has_boundaries:
        line(
            "It has no boundaries: it routes by official code, postal code and name, not by a point alone. "
            f"Attach them: guichet directory boundaries {folder.name} --from FILE"
        )
    if missing := Public.of(release).missing:
        line(f"For public use its pages must name: {', '.join(missing)}. Add them to `public:` in territory.yaml.")


def _show_matrix(coverage: Coverage) -> None:
    """Only the services that somebody lacks; the columns are the municipalities by official code."""
    counts: dict[str, Any] = coverage.as_dict()
    line(f"services × municipalities: {_counted({name: counts[name] for name in ('pairs', *MARKS)})}")
    width = max((len(service) for service in coverage.rows), default=0)
    if coverage.rows:
        line("  " + " " * width + "  " + " ".join(coverage.municipalities))
    for service, row in coverage.rows.items():
        cells = (MARKS[row[code]].center(len(code)) for code in coverage.municipalities)
        line(f"  {service:<{width}}  {' '.join(cells)}")
    if coverage.rows:
        line(f"  {', '.join(f'{mark} {name}' for name, mark in MARKS.items())}")


def _counted(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())
