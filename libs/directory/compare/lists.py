"""Which services, authorities, departments, endpoints and postal codes are new, gone or different?"""

from collections.abc import Iterator, Sequence
from typing import Any

from libs.directory.compare.change import Change, Kind, Teller
from libs.directory.model import OUTSIDE, PostalCode, Row
from libs.directory.release import Release

LISTS: tuple[tuple[Kind, str], ...] = (
    ("service", "services"),
    ("authority", "authorities"),
    ("department", "departments"),
)
WORTH_SHOWING = (str, int, float)  # other values, such as questions and words, are only said to differ
NONE = "–"
DAYS_SAID_MAX = 3  # the next of 46 years show which day it is; `--json` has all


def list_changes(old: Release, new: Release, tell: Teller) -> Iterator[Change]:
    """What the packs list, entry by entry and field by field."""
    yield from _fields("territory", old.row("territory"), new.row("territory"), tell)
    yield from _calendar(old, new, tell)
    for kind, part in LISTS:
        before, after = ({row["code"]: row for row in release.rows(part)} for release in (old, new))
        for code in sorted({*before, *after}):
            if code not in before or code not in after:
                what: Any = "added" if code in after else "removed"
                row = (after if code in after else before)[code]
                text = tell.say(what, kind=tell.say(kind), name=row["names"], code=code)
                yield Change(kind, what, code, {"names": row["names"]}, text)
            else:
                yield from _fields(kind, before[code], after[code], tell)


def _calendar(old: Release, new: Release, tell: Teller) -> Iterator[Change]:
    """Days that became closed or open, by another calendar or by a newer package of holidays: due dates move."""
    before, after = (set(release.row("calendar")["closed"]) for release in (old, new))
    added, removed = sorted(after - before), sorted(before - after)
    if added or removed:
        days = ", ".join([*added[:DAYS_SAID_MAX], *removed[:DAYS_SAID_MAX]])
        text = tell.say("calendar", added=len(added), removed=len(removed), days=days)
        yield Change(
            "territory", "changed", new.territory.code, {"field": "closed", "old": removed, "new": added}, text
        )


def _fields(kind: Kind, before: Row, after: Row, tell: Teller) -> Iterator[Change]:
    values: dict[str, Any] = {"kind": tell.say(kind), "name": after["names"], "code": after["code"]}
    for field in sorted({*before, *after}):
        old, new = before.get(field), after.get(field)
        if old == new:
            continue
        details = {"field": field, "old": old, "new": new}
        if field == "names" or all(value is None or isinstance(value, WORTH_SHOWING) for value in (old, new)):
            text = tell.say("changed", field=field, old=_shown(old), new=_shown(new), **values)
        else:
            text = tell.say("rewritten", field=field, **values)
        yield Change(kind, "changed", after["code"], details, text)


def _shown(value: Any) -> Any:
    return NONE if value in (None, "") else value


def postal_changes(before: Release, after: Release, tell: Teller) -> Iterator[Change]:
    """Postal codes with whom they serve."""
    for code in sorted({*before.postal, *after.postal}):
        old, new = (_served(release.postal.get(code)) for release in (before, after))
        if old != new:
            what: Any = "added" if code not in before.postal else "removed" if code not in after.postal else "changed"
            text = tell.say("postal", code=code, old=", ".join(old) or NONE, new=", ".join(new) or NONE)
            yield Change("postal", what, code, {"old": old, "new": new}, text)


def code_changes(before: Release, after: Release, tell: Teller) -> Iterator[Change]:
    """Codes of parts and former codes, with whom they mean and when."""
    was, is_now = _meant(before), _meant(after)
    for code in sorted({*was, *is_now}):
        old, new = was.get(code, []), is_now.get(code, [])
        if old != new:
            what: Any = "added" if not old else "removed" if not new else "changed"
            text = tell.say("code", code=code, old=", ".join(old) or NONE, new=", ".join(new) or NONE)
            yield Change("code", what, code, {"old": old, "new": new}, text)


def _meant(release: Release) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in release.content("codes") or ():
        days = "" if row["valid_from"] is row["valid_to"] else f", {row['valid_from'] or ''}–{row['valid_to'] or ''}"
        found.setdefault(row["code"], []).append(f"{row['municipality']} ({row['relation']}{days})")
    return found


def _served(code: PostalCode | None) -> Sequence[str]:
    if code is None:
        return []
    marks = [OUTSIDE] * code.is_shared_outside + ["CEDEX"] * code.is_cedex
    return [*code.municipalities, *marks]
