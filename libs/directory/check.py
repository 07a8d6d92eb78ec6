"""Do the files of a pack agree with each other?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from libs.directory.competence import AT_DECIDES, AT_MUNICIPALITY, Reach, split_where
from libs.directory.conditions import parse_condition
from libs.directory.due import calendar_row
from libs.directory.findings import Finding
from libs.directory.model import MUNICIPALITY, OUTSIDE, days_of
from libs.directory.pack import Entry, Pack


def check_pack(pack: Pack) -> list[Finding]:
    """Unknown and doubled codes, missing names, dates and conditions that cannot be, departments nobody reaches."""
    return [
        *_territory(pack),
        *_twice(pack),
        *_names(pack),
        *_dates(pack),
        *_references(pack),
        *_competences(pack),
        *_postal(pack),
        *_endpoints(pack),
    ]


def _territory(pack: Pack) -> Iterator[Finding]:
    if pack.territory is None:
        return
    calendar = pack.territory["calendar"]
    try:
        calendar_row(calendar["country"], calendar["subdivision"])
    except ValueError as error:
        yield pack.territory.found("calendar-unknown", str(error))
    if pack.territory["desk"] not in _codes(pack.departments):
        yield pack.territory.found("code-unknown", f"the desk “{pack.territory['desk']}” is no department")


def _codes(entries: Sequence[Entry], name: str = "code") -> set[str]:
    return {entry[name] for entry in entries}


def _twice(pack: Pack) -> Iterator[Finding]:
    """A code stands once; an outline may follow another of the same code at another time."""
    for entries, name in ((pack.services, "code"), (pack.authorities, "code"), (pack.departments, "code")):
        yield from _doubled(entries, name)
    yield from _doubled(pack.competences, "id")
    municipalities = [entry for entry in pack.authorities if entry["kind"] == MUNICIPALITY and entry["official_code"]]
    yield from _doubled(municipalities, "official_code")
    roles: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in pack.departments:
        roles[entry["authority"], entry["role"]].append(entry)
    for entries in (*roles.values(), *_grouped(pack.places, "code")):
        for index, entry in enumerate(entries):
            if other := next((one for one in entries[:index] if _overlap(one, entry)), None):
                what = entry.values.get("role") or entry["code"]
                yield entry.found("code-twice", f"“{what}” stands on line {other.line} already, for the same days")


def _grouped(entries: Sequence[Entry], name: str) -> list[list[Entry]]:
    groups: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry[name]].append(entry)
    return list(groups.values())


def _overlap(one: Entry, other: Entry) -> bool:
    ours, theirs = days_of(one.values), days_of(other.values)
    return max(ours.start, theirs.start) < min(ours.stop, theirs.stop)


def _doubled(entries: Sequence[Entry], name: str) -> Iterator[Finding]:
    for first, *others in _grouped(entries, name):
        for entry in others:
            yield entry.found("code-twice", f"{name} “{entry[name]}” stands on line {first.line} already")


def _names(pack: Pack) -> Iterator[Finding]:
    own = [pack.territory] if pack.territory else []
    for entry in [*own, *pack.services, *pack.authorities, *pack.departments]:
        if missing := [language for language in pack.languages if not entry["names"].get(language)]:
            yield entry.found("name-missing", f"“{entry['code']}” has no name in {', '.join(missing)}")


def _dates(pack: Pack) -> Iterator[Finding]:
    for entry in [*pack.authorities, *pack.departments, *pack.competences, *pack.places, *pack.layers]:
        if not days_of(entry.values):
            dates = f"valid_to {entry['valid_to']} lies before valid_from {entry['valid_from']}"
            yield entry.found("rule-never-valid", dates)


def _references(pack: Pack) -> Iterator[Finding]:
    authorities = _codes(pack.authorities)
    for entry in pack.authorities:
        if entry["parent"] and entry["parent"] not in authorities:
            yield entry.found("code-unknown", f"the parent “{entry['parent']}” is no authority")
    for entry in pack.departments:
        if entry["authority"] not in authorities:
            yield entry.found("code-unknown", f"the authority “{entry['authority']}” does not exist")
    official = _official(pack)
    for entry in pack.places:
        if entry["code"] not in official:
            yield entry.found("code-unknown", f"“{entry['code']}” is the official code of no municipality")


def _official(pack: Pack) -> set[str]:
    return {entry["official_code"] or entry["code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}


def _competences(pack: Pack) -> Iterator[Finding]:
    services = {entry["code"]: entry for entry in pack.services}
    authorities, departments = _codes(pack.authorities), _codes(pack.departments)
    layers = _codes(pack.layers, "layer")
    own_codes = {entry["code"]: entry["official_code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}
    official = _official(pack)
    for entry in pack.competences:
        if entry["service"] not in services:
            yield entry.found("code-unknown", f"the service “{entry['service']}” does not exist")
        if entry["decides"] != AT_MUNICIPALITY and entry["decides"] not in authorities:
            yield entry.found("code-unknown", f"“{entry['decides']}” (decides) is no authority")
        acts = entry["acts"]
        if acts not in departments and acts.partition(":")[0] != AT_DECIDES:
            yield entry.found("code-unknown", f"“{acts}” (acts) is no department and not @decides:ROLE")
        yield from _where(entry, layers, own_codes, official)
        yield from _condition(entry, services.get(entry["service"]))


def _where(entry: Entry, layers: set[str], own_codes: dict[str, str], official: set[str]) -> Iterator[Finding]:
    try:
        reach, place = split_where(entry["where"])
    except ValueError as error:
        yield entry.found("value-invalid", str(error))
        return
    if reach is Reach.LAYER and place not in layers:
        yield entry.found("code-unknown", f"there is no layer in layers/{place}.geojson")
    if reach is Reach.MUNICIPALITY and place not in own_codes and place not in official:
        yield entry.found("code-unknown", f"“{place}” is no municipality")
    if reach is Reach.MUNICIPALITY and place in official and own_codes.get(place, place) not in ("", place):
        yield entry.found(
            "code-ambiguous", f"“{place}” is the code of one municipality and the official code of another"
        )


def _condition(entry: Entry, service: Entry | None) -> Iterator[Finding]:
    try:
        tests = parse_condition(entry["condition"])
    except ValueError as error:
        yield entry.found("condition-invalid", str(error))
        return
    asked = ((service["questions"] or {}).get("properties") or {}) if service else {}
    for test in tests:
        if service and test.answer not in asked:
            yield entry.found("condition-unasked", f"the service {service['code']} does not ask “{test.answer}”")


def _postal(pack: Pack) -> Iterator[Finding]:
    official = _official(pack)
    for entry in pack.postal:
        if entry["municipality"] not in official | {OUTSIDE}:
            message = f"“{entry['municipality']}” is the official code of no municipality (elsewhere is {OUTSIDE})"
            yield entry.found("code-unknown", message)
    served = _codes([entry for entry in pack.postal if not entry["cedex"]], "municipality")
    for entry in pack.authorities if pack.postal else ():
        if entry["kind"] == MUNICIPALITY and (entry["official_code"] or entry["code"]) not in served:
            yield entry.found("postal-missing", f"the municipality {entry['code']} has no postal code")


def _endpoints(pack: Pack) -> Iterator[Finding]:
    for entry in pack.departments:
        if not (entry["email"] or entry["webhook"]):
            yield entry.found("endpoint-missing", f"nobody can write to {entry['code']}")
