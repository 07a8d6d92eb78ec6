"""Which entries does a territory pack hold, and on which line of which file does each stand?"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.directory.findings import Finding, found
from libs.directory.model import MUNICIPALITY

TERRITORY, SERVICES, PLACES, POSTAL = "territory.yaml", "services.yaml", "places.geojson", "postal.csv"
AUTHORITIES, DEPARTMENTS, COMPETENCES = "authorities.csv", "departments.csv", "competences.csv"
CODES, GOLDEN, UNCOVERED = "codes.csv", "golden.csv", "uncovered.csv"
SAFETY, EXAMPLES, CLASSIFIER = "safety.csv", "examples.csv", "classifier.json"
REQUIRED = (TERRITORY, SERVICES, AUTHORITIES, DEPARTMENTS, COMPETENCES)
OPTIONAL = (PLACES, POSTAL, CODES, GOLDEN, UNCOVERED, SAFETY, EXAMPLES, CLASSIFIER)
LAYER_FOLDER, LAYER_SUFFIX = "layers/", ".geojson"
# Read by other parts of Guichet, or by people.
LEFT_ALONE = ("evaluation.csv", "README.md", "LICENSE", "SOURCES.md")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry with the place where it stands; its values are plain JSON, already read and checked one by one."""

    file: str
    line: int
    values: Mapping[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def found(self, code: str, message: str) -> Finding:
        """A finding at this entry."""
        return found(code, self.file, self.line, message)


@dataclass(slots=True)
class Pack:
    """A pack as its authors wrote it. `findings` says what could not be read."""

    territory: Entry | None = None
    services: list[Entry] = field(default_factory=list)
    authorities: list[Entry] = field(default_factory=list)
    departments: list[Entry] = field(default_factory=list)
    competences: list[Entry] = field(default_factory=list)
    postal: list[Entry] = field(default_factory=list)
    codes: list[Entry] = field(default_factory=list)
    places: list[Entry] = field(default_factory=list)
    layers: list[Entry] = field(default_factory=list)
    golden: list[Entry] = field(default_factory=list)
    uncovered: list[Entry] = field(default_factory=list)
    urgent: list[Entry] = field(default_factory=list)
    examples: list[Entry] = field(default_factory=list)
    classifier: Entry | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def languages(self) -> tuple[str, ...]:
        """The territory's languages; its names must exist in each."""
        return tuple(self.territory["languages"]) if self.territory else ()


def is_read(path: str) -> bool:
    """Whether a file of this path belongs to a pack; whoever reads a folder may leave out the rest."""
    return path in (*REQUIRED, *OPTIONAL) or is_layer(path)


def is_layer(path: str) -> bool:
    """A layer is named by its file: layers/NAME.geojson."""
    return path.startswith(LAYER_FOLDER) and path.endswith(LAYER_SUFFIX)


def layer_name(path: str) -> str:
    """The NAME that a rule's `layer:NAME` uses."""
    return path.removeprefix(LAYER_FOLDER).removesuffix(LAYER_SUFFIX)


def official_codes_of(pack: Pack) -> set[str]:
    """What the world calls the pack's municipalities."""
    return {entry["official_code"] or entry["code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}


def wholes_of(pack: Pack) -> dict[str, tuple[str, str]]:
    """The one municipality that each other code means, and how; without codes that are a municipality's own."""
    found: dict[str, dict[str, str]] = {}
    for entry in pack.codes:
        found.setdefault(entry["code"], {})[entry["municipality"]] = entry["relation"]
    own = official_codes_of(pack) | {entry["code"] for entry in pack.authorities}
    return {code: next(iter(those.items())) for code, those in found.items() if len(those) == 1 and code not in own}
