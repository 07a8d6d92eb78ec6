"""`guichet directory import`: how does a new territory begin?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from libs.operate.commands.directory.compiling import AsJson
from libs.operate.commands.directory.drafting import answer_draft, languages_in, require_new
from libs.operate.importing.choosing import chosen
from libs.operate.importing.places import Register
from libs.operate.importing.registers import communes_in_contours, register_in
from libs.operate.importing.skeleton import Source
from libs.operate.importing.tables import table_in
from libs.operate.importing.wishes import wishes_in
from libs.operate.outlines.sources import features_in_file
from libs.operate.output import WrongUse, progress_bar


def import_(
    folder: Annotated[Path, typer.Argument(help="The new pack; must not exist yet, or be empty.")],
    epci: Annotated[str | None, typer.Option(help="SIREN of the grouping, such as 243300316.")] = None,
    register: Annotated[
        Path | None, typer.Option(help="Folder of a national register: files of communes and epci (CSV, JSON, .gz).")
    ] = None,
    contours: Annotated[Path | None, typer.Option(help="GeoJSON with the outlines, .gz too.")] = None,
    services: Annotated[Path | None, typer.Option(help="A list of services: CSV or XLSX.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every commune of the register: a country, say.")] = False,
    languages: Annotated[str, typer.Option(help="Languages of the territory, the default first.")] = "fr",
    name: Annotated[str | None, typer.Option(help="Name of the territory, where the register does not tell.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the first draft of a pack from official files, and say what in it needs a person.

    Exit code 1 when the draft cannot be published as it is.
    """
    require_new(folder)
    spoken = languages_in(languages)
    with progress_bar() as bar:
        bar.add_task("Reading", total=None)
        features = features_in_file(contours) if contours else []
        known = _register(register, contours, features)
        grouping, communes = chosen(known, str(register or contours), epci=epci, everything=everything, name=name)
        wishes, needs = wishes_in(table_in(services), spoken, str(services)) if services else ([], [])
        source = Source(grouping, communes, known, spoken, wishes, needs)
    answer_draft(folder, source, features if contours else None, as_json)


def _register(folder: Path | None, contours: Path | None, features: Sequence[Mapping[str, Any]]) -> Register:
    if folder is None and contours is None:
        raise WrongUse("Say where the communes come from: --register FOLDER, or --contours FILE.")
    return register_in(folder) if folder else communes_in_contours(features, str(contours))
