"""Do the files of a pack agree with each other?"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from libs.directory.calendars import calendar_asked, calendar_row, parts_said, parts_that_differ
from libs.directory.check_questions import check_questions
from libs.directory.check_references import check_references, codes_of
from libs.directory.findings import Finding, found
from libs.directory.model import MUNICIPALITY, OUTSIDE, days_of
from libs.directory.pack import SERVICES, Entry, Pack, official_codes_of


def check_pack(pack: Pack) -> list[Finding]:
    """Unknown and doubled codes, missing names, dates and conditions that cannot be, departments nobody reaches."""
    return [
        *_territory(pack),
        *_twice(pack),
        *_names(pack),
        *_dates(pack),
        *check_references(pack),
        *_postal(pack),
        *_endpoints(pack),
        *check_questions(pack),
    ]


def _territory(pack: Pack) -> Iterator[Finding]:
    if pack.territory is None:
        return
    yield from _calendar(pack.territory)
    if not pack.services and not any(finding.file == SERVICES for finding in pack.findings):
        yield found("service-none", SERVICES, 1, f"{SERVICES} lists no service")
    for role, name in (("desk", "desk"), ("arbitration", "arbitration desk")):
        code = pack.territory[role]
        if code is not None and code not in codes_of(pack.departments):
            yield pack.territory.found("code-unknown", f"the {name} “{code}” is no department")
    for code in pack.territory["often_asked"]:
        if code not in codes_of(pack.services):
            yield pack.territory.found("code-unknown", f"“{code}” in often_asked is no service")


def _calendar(territory: Entry) -> Iterator[Finding]:
    country = territory["calendar"]["country"]
    try:
        calendar_row(*calendar_asked(territory["calendar"]))
    except ValueError as error:
        yield territory.found("calendar-unknown", str(error))
        return
    if territory["calendar"]["subdivision"] is None and (parts := parts_that_differ(country)):
        said = parts_said(country, parts)
        message = f"public holidays differ between the parts of {country}, and none is named: {said}"
        yield territory.found("calendar-part-missing", message)


def _twice(pack: Pack) -> Iterator[Finding]:
    """A code stands once; an outline may follow another of the same code at another time."""
    for entries, name in ((pack.services, "code"), (pack.authorities, "code"), (pack.departments, "code")):
        yield from _doubled(entries, name)
    yield from _doubled(pack.competences, "id")
    municipalities = [entry for entry in pack.authorities if entry["kind"] == MUNICIPALITY and entry["official_code"]]
    yield from _doubled(municipalities, "official_code")
    pairs = defaultdict(list)
    for entry in pack.postal:
        pairs[entry["postal_code"], entry["municipality"]].append(entry)
    for first, *others in pairs.values():
        for entry in others:
            what = f"“{entry['postal_code']}” for {entry['municipality']}"
            yield entry.found("code-twice", f"{what} stands on line {first.line} already")
    inside = [entry for entry in pack.places if entry["code"] != OUTSIDE]
    roles: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in pack.departments:
        roles[entry["authority"], entry["role"]].append(entry)
    alike = defaultdict(list)
    for entry in pack.codes:
        alike[entry["code"], entry["municipality"]].append(entry)
    for entries in (*roles.values(), *alike.values(), *_grouped(inside, "code")):
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
    for entry in [*pack.authorities, *pack.departments, *pack.competences, *pack.places, *pack.layers, *pack.codes]:
        if not days_of(entry.values):
            dates = f"valid_to {entry['valid_to']} lies before valid_from {entry['valid_from']}"
            yield entry.found("rule-never-valid", dates)


def _postal(pack: Pack) -> Iterator[Finding]:
    known = official_codes_of(pack) | {OUTSIDE}
    inside = {entry["postal_code"] for entry in pack.postal if entry["municipality"] != OUTSIDE}
    for entry in pack.postal:
        if entry["postal_code"] not in inside:
            yield entry.found("postal-nobody", f"the postal code {entry['postal_code']} is no municipality's here")
    for entry in pack.postal:
        if entry["municipality"] not in known:
            message = f"“{entry['municipality']}” is the official code of no municipality (elsewhere is {OUTSIDE})"
            yield entry.found("code-unknown", message)
    served = codes_of([entry for entry in pack.postal if not entry["cedex"]], "municipality")
    for entry in pack.authorities if pack.postal else ():
        if entry["kind"] == MUNICIPALITY and (entry["official_code"] or entry["code"]) not in served:
            yield entry.found("postal-missing", f"the municipality {entry['code']} has no postal code")


def _endpoints(pack: Pack) -> Iterator[Finding]:
    for entry in pack.departments:
        if not (entry["email"] or entry["webhook"]):
            yield entry.found("endpoint-missing", f"nobody can write to {entry['code']}")
