"""How do tests make a register, import it, and look at what came of it?"""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from typer.testing import CliRunner, Result

from libs.operate.commands.directory import app

EPCI = "200000017"
SERVICES = "code,nom,competence,delai\npothole,Nid-de-poule,{},5\n"


def register(folder: Path, **files: str | Sequence[Mapping[str, Any]]) -> Path:
    """A folder with `communes=[…]` as communes.json; text is written as CSV; `__` in a name stands for a dash."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        is_text = isinstance(content, str)
        path = folder / f"{name.replace('__', '-')}.{'csv' if is_text else 'json'}"
        path.write_text(str(content) if is_text else json.dumps(content), encoding="utf-8")
    return folder


def commune(code: str, name: str, **more: Any) -> dict[str, Any]:
    """A row as the national package has it."""
    return {"code": code, "nom": name, "type": "commune-actuelle", "codesPostaux": [code], "population": 100, **more}


def epci(*members: str, name: str = "CC d'Essai") -> list[dict[str, Any]]:
    """The file of groupings, with one."""
    return [{"code": EPCI, "nom": name, "membres": [{"code": code} for code in members]}]


def services(path: Path, text: str) -> Path:
    """A list of services as a file."""
    path.write_text(text, encoding="utf-8")
    return path


def run(*arguments: str | Path) -> Result:
    """The command, as somebody types it."""
    return CliRunner().invoke(app, ["import", *(str(argument) for argument in arguments)])


def imported(*arguments: str | Path) -> dict[str, Any]:
    """Its answer; the test fails when it cannot be published."""
    result = run(*arguments, "--json")
    assert result.exception is None, result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    assert answer["ok"], [one for one in answer["findings"] if one["level"] == "error"]
    return answer


def needs(answer: Mapping[str, Any], what: str) -> list[tuple[str, list[str]]]:
    """The message of each need of this kind, and what it is about."""
    return [(need["message"], need["about"]) for need in answer["needs"] if need["what"] == what]


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a pack's table."""
    return list(csv.DictReader((folder / name).read_text(encoding="utf-8").splitlines()))


def territory(folder: Path) -> dict[str, Any]:
    """territory.yaml."""
    found: dict[str, Any] = yaml.safe_load((folder / "territory.yaml").read_text(encoding="utf-8"))
    return found
