"""How does a folder of plain files become a pack?"""

from collections.abc import Iterator, Mapping, Sequence

from libs.directory.check_texts import read_classifier
from libs.directory.documents import read_services, read_territory
from libs.directory.findings import found
from libs.directory.model import MUNICIPALITY
from libs.directory.pack import (
    AUTHORITIES,
    CLASSIFIER,
    CODES,
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
    Entry,
    Pack,
    is_layer,
    is_read,
    wholes_of,
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
        CODES: pack.codes,
        GOLDEN: pack.golden,
        UNCOVERED: pack.uncovered,
        SAFETY: pack.urgent,
        EXAMPLES: pack.examples,
    }
    for name, entries in tables.items():
        if name in files:
            rows, problems = read_table(name, files[name], pack.languages if pack.territory else None)
            entries.extend(rows)
            pack.findings += problems
    if CLASSIFIER in files:
        pack.classifier, problems = read_classifier(CLASSIFIER, files[CLASSIFIER])
        pack.findings += problems
    _read_shapes(pack, files)
    _name_wholes(pack)
    return pack


def _name_wholes(pack: Pack) -> None:
    """Outlines, postal codes and rules that go by a former code, and postal codes by a part's, mean the whole."""
    wholes = wholes_of(pack)
    former = {code: whole for code, (whole, relation) in wholes.items() if relation == "former"}
    pack.places = [_with(entry, "code", former.get(entry["code"])) for entry in pack.places]
    pack.postal = list(_postal_of_wholes(pack.postal, {code: whole for code, (whole, _) in wholes.items()}))
    for entries in (pack.competences, pack.uncovered):
        entries[:] = [_where_renamed(entry, former) for entry in entries]


def _postal_of_wholes(postal: Sequence[Entry], wholes: Mapping[str, str]) -> Iterator[Entry]:
    """Parts that share a postal code make one line of their whole."""
    said = {(entry["postal_code"], entry["municipality"]) for entry in postal}
    for entry in postal:
        whole = wholes.get(entry["municipality"])
        pair = (entry["postal_code"], whole)
        if whole is None or pair not in said:
            yield _with(entry, "municipality", whole)
        said.add(pair)


def _where_renamed(entry: Entry, former: Mapping[str, str]) -> Entry:
    kind, _, code = entry["where"].partition(":")
    return _with(entry, "where", f"{kind}:{former[code]}" if kind == MUNICIPALITY and code in former else None)


def _with(entry: Entry, name: str, renamed: str | None) -> Entry:
    return Entry(entry.file, entry.line, {**entry.values, name: renamed}) if renamed is not None else entry


def _read_shapes(pack: Pack, files: Mapping[str, str]) -> None:
    for path in sorted(files):
        if path != PLACES and not is_layer(path):
            continue
        shapes, problems = read_shapes(path, files[path])
        (pack.places if path == PLACES else pack.layers).extend(shapes)
        pack.findings += problems
