"""`guichet directory train` and `evaluate`: how does a pack's classifier come about, and how good is it?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from libs.directory import Pack, Release, Text, compile_pack, parse_pack, read
from libs.directory.evaluation import Judged, cross_judged, figures_of, judged_by
from libs.directory.learn import Sample
from libs.directory.pack import CLASSIFIER, EXAMPLES, Entry
from libs.directory.tables import read_table
from libs.directory.training import train as train_pack
from libs.operate.commands.directory.compiling import AsJson, PackName
from libs.operate.output import STDOUT, Stopped, WrongUse, answer, line, progress_bar
from libs.operate.packs import find_pack, read_pack, writable_pack, write_file

ROWS = ("accuracy", "top_3", "coverage", "accuracy_when_taken", "calibration_error")


def train(
    pack: PackName,
    corrections: Annotated[
        Path | None, typer.Option(help="CSV with text, language, service: what people corrected. Not kept in the pack.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Learn from a pack's names, words and examples; writes classifier.json beside them.

    The same texts give the same file on any machine. A folder is written to; of a shipped pack that is only named, a
    copy in $GUICHET_HOME/territories is.
    """
    folder = find_pack(pack)
    parsed = _parsed(folder)
    corrected = _rows(corrections, parsed) if corrections else []
    with progress_bar() as bar:
        bar.add_task(f"Training {folder.name}", total=None)
        trained = train_pack(parsed, corrected)
    if not trained.learnt:
        raise Stopped(f"{folder} has no texts in its languages; add words and examples to services.yaml.")
    target = (folder if Path(pack).is_dir() else writable_pack(folder)) / CLASSIFIER
    write_file(target, trained.file)
    fields = {
        "pack": str(target.parent),
        "file": str(target),
        "bytes": len(trained.file.encode()),
        "sentences": {language: len(learnt.judged) for language, learnt in trained.learnt.items()},
        "corrections": len(corrected),
    }
    answer(fields, as_json, lambda: _show_trained(fields))


def evaluate(
    pack: PackName,
    file: Annotated[
        Path | None, typer.Argument(help="CSV with text, language, service; without it, the examples themselves.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How often the classifier is right, how often it is certain, and whether its certainty can be trusted.

    With a file, the classifier in the pack is asked as the services ask it. Without one, five classifiers are trained,
    each on four fifths of the examples, and asked about the last fifth.
    """
    folder = find_pack(pack)
    parsed = _parsed(folder)
    release = _release(parsed)
    judged = _judged(release, _rows(file, parsed)) if file else _cross_judged(parsed)
    threshold = release.territory.confidence_min
    languages = {one.sample.language for one in judged}
    figures = {language: _of_language(judged, language, threshold) for language in sorted(languages)}
    fields = {
        "pack": str(folder),
        "release": release.version,
        "file": str(file) if file else None,
        "method": "file" if file else "cross-validation",
        **figures_of(judged, threshold),
        "languages": figures,
    }
    answer(fields, as_json, lambda: _show_figures(fields))


def _parsed(folder: Path) -> Pack:
    pack = parse_pack(read_pack(folder))
    if pack.territory is None:
        raise WrongUse(f"{folder} has no territory that can be read; see: guichet directory check {folder}")
    return pack


def _release(pack: Pack) -> Release:
    release = compile_pack(pack).release
    if release is None:
        raise Stopped("The pack has errors; see: guichet directory check.")
    return release


def _rows(file: Path, pack: Pack) -> list[Entry]:
    """Labelled texts. What names no service of this pack, or no language of it, is a mistake of the file."""
    if not file.is_file():
        raise WrongUse(f"There is no file {file}.")
    entries, findings = read_table(EXAMPLES, file.read_text(encoding="utf-8"), pack.languages)
    if findings:
        raise WrongUse(f"{file}, line {findings[0].line}: {findings[0].message}")
    known = {"", *(entry["code"] for entry in pack.services)}
    for entry in entries:
        if entry["service"] not in known or entry["language"] not in pack.languages:
            raise WrongUse(f"{file}, line {entry.line}: unknown service or language")
    return entries


def _judged(release: Release, entries: Sequence[Entry]) -> list[Judged]:
    if release.classifier is None:
        raise Stopped("The pack has no classifier; make one: guichet directory train")
    samples = [Sample(entry["text"], entry["language"], entry["service"]) for entry in entries]
    return judged_by(lambda sample: read(release, Text(sample.text, sample.language)).guesses, samples)


def _cross_judged(pack: Pack) -> list[Judged]:
    with progress_bar() as bar:
        bar.add_task("Training on four fifths, five times", total=None)
        return [one for learnt in train_pack(pack).learnt.values() for one in cross_judged(learnt)]


def _of_language(judged: Sequence[Judged], language: str, threshold: float) -> dict[str, Any]:
    figures = figures_of([one for one in judged if one.sample.language == language], threshold)
    return {name: figures[name] for name in ("texts", *ROWS)}


def _show_trained(fields: dict[str, Any]) -> None:
    sentences = ", ".join(f"{count} in {language}" for language, count in fields["sentences"].items())
    line(f"{fields['file']}: {fields['bytes']:,} bytes")
    line(f"learnt from {sentences}, and {fields['corrections']} corrections")
    line(f"Next: guichet directory evaluate {fields['pack']}, then publish")


def _show_figures(fields: dict[str, Any]) -> None:
    table = Table(box=None, pad_edge=False)
    table.add_column(fields["method"])
    for name in ("all", *fields["languages"]):
        table.add_column(name, justify="right")
    columns = [fields, *fields["languages"].values()]
    table.add_row("texts", *(str(one["texts"]) for one in columns))
    for name in ROWS:
        table.add_row(name.replace("_", " "), *(_percent(one[name]) for one in columns))
    STDOUT.print(table)
    nothing = f"{fields['taken_for_something']} of {fields['asking_for_nothing']}"
    line(f"taken from a confidence of {fields['confidence_min']} on; of texts that ask for nothing: {nothing}")
    for pair in fields["confused"]:
        line(f"  {pair['asked']} taken for {pair['guessed']}: {pair['texts']}")


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
