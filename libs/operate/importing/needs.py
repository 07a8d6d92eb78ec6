"""What does a draft lack that only a person can add?"""

from collections.abc import Iterator, Sequence

from libs.directory import Compiled
from libs.directory.model import OUTSIDE
from libs.directory.pack import AUTHORITIES, COMPETENCES, DEPARTMENTS, GOLDEN, PLACES, POSTAL, SERVICES
from libs.operate.importing.skeleton import Need, Source


def needs_of(source: Source, missing_outlines: Sequence[str] | None) -> list[Need]:
    """In the order of the files. `missing_outlines` is None when no contours were given."""
    return [
        *_membership(source),
        *_authorities(source),
        Need("departments", DEPARTMENTS, "only front desks are listed, without address: add e-mails and departments"),
        *_services(source),
        *_outlines(missing_outlines),
        *_postal(source),
        Need("golden", GOLDEN, "write the cases that you are sure of: publishing checks them every time"),
    ]


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
    unnamed = "State and operators" if source.register.departements else "département, région, State and operators"
    yield Need("authorities", AUTHORITIES, f"{unnamed} are not in these files: add those who own something here")
    if lacking := [commune.code for commune in source.communes if commune.population is None]:
        yield Need("population", AUTHORITIES, "the register gives no population", tuple(lacking))


def _services(source: Source) -> Iterator[Need]:
    if not source.wishes:
        yield Need("services", SERVICES, "nothing can be asked for yet: add services, or import a list with --services")
        return
    alike: dict[str, list[str]] = {}
    for wish in source.wishes:
        for problem in wish.problems:
            alike.setdefault(problem, []).append(wish.code)
    yield from (Need("owners", COMPETENCES, problem, tuple(codes)) for problem, codes in alike.items())
    if without := [wish.code for wish in source.wishes if not wish.target]:
        yield Need("targets", SERVICES, "no target time is given, so none is promised", tuple(without))
    if without := [wish.code for wish in source.wishes if not wish.basis and wish.level]:
        yield Need("bases", COMPETENCES, "no legal basis is given", tuple(without))
    yield Need("review", COMPETENCES, "who decides comes from a list: have somebody who knows the law read it")


def _outlines(missing: Sequence[str] | None) -> Iterator[Need]:
    if missing is None:
        message = "there are no outlines: attach official ones (guichet directory boundaries), or import --contours"
        yield Need("contours", PLACES, message)
    elif missing:
        yield Need("contours", PLACES, "the contours lack these communes", tuple(missing))


def _postal(source: Source) -> Iterator[Need]:
    if lacking := [commune.code for commune in source.communes if not commune.postal_codes]:
        yield Need("postal-codes", POSTAL, "the register gives no postal code", tuple(lacking))
    if not source.register.is_national:
        yield Need("postal-outside", POSTAL, f"say with {OUTSIDE} which codes communes beyond the territory use, too")
    yield Need("cedex", POSTAL, "CEDEX codes are in no register: add those of large receivers, with cedex 1")


def readme_of(source: Source, needs: Sequence[Need], compiled: Compiled) -> str:
    """The draft's own README.md: what it is, and what is left to do."""
    lines = [f"- [ ] `{need.file}`: {need.message}{_codes(need.about)}" for need in needs]
    version = compiled.draft.version if compiled.draft else "(does not compile yet)"
    return "\n".join(
        [
            f"# {source.grouping.name}",
            "",
            f"A draft of {len(source.communes)} communes and {len(source.wishes)} services, made by",
            f"`guichet directory import` from registers; {version}.",
            "",
            "What needs a person:",
            "",
            *lines,
            "",
        ]
    )


def _codes(about: Sequence[str]) -> str:
    return f" ({', '.join(about)})" if about else ""
