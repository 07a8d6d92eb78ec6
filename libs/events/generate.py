"""Which committed files follow from the models and the map of topics, and are they current?

`python -m libs.events.generate` writes them; with `--check` it writes nothing and exits 1 when one is out of date.
A schema that would break those who use the committed one is not written: it needs a new version.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from libs.events.asyncapi import document
from libs.events.compatibility import breaking_changes
from libs.events.models import EVENTS
from libs.events.schema_files import name_of, schema_of
from libs.events.topics import TOPICS, Topic

ROOT = Path(__file__).parents[2]
SCHEMAS = Path("libs/events/schemas")
ASYNCAPI = Path("docs/asyncapi.json")
READMES = (Path("README.md"), Path("libs/events/README.md"))
BEGIN, END = "<!-- topics:begin -->", "<!-- topics:end -->"


def generated_files(root: Path) -> dict[Path, str]:
    """Every generated file, by its path under the root, with the text that it should have."""
    files = {SCHEMAS / f"{name_of(kind)}.json": _json(schema_of(kind)) for kind in EVENTS.values()}
    files[ASYNCAPI] = _json(document())
    for readme in READMES:
        text = (root / readme).read_text(encoding="utf-8") if (root / readme).exists() else ""
        if BEGIN in text and END in text:
            files[readme] = f"{text.partition(BEGIN)[0]}{BEGIN}\n{topic_table()}{END}{text.partition(END)[2]}"
    return files


def topic_table() -> str:
    """The map of topics in Markdown."""
    rows = ["| topic | events | written by | read by | kept |", "|---|---|---|---|---|"]
    rows += [f"| {' | '.join(_cells(topic))} |" for topic in TOPICS.values()]
    return "\n".join(rows) + "\n"


def _cells(topic: Topic) -> tuple[str, ...]:
    events = ", ".join(f"`{name_of(kind).partition('.')[0]}`" for kind in topic.events) or topic.summary
    kept = "compacted" if topic.retention_days is None else f"{topic.retention_days} days"
    return f"`{topic.name}`", events, topic.writer, ", ".join(topic.readers), kept


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def outdated(root: Path) -> list[Path]:
    """The files that differ from what they should be."""
    return [path for path, text in generated_files(root).items() if not _has_text(root / path, text)]


def _has_text(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


def refused(root: Path) -> Iterator[str]:
    """What would break those who use the committed schemas."""
    kinds = {name_of(kind): kind for kind in EVENTS.values()}
    for committed in sorted((root / SCHEMAS).glob("*.json")):
        kind = kinds.get(committed.stem)
        if kind is None:
            yield f"{committed.stem}: the event is gone"
            continue
        old = json.loads(committed.read_text(encoding="utf-8"))
        for change in breaking_changes(old, schema_of(kind)):
            yield f"{committed.stem}: {change}"


def write(root: Path) -> list[Path]:
    """Brings every generated file up to date; answers those that changed."""
    changed = outdated(root)
    files = generated_files(root)
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path], encoding="utf-8")
    return changed


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    """Exit code 0 when all is current, 1 when it is not or must not be."""
    parser = argparse.ArgumentParser(prog="python -m libs.events.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when a file is out of date")
    chosen = parser.parse_args(arguments)
    broken = list(refused(root))
    for change in broken:
        _say(f"breaks: {change}. Keep it, or make a new version of the event and its topic.")
    if broken:
        return 1
    paths = outdated(root) if chosen.check else write(root)
    for path in paths:
        _say(f"{'out of date' if chosen.check else 'written'}: {path}")
    if chosen.check and paths:
        _say("run python -m libs.events.generate and commit what it writes")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
