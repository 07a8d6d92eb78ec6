"""Does every code in a pack name something that is there?"""

from collections.abc import Iterator, Sequence

from libs.directory.competence import AT_DECIDES, AT_MUNICIPALITY, Reach, split_where
from libs.directory.conditions import parse_condition
from libs.directory.findings import Finding
from libs.directory.model import MUNICIPALITY, OUTSIDE, days_of
from libs.directory.pack import Entry, Pack, official_codes_of, wholes_of


def check_references(pack: Pack) -> Iterator[Finding]:
    """Parents, owners, outlines, rules with their conditions, and explanations."""
    yield from _references(pack)
    yield from _competences(pack)
    yield from _explanations(pack)
    yield from _codes(pack)


def codes_of(entries: Sequence[Entry], name: str = "code") -> set[str]:
    """What these entries are called."""
    return {entry[name] for entry in entries}


def _references(pack: Pack) -> Iterator[Finding]:
    authorities = codes_of(pack.authorities)
    for entry in pack.authorities:
        if entry["parent"] and entry["parent"] not in authorities:
            yield entry.found("code-unknown", f"the parent “{entry['parent']}” is no authority")
    for entry in pack.departments:
        if entry["authority"] not in authorities:
            yield entry.found("code-unknown", f"the authority “{entry['authority']}” does not exist")
    known = official_codes_of(pack) | {OUTSIDE}
    wholes = wholes_of(pack)
    for entry in pack.places:
        if entry["code"] in wholes:
            what = f"“{entry['code']}” is a part of {wholes[entry['code']][0]}; outline the whole"
            yield entry.found("code-unknown", what)
        elif entry["code"] not in known:
            yield entry.found("code-unknown", f"“{entry['code']}” is the official code of no municipality")


def _codes(pack: Pack) -> Iterator[Finding]:
    """Each other code means a municipality that is here, on days on which it is not one itself."""
    municipalities = [entry for entry in pack.authorities if entry["kind"] == MUNICIPALITY]
    own = {entry["official_code"] or entry["code"]: days_of(entry.values) for entry in municipalities}
    for entry in pack.codes:
        if entry["municipality"] not in own:
            message = f"“{entry['municipality']}” is the official code of no municipality"
            yield entry.found("code-unknown", message)
        days, office = days_of(entry.values), own.get(entry["code"], range(0))
        if days and office.start <= days.start and days.stop <= office.stop:
            message = f"“{entry['code']}” is a municipality's own code on all these days, and means that one"
            yield entry.found("code-ambiguous", message)


def _competences(pack: Pack) -> Iterator[Finding]:
    services = {entry["code"]: entry for entry in pack.services}
    authorities, departments = codes_of(pack.authorities), codes_of(pack.departments)
    layers = codes_of(pack.layers, "layer")
    own_codes = {entry["code"]: entry["official_code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}
    official = official_codes_of(pack)
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


def _explanations(pack: Pack) -> Iterator[Finding]:
    services = codes_of(pack.services)
    own_codes = {entry["code"]: entry["official_code"] for entry in pack.authorities if entry["kind"] == MUNICIPALITY}
    official = official_codes_of(pack)
    for entry in pack.uncovered:
        if entry["service"] not in services:
            yield entry.found("code-unknown", f"the service “{entry['service']}” does not exist")
        if entry["where"].startswith("layer:"):
            yield entry.found(
                "value-invalid", "a layer never leaves a service without owner: name * or municipality:CODE"
            )
        else:
            yield from _where(entry, set(), own_codes, official)
