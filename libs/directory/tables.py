"""Which entries stand in a CSV file?"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from libs.directory.columns import MAY_BE_NAMED, NAME_PREFIX, NAMED, TABLES, Column, may_be_left_out
from libs.directory.findings import Finding, found
from libs.directory.pack import Entry

COMMENT = "#"


def read_table(file: str, text: str, languages: Sequence[str] | None) -> tuple[list[Entry], list[Finding]]:
    """The entries of a file and what is wrong with it. Spreadsheets' semicolons and byte order marks are understood.

    Without languages, because the territory cannot be read, names in all are taken.
    """
    text = text.removeprefix("\ufeff")
    header_line = text.partition("\n")[0]
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        rows = list(_numbered(reader))
    except csv.Error as error:
        return [], [found("file-unreadable", file, reader.line_num, f"{file} is not a CSV file: {error}")]
    header = [cell.strip() for cell in rows[0][1]] if rows else []
    findings = list(_header_findings(file, header, languages))
    if any(finding.level == "error" for finding in findings):
        return [], findings
    entries = [_entry(file, line, header, cells, findings) for line, cells in rows[1:]]
    return [entry for entry in entries if entry], findings


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it begins on; a quoted cell may span lines."""
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells) and not cells[0].startswith(COMMENT):
            yield line, cells
        line = reader.line_num + 1


def _header_findings(file: str, header: Sequence[str], languages: Sequence[str] | None) -> Iterator[Finding]:
    names: list[str] = []
    if file in (*NAMED, *MAY_BE_NAMED):
        given = [column for column in header if column.startswith(NAME_PREFIX)]
        names = given if languages is None else [f"{NAME_PREFIX}{language}" for language in languages]
    known = {*TABLES[file], *names}
    for column in [*TABLES[file], *names]:
        if column not in header and (file in NAMED if column in names else not may_be_left_out(file, column)):
            yield found("column-missing", file, 1, f"{file} has no column {column}")
    for column in header:
        if column not in known:
            yield found("column-unknown", file, 1, f"{file} has a column {column or '(no name)'}")
        elif header.count(column) > 1:
            yield found("value-invalid", file, 1, f"{file} has the column {column} twice")


def _entry(file: str, line: int, header: list[str], cells: list[str], findings: list[Finding]) -> Entry | None:
    """None when a cell cannot be read; the finding says which."""
    if len(cells) > len(header):
        findings.append(found("cells-surplus", file, line, f"{len(cells)} cells under {len(header)} columns"))
        return None
    given = {column: cell.strip() for column, cell in zip(header, cells, strict=False)}
    values: dict[str, object] = {}
    problems: list[Finding] = []
    for name, column in TABLES[file].items():
        try:
            values[name] = _cell(column, given.get(name, ""))
        except ValueError as error:
            kind = "value-missing" if not given.get(name) else "value-invalid"
            problems.append(found(kind, file, line, f"{name} “{given.get(name, '')}”: {error}"))
    if file in (*NAMED, *MAY_BE_NAMED):
        values["names"] = {
            column.removeprefix(NAME_PREFIX): cell
            for column, cell in given.items()
            if column.startswith(NAME_PREFIX) and cell
        }
        if file in NAMED and not values["names"]:
            problems.append(found("value-missing", file, line, "no name in any language"))
    findings += problems
    return None if problems else Entry(file, line, values)


def _cell(column: Column, text: str) -> object:
    if text:
        return column.read(text)
    if column.is_required:
        raise ValueError("is empty")
    return column.empty
