"""`guichet bench route`: how many requests does one core decide in a second, and what does a larger territory cost?"""

import json
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from libs.directory import Release
from libs.operate.bench.country import MUNICIPALITIES_MAX, country
from libs.operate.bench.figures import Figures, figures_of
from libs.operate.commands.directory.compiling import AsJson, compiled
from libs.operate.output import STDOUT, Stopped, answer, line, progress_bar
from libs.operate.packs import find_pack
from libs.operate.programs import python

SECONDS_DEFAULT = 20.0
SECONDS_MAX = 600.0  # who measures longer looks for a leak, and that is another command
COMPARED_WITH = 28  # municipalities of a métropole
LOAD_SECONDS_MAX = 120.0  # a release of a country is read, and its indexes are made, before the clock starts
UNIT = "decisions/s"
RATES = (
    ("figure", UNIT, "grown_"),
    ("calm", f"{UNIT}, calmest tenth", "grown_calm_"),
    ("events", "events/s", "grown_events_"),
)
WORDS = {
    "code_point": "official code and point",
    "postal_name": "postal code and name",
    "name": "name alone",
    "name_typo": "name alone, misspelt",
    "text": "a text in place of the service",
}


def route(
    territory: Annotated[
        list[str] | None,
        typer.Option(help="A pack; given twice, the second is compared with the first. Default bordeaux-metropole."),
    ] = None,
    municipalities: Annotated[
        int | None,
        typer.Option(
            help="Compare so many made-up municipalities with 28, under the pack's services and rules.",
            min=1,
            max=MUNICIPALITIES_MAX,
        ),
    ] = None,
    seconds: Annotated[float, typer.Option(help="How long to measure.", min=1, max=SECONDS_MAX)] = SECONDS_DEFAULT,
    seed: Annotated[int, typer.Option(help="Equal seeds draw equal requests.", min=0, max=2**32 - 1)] = 1,
    as_json: AsJson = False,
) -> None:
    """Decide made-up requests as the router does, on one core, in batches.

    A decision is counted with the bytes of its record; an event with all that the router makes of a request.

    Nothing needs to run. A pack without outlines, such as the default, gets 28 made-up municipalities.
    """
    with progress_bar() as bar:
        task = bar.add_task("Making the territories", total=None)
        releases = _releases(territory or ["bordeaux-metropole"], municipalities, seed)
        bar.update(task, description=f"Deciding for {seconds:.0f} s")
        begun = time.monotonic()
        measured = _measured(releases, seconds, seed)
    figures = figures_of("route", UNIT, measured, time.monotonic() - begun)
    answer(figures.as_dict(), as_json, lambda: _show(figures))


def _releases(names: Sequence[str], municipalities: int | None, seed: int) -> list[Release]:
    packs = [_release(name) for name in names[:2]]
    if municipalities is not None:
        sizes = sorted({COMPARED_WITH, municipalities})
        return [country(packs[0], size, seed) for size in sizes]
    return [pack if pack.has_boundaries else country(pack, COMPARED_WITH, seed) for pack in packs]


def _release(name: str) -> Release:
    found = compiled(find_pack(name))
    if found.draft is None:
        raise Stopped(f"{name} does not compile; see: guichet directory check {name}")
    return found.draft


def _measured(releases: Sequence[Release], seconds: float, seed: int) -> dict[str, Any]:
    """In a process of its own, as clean as a service that has just started, and on one core."""
    with tempfile.TemporaryDirectory(prefix="guichet-bench-") as folder:
        paths = [Path(folder) / f"{number}.json" for number, _ in enumerate(releases)]
        for path, release in zip(paths, releases, strict=True):
            path.write_bytes(release.to_bytes())
        asked = json.dumps({"releases": [str(path) for path in paths], "seconds": seconds, "seed": seed})
        try:
            done = subprocess.run(
                python("services.router.measure"),
                input=asked.encode(),
                stdout=subprocess.PIPE,
                timeout=2 * seconds + LOAD_SECONDS_MAX,
                check=True,
            )
        except subprocess.TimeoutExpired as error:
            raise Stopped(f"Nothing was measured within {error.timeout:.0f} s; is the machine busy?") from error
        except subprocess.CalledProcessError as error:
            raise Stopped(f"The measuring process ended with exit code {error.returncode}; see above.") from error
    measured: dict[str, Any] = json.loads(done.stdout)
    return measured


def _show(figures: Figures) -> None:
    sizes = sorted({case["municipalities"] for case in figures.cases})
    for rate, unit, prefix in RATES:
        table = Table(box=None, pad_edge=False)
        table.add_column(unit, min_width=max(map(len, WORDS.values())))
        for size in sizes:
            table.add_column(f"{size:,} municipalities", justify="right")
        if len(sizes) > 1:
            table.add_column("cost grows", justify="right")
        for name in dict.fromkeys(case["name"] for case in figures.cases):
            by_size = {case["municipalities"]: case[rate] for case in figures.cases if case["name"] == name}
            grown = [f"{figures.ratios[f'{prefix}{name}']:.2f} times"] if len(sizes) > 1 else []
            table.add_row(WORDS[name], *(f"{by_size[size]:,.0f}" for size in sizes), *grown)
        STDOUT.print(table)
    _show_floors(figures.floors)
    line(f"processor time of one core, batches of 500, {figures.seconds:.0f} s: {figures.machine['processor']}")


def _show_floors(floors: Sequence[Mapping[str, Any]]) -> None:
    names = [floor["name"].removeprefix("tree_").replace("_", " ") for floor in floors]
    said = ", ".join(f"{floor['figure']:,.0f}/s {name}" for name, floor in zip(names, floors, strict=True))
    line(f"floor, the bare STRtree and a dict look-up: {said}")
