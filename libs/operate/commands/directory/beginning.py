"""`guichet directory new`: how does a small town begin that has no register at hand?"""

from pathlib import Path
from typing import Annotated

import typer

from libs.operate.commands.directory.compiling import AsJson
from libs.operate.commands.directory.drafting import answer_draft, languages_in, require_new
from libs.operate.importing.by_hand import source_of


def new(
    folder: Annotated[Path, typer.Argument(help="The new pack; must not exist yet, or be empty.")],
    municipality: Annotated[
        list[str], typer.Option(help="NAME, NAME:OFFICIAL_CODE or NAME:OFFICIAL_CODE:POSTAL_CODE,… ; once for each.")
    ],
    service: Annotated[
        list[str] | None, typer.Option(help="NAME, or NAME:LEVEL where not the municipality decides; once for each.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the territory; by default the first municipality's.")
    ] = None,
    languages: Annotated[str, typer.Option(help="Languages of the territory, the default first.")] = "fr",
    as_json: AsJson = False,
) -> None:
    """Write the first draft of a pack from a few words, and say what in it needs a person.

    Exit code 1 when the draft cannot be published as it is.
    """
    require_new(folder)
    named = name or municipality[0].partition(":")[0].strip()
    answer_draft(folder, source_of(named, municipality, service or [], languages_in(languages)), None, as_json)
