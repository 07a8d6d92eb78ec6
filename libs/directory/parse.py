"""How does a folder of plain files become a pack?"""

from collections.abc import Mapping

from libs.directory.check_texts import read_classifier
from libs.directory.documents import read_services, read_territory
from libs.directory.findings import found
from libs.directory.pack import (
    AUTHORITIES,
    CLASSIFIER,
    COMPETENCES,
    DEPARTMENTS,
    EXAMPLES,
    GOLDEN,
    LEFT_ALONE,
    PLACES,
    POSTAL,
    REQUIRED,
    SAFETY,
    SERVICES,
    TERRITORY,
    UNCOVERED,
    Pack,
    is_layer,
    is_read,
)
from libs.directory.shapes import read_shapes
from libs.directory.tables import read_table


def parse_pack(files: Mapping[str, str]) -> Pack:
    """From relative path to text. Never raises: what cannot be read is in `findings`, the rest is in the pack."""
    pack = Pack()
    pack.findings += [found("file-missing", name, 1, f"{name} is missing") for name in REQUIRED if name not in files]
    pack.findings += [
        found("file-unknown", path, 1, f"{path} is not part of a pack")
        for path in sorted(files)
        if not is_read(path) and path not in LEFT_ALONE
    ]
    if TERRITORY in files:
        pack.territory, problems = read_territory(TERRITORY, files[TERRITORY])
        pack.findings += problems
    if SERVICES in files:
        pack.services, problems = read_services(SERVICES, files[SERVICES])
        pack.findings += problems
    tables = {
        AUTHORITIES: pack.authorities,
        DEPARTMENTS: pack.departments,
        COMPETENCES: pack.competences,
        POSTAL: pack.postal,
        GOLDEN: pack.golden,
        UNCOVERED: pack.uncovered,
        SAFETY: pack.urgent,
        EXAMPLES: pack.examples,
    }
    for name, entries in tables.items():
        if name in files:
            rows, problems = read_table(name, files[name], pack.languages)
            entries.extend(rows)
            pack.findings += problems
    if CLASSIFIER in files:
        pack.classifier, problems = read_classifier(CLASSIFIER, files[CLASSIFIER])
        pack.findings += problems
    _read_shapes(pack, files)
    return pack


def _read_shapes(pack: Pack, files: Mapping[str, str]) -> None:
    for path in sorted(files):
        if path != PLACES and not is_layer(path):
            continue
        shapes, problems = read_shapes(path, files[path])
        (pack.places if path == PLACES else pack.layers).extend(shapes)
        pack.findings += problems
