"""Which municipality do words and codes mean, when there is no point or to confirm it?

Official code first, then postal code with name, then name. A postal code that is shared, or a CEDEX, never decides.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from libs.directory.decision import Reason
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

CodeStatus = Literal["ours", "expired", "elsewhere"]


def status_of(release: Release, code: str, day: int) -> CodeStatus:
    """Whether an official code names a municipality of this territory on this day."""
    municipality = release.municipalities.get(code)
    if municipality is None:
        return "elsewhere"
    return "ours" if day in municipality.days else "expired"


def clue_of(release: Release, where: Where, day: int) -> Clue:
    """What everything but the point says."""
    reasons: list[Reason] = []
    if code := (where.municipality_code or "").strip():
        status = status_of(release, code, day)
        if status == "ours":
            return _by_code(release, code, where, day)
        reason = _reason(release, f"code-{status}", code)
        if status == "elsewhere":
            return Clue((), (reason,), is_elsewhere=True)
        reasons.append(reason)
    clue = _by_name_and_postal_code(release, where, day)
    return Clue(clue.codes, (*reasons, *clue.reasons), clue.is_elsewhere)


def _by_code(release: Release, code: str, where: Where, day: int) -> Clue:
    """The code decides, unless words that are sure of themselves all mean another municipality."""
    names = release.municipalities[code].names
    served, named = served_and_named(release, where, day)
    others = sorted({*served, *named})
    if not others or code in others:
        return Clue((code,), (_reason(release, "code-given", code, municipality=names),))
    stated = release.phrases.either([release.municipalities[other].names for other in others])
    return Clue((code, *others), (_reason(release, "code-differs", code, others, municipality=names, stated=stated),))


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
        return _by_both(release, name, postal, served, day)
    if len(served) == 1 and not known.is_shared_outside:
        names = release.municipalities[served[0]].names
        return Clue(served, (_reason(release, "postal-unique", postal, municipality=names),))
    return _several(release, served, _reason(release, "postal-shared", postal, codes=served))


def _by_both(release: Release, name: str, postal: str, served: tuple[str, ...], day: int) -> Clue:
    named = release.gazetteer.find(name, among=served)
    if named and len(named.codes) == 1:
        return Clue(named.codes, (_named(release, name, named),))
    elsewhere = release.gazetteer.find(name)
    others = _valid(release, elsewhere.codes, day) if elsewhere and not elsewhere.is_short else ()
    reason = release.phrases.reason("postal-differs", {"given": postal, "name": name})
    return _several(release, sorted({*served, *others}), reason)


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
    return tuple(code for code in codes if status_of(release, code, day) == "ours")


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
