"""Which municipality do words and codes mean, when there is no point or to confirm it?

Official code first, then postal code with name, then name; an address fills in what has no field of its own. A postal
code that is shared, or a CEDEX, never decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from libs.directory.addresses import Words, compact, form_of, read_address
from libs.directory.codes import CodeStatus, Meant
from libs.directory.decision import Reason
from libs.directory.model import Names, PostalCode
from libs.directory.names import Named, is_cedex
from libs.directory.phrases import OUTSIDE_NAMES
from libs.directory.release import Release
from libs.value import value


@value
class Where:
    """All that a request says about its place; any part may be missing."""

    lat: float | None = None
    lon: float | None = None
    accuracy_m: float | None = None
    municipality_code: str | None = None
    postal_code: str | None = None
    municipality_name: str | None = None
    address: str | None = None


@value
class Clue:
    """The municipalities that words and codes allow: one decides, several need a person, none says nothing."""

    codes: tuple[str, ...]
    reasons: tuple[Reason, ...]
    is_elsewhere: bool = False
    is_incomplete: bool = False
    """Several, of which each would do where all have the same owner; a shared postal code or a contradiction is not."""


# Three thousand communes of a country begin with “Saint”; a person cannot choose from so many, nor a record hold them.
CODES_SAID_MAX = 20

# A town's usual postal code ends in as many zeros at least, and its others begin with as many of its digits.
USUAL_ENDING = "00"
USUAL_DIGITS_MIN = 2

# Reasons that name several because somebody erred.
CONTRADICTIONS = frozenset(("code-differs", "postal-differs"))

# How a code is said to mean a municipality.
CODE_REASONS = {"ours": "code-given", "part": "code-part", "former": "code-former"}


def clue_of(release: Release, where: Where, day: int) -> Clue:
    """What everything but the point says."""
    if not where.address or where.municipality_name or not release.reads_hints:
        return _clue_of(release, where, day)
    clues = [_clue_of(release, one, day) for one in _with_address(release, where)]
    meant = {clue.codes: clue for clue in clues if len(clue.codes) == 1}
    if len(meant) < 2:
        return next(iter(meant.values()), clues[0])
    codes = sorted({code for one in meant for code in one})
    return Clue(tuple(codes), tuple(reason for clue in meant.values() for reason in clue.reasons), is_incomplete=True)


def _with_address(release: Release, where: Where) -> list[Where]:
    """The place once for each postal code and town that its address names; as it is when that names none."""
    read = read_address(str(where.address), release.postal, release.postal_forms, release.gazetteer)
    if where.postal_code:
        read = [Words(where.postal_code, one.town) for one in read if one.town]
    filled = [replace(where, postal_code=one.postal_code, municipality_name=one.town) for one in read]
    return filled or [where]


def _clue_of(release: Release, where: Where, day: int) -> Clue:
    reasons: list[Reason] = []
    if code := (where.municipality_code or "").strip():
        meant = release.codes.meant(code, day)
        if meant.municipalities:
            return _by_code(release, code, meant, where, day)
        reason = _reason(release, f"code-{meant.status}", code)
        # Two clues that agree outweigh a code that means nothing here; one of them does not.
        if meant.status == "elsewhere" and not (release.reads_hints and agreed(release, where, day)):
            return Clue((), (reason,), is_elsewhere=True)
        reasons.append(reason)
    clue = _by_name_and_postal_code(release, where, day)
    return replace(clue, reasons=(*reasons, *clue.reasons)) if reasons else clue


def _by_code(release: Release, code: str, meant: Meant, where: Where, day: int) -> Clue:
    """The code decides, unless words that are sure of themselves all mean another municipality.

    Where a former municipality was divided, words choose among those that its code means.
    """
    served, named = served_and_named(release, where, day)
    others = sorted({*served, *named})
    left = _left(meant.municipalities, served, named)
    if left or not others:
        codes = left or meant.municipalities
        return Clue(codes, (code_reason(release, code, meant.status, codes),), is_incomplete=len(codes) > 1)
    names = release.phrases.either([release.municipalities[one].names for one in meant.municipalities])
    stated = release.phrases.either([release.municipalities[other].names for other in others])
    reason = _reason(release, "code-differs", code, others, municipality=names, stated=stated)
    return Clue((*meant.municipalities, *others), (reason,))


def _left(codes: Sequence[str], served: Sequence[str], named: Sequence[str]) -> tuple[str, ...]:
    """Those that postal code or name confirm; both, where there are both and they agree."""
    both = tuple(code for code in codes if code in served and code in named)
    return both or tuple(code for code in codes if code in served or code in named)


def code_reason(release: Release, code: str, status: CodeStatus, municipalities: Sequence[str]) -> Reason:
    """Whose the code is: a municipality's own, that of a part, or a former one, perhaps of several."""
    if len(municipalities) > 1:
        return _reason(release, "code-divided", code, municipalities)
    details = {"given": code} if status == "ours" else {"given": code, "code": municipalities[0]}
    names = release.municipalities[municipalities[0]].names
    return release.phrases.reason(CODE_REASONS[status], details, municipality=names)


def served_and_named(release: Release, where: Where, day: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Who the postal code serves, and who is called exactly this; typing errors and CEDEX codes contradict nobody."""
    name, postal = _words(release, where)
    known = release.postal.get(postal)
    served = _valid(release, known.municipalities, day) if known and not known.is_cedex else ()
    named = release.gazetteer.find(name) if name and not is_cedex(name) else None
    return served, _valid(release, named.codes, day) if named and named.how == "exact" else ()


def agreed(release: Release, where: Where, day: int) -> tuple[str, ...]:
    """Whom postal code and name both mean, also a name misspelt, which its postal code then confirms."""
    name, postal = _words(release, where)
    if not name or not postal or is_cedex(name):
        return ()
    known = release.postal.get(postal)
    if known is None:
        return _usual(release, postal, name, day)
    named = None if known.is_cedex else _find_among(release, name, known, day)
    return _valid(release, named.codes, day) if named else ()


def _usual(release: Release, postal: str, name: str, day: int) -> tuple[str, ...]:
    """Who is called exactly this and has postal codes that begin as this one, which ends in zeros and is nobody's.

    A town of several postal codes is often written with the one that they have in common: 69000 Lyon.
    """
    if form_of(postal) not in release.postal_forms or not postal.endswith(USUAL_ENDING):
        return ()
    begins = postal[: max(USUAL_DIGITS_MIN, len(postal.rstrip("0")))]
    named = release.gazetteer.find(name)
    known = [one for code, one in release.postal.items() if code.startswith(begins) and not one.is_cedex]
    nearby = {code for one in known for code in one.municipalities}
    return (
        _valid(release, [code for code in named.codes if code in nearby], day) if named and named.how == "exact" else ()
    )


def _words(release: Release, where: Where) -> tuple[str, str]:
    postal = where.postal_code or ""
    return (where.municipality_name or "").strip(), compact(postal) if release.reads_hints else postal.replace(" ", "")


def _by_name_and_postal_code(release: Release, where: Where, day: int) -> Clue:
    name, postal = _words(release, where)
    if name and is_cedex(name):
        return Clue((), (_reason(release, "postal-cedex", name),))
    known = release.postal.get(postal)
    if known and known.is_cedex:
        clue = _by_name(release, name, day) if name else Clue((), ())
        return Clue(clue.codes, (_reason(release, "postal-cedex", postal), *clue.reasons))
    if postal and not known:
        if usual := _usual(release, postal, name, day) if release.reads_hints and name else ():
            return _usually(release, usual, postal, name)
        # Other towns of this name exist elsewhere, so the name does not outweigh a postal code from elsewhere.
        return Clue((), (_reason(release, "postal-unknown", postal),))
    if not known:
        return _by_name(release, name, day) if name else Clue((), (_missing(release, where),))
    if name:
        return _by_both(release, name, postal, known, day)
    served = _valid(release, known.municipalities, day)
    if len(served) == 1 and not known.is_shared_outside:
        names = release.municipalities[served[0]].names
        return Clue(served, (_reason(release, "postal-unique", postal, municipality=names),))
    return _several(release, served, _reason(release, "postal-shared", postal, codes=served))


def _usually(release: Release, codes: tuple[str, ...], postal: str, name: str) -> Clue:
    names = release.phrases.either([release.municipalities[code].names for code in codes])
    reason = release.phrases.reason("postal-usual", {"given": postal, "name": name, **said(codes)}, municipality=names)
    return Clue(codes, (reason,), is_incomplete=len(codes) > 1)


def _missing(release: Release, where: Where) -> Reason:
    """Nothing is there, or only an address in which nothing was found."""
    return release.phrases.reason("address-unread" if where.address and release.reads_hints else "place-missing")


def _find_among(release: Release, name: str, known: PostalCode, day: int) -> Named | None:
    return release.gazetteer.find(name, among=release.codes.all_meaning(known.municipalities, day))


def _by_both(release: Release, name: str, postal: str, known: PostalCode, day: int) -> Clue:
    """Parts and former municipalities are looked for by their own names, and mean their wholes."""
    named = _find_among(release, name, known, day)
    codes = _valid(release, named.codes, day) if named else ()
    if named and len(codes) == 1:
        return Clue(codes, (_named(release, name, Named(codes, named.how, named.is_short)),))
    if len(codes) > 1 and release.reads_hints:
        return _several(release, codes, _reason(release, "name-ambiguous", name, codes=codes), is_incomplete=True)
    elsewhere = release.gazetteer.find(name)
    others = _valid(release, elsewhere.codes, day) if elsewhere and not elsewhere.is_short else ()
    reason = release.phrases.reason("postal-differs", {"given": postal, "name": name})
    return _several(release, sorted({*_valid(release, known.municipalities, day), *others}), reason)


def _by_name(release: Release, name: str, day: int) -> Clue:
    named = release.gazetteer.find(name)
    codes = _valid(release, named.codes, day) if named else ()
    if not named or not codes:
        return Clue((), (_reason(release, "name-unknown", name),))
    if named.is_short:
        return Clue((), (_reason(release, "name-short", name, codes=codes),))
    if len(codes) > 1:
        return _several(release, codes, _reason(release, "name-ambiguous", name, codes=codes), is_incomplete=True)
    return Clue(codes, (_named(release, name, Named(codes, named.how, is_short=False)),))


def _several(release: Release, codes: Iterable[str], reason: Reason, *, is_incomplete: bool = False) -> Clue:
    """Never exactly one: where one municipality is left but cannot be trusted, the reason says so and a person asks."""
    codes = tuple(codes)
    return Clue(codes if len(codes) > 1 else (), (reason,), is_incomplete=is_incomplete and release.reads_hints)


def _valid(release: Release, codes: Iterable[str], day: int) -> tuple[str, ...]:
    return release.codes.all_meant(codes, day)


def _named(release: Release, name: str, named: Named) -> Reason:
    names = release.municipalities[named.codes[0]].names
    details = {"given": name, "code": named.codes[0], "how": named.how}
    return release.phrases.reason("name-given", details, municipality=names)


def names_of(release: Release, codes: Sequence[str | None]) -> Names:
    """One or several municipalities; None is outside."""
    names = [release.municipalities[code].names if code else OUTSIDE_NAMES for code in codes]
    return names[0] if len(names) == 1 else release.phrases.either(names)


def said(codes: Sequence[str]) -> dict[str, Any]:
    """What a reason says of municipalities: their official codes, and how many more there are."""
    more = len(codes) - CODES_SAID_MAX
    return {"codes": list(codes[:CODES_SAID_MAX]), "more": more} if more > 0 else {"codes": list(codes)}


def _reason(release: Release, code: str, given: str, codes: Sequence[str] = (), **values: object) -> Reason:
    details = {"given": given, **(said(codes) if codes else {})}
    return release.phrases.reason(code, details, territory=release.territory.names, **values)
