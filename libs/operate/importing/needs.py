"""What does a draft lack that only a person can add?"""

from collections.abc import Iterator, Mapping, Sequence

from libs.directory import Compiled
from libs.directory.model import OUTSIDE
from libs.directory.pack import (
    AUTHORITIES,
    CODES,
    COMPETENCES,
    DEPARTMENTS,
    GOLDEN,
    PLACES,
    POSTAL,
    SERVICES,
    TERRITORY,
)
from libs.operate.importing.calendars import dates_for
from libs.operate.importing.councils import INSTEAD, LYON, PROVINCES, RHONE, Level, unnamed_of
from libs.operate.importing.need import Need
from libs.operate.importing.skeleton import Source
from libs.operate.outlines.attach import Attached

LEVEL_FILES: Mapping[Level, str] = {"department": "departements", "region": "regions"}


def needs_of(source: Source, outlines: Attached | None) -> list[Need]:
    """In the order of the files. `outlines` is None when no contours were given."""
    return [
        *(Need("dates", TERRITORY, doubt.message, doubt.about) for doubt in dates_for(source.communes).doubts),
        *_rows(source),
        *_membership(source),
        *_authorities(source),
        *_councils({commune.departement for commune in source.communes}, source),
        Need("departments", DEPARTMENTS, "only front desks are listed, without address: add e-mails and departments"),
        *source.needs,
        *_services(source),
        *_outlines(outlines),
        *_postal(source),
        *_codes(source),
        Need("golden", GOLDEN, "write the cases that you are sure of: publishing checks them every time"),
    ]


def _rows(source: Source) -> Iterator[Need]:
    """Rows that became nothing are told, with the reason."""
    for why, count in source.register.left_out.items():
        yield Need("rows-unread", AUTHORITIES, f"{count:,} rows {why} became nothing")
    if shouted := tuple(one.code for one in source.communes if one.name.isupper() and len(one.name) > 1):
        yield Need(
            "names", AUTHORITIES, "these names are in capitals, without accents: write them as people do", shouted
        )


def _membership(source: Source) -> Iterator[Need]:
    """Registers of different years disagree about who belongs to a grouping."""
    here = {commune.code for commune in source.communes}
    if gone := sorted(set(source.grouping.members) - here):
        message = f"{source.grouping.name} counts communes that the register of communes does not have"
        yield Need("members-unknown", AUTHORITIES, message, tuple(gone))
    elif source.grouping.size and source.grouping.size != len(here):
        message = f"{source.grouping.name} has {source.grouping.size} communes by one file and {len(here)} by the other"
        yield Need("members-differ", AUTHORITIES, message)


def _authorities(source: Source) -> Iterator[Need]:
    register = source.register
    unnamed = "State and operators" if register.departements else "département, région, State and operators"
    known: Mapping[Level, Mapping[str, str]] = {"department": register.departements, "region": register.regions}
    for level, names in known.items():
        if len(numbers := unnamed_of(level, source.communes, names)) > 1:
            message = f"these go by their numbers, since no file names them: add a file of {LEVEL_FILES[level]}"
            yield Need("councils-unnamed", AUTHORITIES, message, numbers)
    yield Need("authorities", AUTHORITIES, f"{unnamed} are not in these files: add those who own something here")
    if lacking := [commune.code for commune in source.communes if commune.population is None]:
        yield Need("population", AUTHORITIES, "the register gives no population", tuple(lacking))


def _councils(departements: set[str], source: Source) -> Iterator[Need]:
    """Where a register names a département that has no council any more, another acts for it; the law moves on."""
    if replaced := tuple(sorted(departements & set(INSTEAD["department"]))):
        message = "no council of a département of their own: whoever acts in its place is listed; have it checked"
        yield Need("councils", AUTHORITIES, message, replaced)
    if RHONE in departements and source.grouping.code != LYON:
        message = f"the département's council ends at the border of Lyon's métropole ({LYON}), which acts in its place"
        if not source.register.has_groupings:
            message += "; nothing here says which communes belong to it, so the département is listed for all"
        yield Need("councils", AUTHORITIES, message, (RHONE,))
    if PROVINCES in departements:
        yield Need(
            "councils", AUTHORITIES, "the provinces are in no register: add those of these communes", (PROVINCES,)
        )


def _services(source: Source) -> Iterator[Need]:
    if not source.wishes:
        yield Need("services", SERVICES, "nothing can be asked for yet: add services, or import a list with --services")
        return
    for what, file, said in (
        ("owners", COMPETENCES, {wish.code: wish.problems for wish in source.wishes}),
        ("cells-unread", SERVICES, {wish.code: wish.unread for wish in source.wishes}),
    ):
        yield from (Need(what, file, problem, codes) for problem, codes in _alike(said).items())
    yield from _kinds(source)
    if without := [wish.code for wish in source.wishes if not wish.target]:
        yield Need("targets", SERVICES, "no target time is given, so none is promised", tuple(without))
    if without := [wish.code for wish in source.wishes if not wish.basis and wish.level]:
        yield Need("bases", COMPETENCES, "no legal basis is given", tuple(without))
    yield Need("review", COMPETENCES, "who decides comes from a list: have somebody who knows the law read it")


def _alike(said: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Which services have the same problem."""
    alike: dict[str, list[str]] = {}
    for code, problems in said.items():
        for problem in problems:
            alike.setdefault(problem, []).append(code)
    return {problem: tuple(codes) for problem, codes in alike.items()}


def _kinds(source: Source) -> Iterator[Need]:
    guessed = {wish.code: [wish.kind] for wish in source.wishes if wish.is_kind_guessed}
    for kind, codes in sorted(_alike(guessed).items()):
        message = f"the list does not say what kind these are; by their names they are taken for: {kind}"
        yield Need("kinds", SERVICES, message, codes)


def _outlines(outlines: Attached | None) -> Iterator[Need]:
    if outlines is None:
        message = "there are no outlines: attach official ones (guichet directory boundaries), or import --contours"
        yield Need("contours", PLACES, message)
        return
    if outlines.missing:
        yield Need("contours", PLACES, "the contours lack these communes", tuple(outlines.missing))
    if outlines.without_code:
        yield Need("contours-without-code", PLACES, f"{outlines.without_code} features of the contours have no code")
    yield from (Need("contours-remark", PLACES, remark) for remark in outlines.remarks)


def _postal(source: Source) -> Iterator[Need]:
    if lacking := [commune.code for commune in source.communes if not commune.postal_codes]:
        yield Need("postal-codes", POSTAL, "the register gives no postal code", tuple(lacking))
    if not source.register.is_national:
        yield Need("postal-outside", POSTAL, f"say with {OUTSIDE} which codes communes beyond the territory use, too")
    yield Need("cedex", POSTAL, "CEDEX codes are in no register: add those of large receivers, with cedex 1")


def _codes(source: Source) -> Iterator[Need]:
    """Registers say which codes there were, seldom until when."""
    if former := tuple(commune.code for commune in source.communes if commune.former):
        message = "former codes are listed without days; where a code was given again or a commune divided, add them"
        yield Need("former-codes", CODES, message, former)


def readme_of(source: Source, needs: Sequence[Need], compiled: Compiled) -> str:
    """The draft's own README.md: what it is, and what is left to do."""
    lines = [f"- [ ] `{need.file}`: {need.message}{_listed(need.about)}" for need in needs]
    version = compiled.draft.version if compiled.draft else "(does not compile yet)"
    return "\n".join(
        [
            f"# {source.grouping.name}",
            "",
            f"A draft of {len(source.communes)} communes and {len(source.wishes)} services,",
            f"made by `guichet directory import` or `new`; {version}.",
            "",
            "What needs a person:",
            "",
            *lines,
            "",
        ]
    )


def _listed(about: Sequence[str]) -> str:
    return f" ({', '.join(about)})" if about else ""
