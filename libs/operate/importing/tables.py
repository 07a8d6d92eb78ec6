"""Which rows stand in a table that somebody else made: CSV, JSON or a spreadsheet, compressed or not?"""

import csv
import gzip
import io
import json
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from libs.operate.output import Stopped, WrongUse

BYTES_MAX = 256 * 1024 * 1024  # unpacked; the register of all communes of a country takes 9 MB
ROWS_MAX = 1_000_000
GZIP_MAGIC, ZIP_MAGIC = b"\x1f\x8b", b"PK\x03\x04"
SEPARATORS = ",;\t|"

Table = list[dict[str, Any]]
"""Rows by normalised column name; cells are text, or what JSON and spreadsheets hold."""


def table_in(path: Path) -> Table:
    """The rows of a file, whatever its format. `Stopped` when it is none of them."""
    raw = _bytes_in(path)
    try:
        if raw.startswith(ZIP_MAGIC):
            rows = _sheet(raw)
        elif raw.lstrip()[:1] in (b"[", b"{"):
            rows = _json(raw)
        else:
            rows = _csv(raw)
        return [dict(row) for row in _limited(rows, path)]
    except (ValueError, KeyError, csv.Error) as error:
        raise Stopped(f"{path} is no table that can be read (CSV, JSON or XLSX): {error}.") from error


def _bytes_in(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        if raw.startswith(GZIP_MAGIC):
            with gzip.open(path) as file:
                raw = file.read(BYTES_MAX + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise WrongUse(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if len(raw) > BYTES_MAX:
        raise Stopped(f"{path} is larger than {BYTES_MAX:,} bytes; cut it to the territory first.")
    return raw


def _limited(rows: Iterable[Mapping[str, Any]], path: Path) -> Iterator[Mapping[str, Any]]:
    for number, row in enumerate(rows):
        if number >= ROWS_MAX:
            raise Stopped(f"{path} has more than {ROWS_MAX:,} rows; cut it to the territory first.")
        yield row


def _csv(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """Spreadsheets save in the code page of their machine; UTF-8 is tried first, and never fits by accident."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    head = text.partition("\n")[0]
    separator = max(SEPARATORS, key=head.count)
    return _rows(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _json(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """A list of objects, as the registers' packages and the national API give them."""
    rows = json.loads(raw)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("expected a list of objects")
    return (dict(_flat(row)) for row in rows)


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """`departement: {code, nom}`, as the national API writes it, is `departement` and `departementnom`."""
    for name, value in row.items():
        if isinstance(value, dict) and "code" in value:
            yield plain(name), value["code"]
            yield from ((plain(f"{name} {part}"), one) for part, one in value.items() if part != "code")
        else:
            yield plain(name), value


def _sheet(raw: bytes) -> Iterator[Mapping[str, Any]]:
    """The first sheet of a workbook; formulas count as what they last gave."""
    from openpyxl import load_workbook  # a tenth of a second that only spreadsheets are worth
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        return _rows(book.worksheets[0].iter_rows(values_only=True))
    except (InvalidFileException, BadZipFile, OSError, IndexError) as error:
        raise ValueError(f"not a workbook ({error})") from error


def _rows(rows: Iterable[Sequence[Any]]) -> Iterator[Mapping[str, Any]]:
    """The first row that holds anything names the columns; empty rows are nothing."""
    header: list[str] | None = None
    for cells in rows:
        values = [_cell(cell) for cell in cells]
        if not any(values):
            continue
        if header is None:
            header = [plain(name) for name in values]
        else:
            yield {name: value for name, value in zip(header, values, strict=False) if name}


def _cell(value: Any) -> str:
    """As a person reads it: a spreadsheet holds 33063 as 33063.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def plain(name: str) -> str:
    """A column name as it is compared: small letters and digits without accents."""
    folded = unicodedata.normalize("NFKD", str(name).casefold())
    return re.sub(r"[^a-z0-9]", "", folded)


def first_of(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of these columns that holds something, as text."""
    value = next((row[name] for name in names if row.get(name) not in (None, "", [])), "")
    return value.strip() if isinstance(value, str) else _cell(value)


def count_in(text: str) -> int | None:
    """A whole number as tables write it, with spaces between thousands; None for anything else."""
    digits = re.sub(r"[\s\u00a0\u202f]", "", text)
    return int(digits) if digits.isdigit() else None
