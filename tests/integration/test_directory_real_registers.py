"""Does the SIREN of Bordeaux Métropole, and the national register, give the pack that people here wrote?

Needs the register of communes and groupings, which the project does not ship: GUICHET_REGISTER_FOLDER names a folder
that holds it, as a package such as @etalab/decoupage-administratif does or as tables fr_communes… and fr_epci… with the
same columns. Without it these tests are not collected.
"""

import csv
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from libs.directory import compile_pack, parse_pack
from libs.operate.commands.directory import app
from libs.operate.packs import SHIPPED, read_pack

REGISTER_FOLDER = os.environ.get("GUICHET_REGISTER_FOLDER")
PATTERNS = ("fr_communes*", "fr_epci*", "communes.json", "epci.json", "departements.json", "regions.json")
SHIPPED_PACK = SHIPPED / "bordeaux-metropole"


def table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if line.strip() and line[0] != "#"))


def cells(rows: Iterable[dict[str, str]], *columns: str) -> set[tuple[str, ...]]:
    return {tuple(row[column] for column in columns) for row in rows}


if REGISTER_FOLDER:

    @pytest.fixture(scope="module")
    def imported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
        register, folder = tmp_path_factory.mktemp("register"), tmp_path_factory.mktemp("import") / "bordeaux"
        for pattern in PATTERNS:
            for path in Path(str(REGISTER_FOLDER)).glob(pattern):
                (register / path.name).symlink_to(path)
        arguments = ["import", str(folder), "--epci", "243300316", "--register", str(register), "--json"]
        result = CliRunner().invoke(app, [*arguments, "--languages", "fr,en"])
        return folder, json.loads(result.stdout)

    def test_the_draft_compiles_and_names_what_is_missing(imported: tuple[Path, dict[str, Any]]) -> None:
        folder, report = imported
        assert (report["ok"], report["municipalities"]) == (True, 28)
        assert {finding["code"] for finding in report["findings"]} == {"endpoint-missing", "service-none"}
        assert compile_pack(parse_pack(read_pack(folder))).release is not None

    def test_its_communes_are_those_of_the_shipped_pack(imported: tuple[Path, dict[str, Any]]) -> None:
        columns = ("code", "official_code", "name_fr")
        ours, drafted = (
            cells((row for row in table(where, "authorities.csv") if row["kind"] == "municipality"), *columns)
            for where in (SHIPPED_PACK, imported[0])
        )
        assert drafted == ours

    def test_its_postal_codes_are_those_of_the_shipped_pack(imported: tuple[Path, dict[str, Any]]) -> None:
        ours, drafted = (
            cells((row for row in table(where, "postal.csv") if row["cedex"] == "0"), "postal_code", "municipality")
            for where in (SHIPPED_PACK, imported[0])
        )
        assert drafted == ours
