"""Which municipality do words and codes mean, when there is no point or to confirm it?

Official code first, then postal code with name, then name. A postal code that is shared, or a CEDEX, never decides.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from libs.directory.codes import CodeStatus, Meant
from libs.directory.decision import Reason
from libs.directory.model import PostalCode
from libs.directory.names import Named, is_cedex
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


# Three thousand communes of a country begin with “Saint”; a person cannot choose from so many, nor a record hold them.
CODES_SAID_MAX = 20

# How a code is said to mean a municipality.
CODE_REASONS = {"ours": "code-given", "part": "code-part", "former": "code-former"}


def clue_of(release: Release, where: Where, day: int) -> Clue:
    """What everything but the point says."""
    reasons: list[Reason] = []
    if code := (where.municipality_code or "").strip():
        meant = release.codes.meant(code, day)
        if meant.municipalities:
            return _by_code(release, code, meant, where, day)
        reason = _reason(release, f"code-{meant.status}", code)
        if meant.status == "elsewhere":
            return Clue((), (reason,), is_elsewhere=True)
        reasons.append(reason)
    clue = _by_name_and_postal_code(release, where, day)
    return Clue(clue.codes, (*reasons, *clue.reasons), clue.is_elsewhere)


def _by_code(release: Release, code: str, meant: Meant, where: Where, day: int) -> Clue:
    """The code decides, unless words that are sure of themselves all mean another municipality.

    Where a former municipality was divided, words choose among those that its code means.
    """
    served, named = served_and_named(release, where, day)
    others = sorted({*served, *named})
    left = _left(meant.municipalities, served, named)
    if left or not others:
        codes = left or meant.municipalities
        return Clue(codes, (code_reason(release, code, meant.status, codes),))
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
    name, postal = _words(where)
    known = release.postal.get(postal)
    served = _valid(release, known.municipalities, day) if known and not known.is_cedex else ()
    named = release.gazetteer.find(name) if name and not is_cedex(name) else None
    return served, _valid(release, named.codes, day) if named and named.how == "exact" else ()


def _words(where: Where) -> tuple[str, str]:
    return (where.municipality_name or "").strip(), (where.postal_code or "").replace(" ", "")


def _by_name_and_postal_code(release: Release, where: Where, day: int) -> Clue:
    name, postal = _words(where)
    if name and is_cedex(name):
        return Clue((), (_reason(release, "postal-cedex", name),))
    known = release.postal.get(postal)
    if known and known.is_cedex:
        clue = _by_name(release, name, day) if name else Clue((), ())
        return Clue(clue.codes, (_reason(release, "postal-cedex", postal), *clue.reasons))
    if postal and not known:
        # Other towns of this name exist elsewhere, so the name does not outweigh a postal code from elsewhere.
        return Clue((), (_reason(release, "postal-unknown", postal),))
    if not known:
        return _by_name(release, name, day) if name else Clue((), (release.phrases.reason("place-missing"),))
    served = _valid(release, known.municipalities, day)
    if name:
        return _by_both(release, name, postal, known, day)
    if len(served) == 1 and not known.is_shared_outside:
        names = release.municipalities[served[0]].names
        return Clue(served, (_reason(release, "postal-unique", postal, municipality=names),))
    return _several(release, served, _reason(release, "postal-shared", postal, codes=served))


def _by_both(release: Release, name: str, postal: str, known: PostalCode, day: int) -> Clue:
    """Parts and former municipalities are looked for by their own names, and mean their wholes."""
    named = release.gazetteer.find(name, among=[code for code in known.municipalities if _valid(release, [code], day)])
    codes = _valid(release, named.codes, day) if named else ()
    if named and len(codes) == 1:
        return Clue(codes, (_named(release, name, Named(codes, named.how, named.is_short)),))
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
        return _several(release, codes, _reason(release, "name-ambiguous", name, codes=codes))
    return Clue(codes, (_named(release, name, Named(codes, named.how, is_short=False)),))


def _several(release: Release, codes: Iterable[str], reason: Reason) -> Clue:
    """Never exactly one: where one municipality is left but cannot be trusted, the reason says so and a person asks."""
    codes = tuple(codes)
    return Clue(codes if len(codes) > 1 else (), (reason,))


def _valid(release: Release, codes: Iterable[str], day: int) -> tuple[str, ...]:
    return release.codes.all_meant(codes, day)


def _named(release: Release, name: str, named: Named) -> Reason:
    names = release.municipalities[named.codes[0]].names
    details = {"given": name, "code": named.codes[0], "how": named.how}
    return release.phrases.reason("name-given", details, municipality=names)


def said(codes: Sequence[str]) -> dict[str, Any]:
    """What a reason says of municipalities: their official codes, and how many more there are."""
    more = len(codes) - CODES_SAID_MAX
    return {"codes": list(codes[:CODES_SAID_MAX]), "more": more} if more > 0 else {"codes": list(codes)}


def _reason(release: Release, code: str, given: str, codes: Sequence[str] = (), **values: object) -> Reason:
    details = {"given": given, **(said(codes) if codes else {})}
    return release.phrases.reason(code, details, territory=release.territory.names, **values)
