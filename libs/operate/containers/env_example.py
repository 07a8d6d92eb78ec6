"""Which files of deploy/ follow from the settings? `.env.example`, and the variables that compose.yaml hands on.

`python -m libs.operate.containers.env_example` writes them; `tests/contract/test_deploy.py` fails when one is outdated.
"""

import json
import sys
from enum import Enum
from pathlib import Path
from typing import Any

from libs.operate.containers.knobs import TITLES, Knob, knobs

ROOT = Path(__file__).parents[3]
EXAMPLE = Path("deploy/.env.example")
COMPOSE = Path("deploy/compose.yaml")
BEGIN, END = "# settings:begin (made by python -m libs.operate.containers.env_example)\n", "# settings:end\n"
COLUMNS_MAX = 118

HEAD = """\
# Every knob of `docker compose -f deploy/compose.yaml up`, with its unit and its default. Nothing here must be set.
# Copy this file to deploy/.env, and uncomment what you change. The job `settings` reads .env before anything starts:
# a variable it does not know, or a value that cannot be, stops the start with a sentence that says what to do.
# Made from the settings' own classes by python -m libs.operate.containers.env_example.
"""


def generated_files(root: Path) -> dict[Path, str]:
    """Each file, by its path under the root, with the text that it should have."""
    compose = (root / COMPOSE).read_text(encoding="utf-8")
    before, begin, rest = compose.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{COMPOSE} has no place for the settings; put {BEGIN!r} and {END!r} where they belong")
    return {EXAMPLE: example(knobs()), COMPOSE: f"{before}{BEGIN}{handed_on(knobs())}{END}{after}"}


def example(found: list[Knob]) -> str:
    """`.env.example`."""
    text = HEAD
    for group, title in TITLES.items():
        own = [knob for knob in found if knob.group == group and not knob.is_decided]
        if own:
            text += f"\n# --- {title} {'-' * (COLUMNS_MAX - len(title) - 7)}\n"
            text += "".join(_entry(knob) for knob in own)
    return text


def handed_on(found: list[Knob]) -> str:
    """A variable without a value is taken from .env when it is there, and is not set otherwise."""
    lines = "x-settings:\n"
    for group in TITLES:
        own = [knob for knob in found if knob.group == group and not knob.is_decided]
        lines += f"  {group}: &{group}-settings" + ("\n" if own else " {}\n")
        lines += "".join(f"    {knob.name}:\n" for knob in own)
    return lines


def _entry(knob: Knob) -> str:
    meaning = (knob.field.description or "").rstrip(".")
    return f"\n# {meaning}\n#{knob.name}={_default(knob)}\n"


def _default(knob: Knob) -> str:
    default: Any = knob.field.get_default(call_default_factory=True)
    if default is None or "Secret" in type(default).__name__:
        return ""
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, bool):
        return str(default).lower()
    return json.dumps(list(default)) if isinstance(default, tuple) else str(default)


def main(root: Path = ROOT) -> int:
    for path, text in generated_files(root).items():
        (root / path).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
