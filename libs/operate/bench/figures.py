"""Which figures does a benchmark answer with, and on what machine were they taken?"""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CPUINFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True)
class Figures:
    """The fields of every `guichet bench … --json`. `cases` are the figures behind the first one."""

    name: str
    figure: float
    unit: str
    floors: Sequence[Mapping[str, Any]]
    ratios: Mapping[str, float]
    """By floor the share of it that was reached; `grown_…` is how many times the cost of the smaller territory, of a
    decision; `grown_calm_…` in the calmest tenth of batches; `grown_events_…` of the whole event."""
    seconds: float
    machine: Mapping[str, Any]
    cases: Sequence[Mapping[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return asdict(self)


def figures_of(name: str, unit: str, measured: Mapping[str, Any], seconds: float) -> Figures:
    """The first kind of case in the last, largest territory is the figure; everything else stands beside it."""
    cases, floors = measured["cases"], measured["floors"]
    first = [case for case in cases if case["name"] == cases[0]["name"]]
    figure = first[-1]["figure"]
    ratios = {floor["name"]: _share(figure, floor["figure"]) for floor in floors}
    ratios |= grown(cases, "figure", "grown_") | grown(cases, "events", "grown_events_")
    ratios |= grown(cases, "calm", "grown_calm_")
    return Figures(name, figure, unit, floors, ratios, round(seconds, 3), machine(), cases)


def grown(cases: Sequence[Mapping[str, Any]], rate: str, prefix: str) -> dict[str, float]:
    """How many times dearer each kind of case is in the last territory than in the first; nothing for a single one."""
    found: dict[str, float] = {}
    for name in dict.fromkeys(case["name"] for case in cases):
        small, *others = [case[rate] for case in cases if case["name"] == name]
        if others:
            found[f"{prefix}{name}"] = _share(small, others[-1])
    return found


def _share(one: float, other: float) -> float:
    return round(one / other, 4) if other else 0.0


def machine() -> dict[str, Any]:
    """What a reader needs to judge the figures; no name and no address."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
    }


def _processor() -> str:
    if not CPUINFO.is_file():
        return platform.processor() or "unknown"
    lines = CPUINFO.read_text(encoding="utf-8", errors="replace").splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "unknown")
