"""What would the next version be? This one, with all that an upgrade may add: columns, tables, fields of events."""

import subprocess
from pathlib import Path

from tests.compose.project import ROOT

VERSION = "next"
SCHEMAS = {"intake": "intake.requests", "notifier": "notifier.notices", "audit": "audit.leaves"}
FIELD = '    said_by_the_next_version: str | None = "old consumers have never heard of it"\n'
EVENTS = {
    "libs/events/requests.py": ("RequestAccepted", "RequestRouted", "RequestHeld"),
    "libs/events/notices.py": ("NoticeSent",),
}
MIGRATION = """ALTER TABLE {table} ADD COLUMN since_the_next_version text;
CREATE TABLE {schema}.since_the_next_version (id bigint PRIMARY KEY, said text NOT NULL);
"""


def build(folder: Path, image: str) -> str:
    """Make the image of the next version upon that of this one; returns its name."""
    folder.mkdir()
    lines = [f"FROM {image}", f"ENV GUICHET_VERSION={VERSION}"]
    for schema, table in SCHEMAS.items():
        name = f"services/{schema}/migrations/9999_next_version.sql"
        lines.append(_with(folder, name, MIGRATION.format(schema=schema, table=table)))
    for name, classes in EVENTS.items():
        lines.append(_with(folder, name, _extended((ROOT / name).read_text(encoding="utf-8"), classes)))
    (folder / "Dockerfile").write_text("\n".join(lines) + "\n")
    made = f"{image.partition(':')[0]}:{VERSION}"
    subprocess.run(["docker", "build", "--quiet", "--tag", made, str(folder)], check=True, capture_output=True)
    return made


def _with(folder: Path, name: str, text: str) -> str:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return f"COPY --chmod=0644 {name} /app/{name}"


def _extended(text: str, classes: tuple[str, ...]) -> str:
    """The module, with a field more in each of these events."""
    for name in classes:
        head, found, rest = text.partition(f'    TYPE: ClassVar[str] = "guichet.{name}.v1"\n')
        assert found, f"there is no event {name} any more"
        text = head + found + FIELD + rest
    return text
