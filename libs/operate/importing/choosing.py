"""Which communes does a draft consist of, and what is it called?"""

import difflib
from collections.abc import Sequence

from libs.operate.importing import columns
from libs.operate.importing.places import Commune, Grouping, Register
from libs.operate.importing.wishes import slug
from libs.operate.output import WrongUse

SUGGESTIONS_MAX = 5


def chosen(
    register: Register, source: str, *, epci: str | None, everything: bool, name: str | None
) -> tuple[Grouping, Sequence[Commune]]:
    """The grouping and its communes, in the order of their codes. `WrongUse` says what is missing to choose by."""
    epci = "".join((epci or "").split()) or None
    if everything and epci:
        raise WrongUse("--all takes every commune; --epci only those of a grouping. Choose one.")
    if epci:
        members = _members(register, epci, source)
        return _named(register, epci, name), members
    if register.is_national and not everything:
        groupings = "its SIREN with --epci, such as 243300316, or " if register.has_groupings else ""
        raise WrongUse(
            f"Which communes of {source}? Give {groupings}--all for every one of its {len(register.communes):,}."
        )
    communes = [commune for _, commune in sorted(register.communes.items())]
    alone = communes[0].name if len(communes) == 1 else None
    return _named(register, "", name or alone), communes


def _named(register: Register, epci: str, name: str | None) -> Grouping:
    grouping = register.groupings.get(epci) or Grouping(epci, "")
    named = grouping.name or name
    if not named:
        raise WrongUse(
            f"No file names {f'the grouping {epci}' if epci else 'the territory'}; give its name with --name."
        )
    return Grouping(grouping.code, named, grouping.members, grouping.size)


def _members(register: Register, epci: str, source: str) -> list[Commune]:
    listed = register.groupings.get(epci)
    members = set(listed.members) if listed else set()
    found = [one for code, one in sorted(register.communes.items()) if one.grouping == epci or code in members]
    if found:
        return found
    if members:
        some = ", ".join(sorted(members)[:SUGGESTIONS_MAX])
        raise WrongUse(f"{source} has no row of the communes of {epci} ({some}, …): do its files belong together?")
    if not register.has_groupings:
        raise WrongUse(
            f"{source} does not say which communes belong to {epci}: it has no file of epci with members, and its "
            f"communes have no column such as {', '.join(columns.GROUPING[:3])}. Add one, or take --all."
        )
    raise WrongUse(
        f"No commune of {source} belongs to {epci}; --epci is the SIREN of a grouping.{_similar(register, epci)}"
    )


def _similar(register: Register, epci: str) -> str:
    """Groupings that somebody may have meant by a name, or by a number with a slip in it."""
    names = {code: grouping.name for code, grouping in register.groupings.items()}
    names |= {one.grouping: names.get(one.grouping, "") for one in register.communes.values() if one.grouping}
    near = difflib.get_close_matches(epci, names, SUGGESTIONS_MAX)
    by_name = [code for code, name in names.items() if slug(epci) and slug(epci) in slug(name)]
    meant = [f"{code} {names[code]}".strip() for code in dict.fromkeys([*by_name, *near])][:SUGGESTIONS_MAX]
    return f" Did you mean {', '.join(meant)}?" if meant else ""
