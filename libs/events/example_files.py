"""What does a real event of each kind look like? One file for each situation; every one of them parses for ever."""

from pathlib import Path
from typing import Any

import orjson

from libs.events.envelope import EventData
from libs.events.schema_files import name_of

FOLDER = Path(__file__).parent / "examples"


def examples_of(kind: type[EventData]) -> dict[str, dict[str, Any]]:
    """CloudEvents in structured mode, by the name of their situation."""
    return {path.stem: orjson.loads(path.read_bytes()) for path in sorted((FOLDER / name_of(kind)).glob("*.json"))}
