"""What does a README say about a service's settings? A table made from the class that reads them.

`python -m libs.service.settings_table services/*/README.md` writes it between the markers of each README;
`tests/contract/test_settings_tables.py` fails when one is out of date.
"""

import importlib
import sys
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

BEGIN = "<!-- settings:begin -->"
END = "<!-- settings:end -->"
HEAD = "| variable | default | meaning |\n|---|---|---|\n"
CLASSES = ("Settings", "SharedSettings")  # a service's own class, and the one in libs/service


def table(kind: type[BaseSettings]) -> str:
    """One line for each environment variable, in the order of the class."""
    prefix = str(kind.model_config.get("env_prefix") or "")
    fields = {name: field for name, field in kind.model_fields.items() if not _is_nested(field)}
    rows = (_row((prefix + name).upper(), field) for name, field in fields.items())
    return HEAD + "".join(rows)


def with_table(text: str, kind: type[BaseSettings]) -> str:
    """A README with its table made anew. ValueError when it has no markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"there is no place for the table; put {BEGIN} and {END} where it belongs")
    return f"{before}{BEGIN}\n{table(kind)}{END}{after}"


def class_beside(readme: Path) -> type[BaseSettings]:
    """The settings that this README is about: those of the `settings` module in the same folder."""
    package = ".".join(readme.resolve().parent.parts[-2:])
    module = importlib.import_module(f"{package}.settings")
    kinds = (getattr(module, name, None) for name in CLASSES)
    return next(kind for kind in kinds if isinstance(kind, type) and kind.__module__ == module.__name__)


def _is_nested(field: FieldInfo) -> bool:
    """What all services have in common stands in libs/service/README.md."""
    return isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings)


def _row(variable: str, field: FieldInfo) -> str:
    meaning = (field.description or "").replace("|", "\\|")
    return f"| `{variable}` | {_default(field)} | {meaning} |\n"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "(required)"
    default: Any = field.get_default(call_default_factory=True)
    if default is None or default == "" or "Secret" in type(default).__name__:
        return "(none)"
    if isinstance(default, Enum):
        default = default.value
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{list(default) if isinstance(default, tuple) else default}`"


def main(paths: list[str]) -> int:
    for path in map(Path, paths):
        text = path.read_text(encoding="utf-8")
        path.write_text(with_table(text, class_beside(path)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
