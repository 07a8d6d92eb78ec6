"""How is it said that requests will go to somebody else?"""

from collections.abc import Iterator, Mapping

from libs.directory.answers import Case
from libs.directory.answers import Kind as AnswerKind
from libs.directory.cells import Effect, Owner
from libs.directory.compare.change import Change, Teller, valid_from, valid_to
from libs.directory.compare.owners import NOBODY, THE_COMMUNE, Moved, Pair, municipalities_of_both, owner_moves
from libs.directory.model import Names
from libs.directory.release import Release


def owner_changes(old: Effect, new: Effect, tell: Teller) -> Iterator[Change]:
    """For every service that both releases know."""
    everywhere = len(municipalities_of_both(old, new))
    for service in sorted(set(old.release.services) & set(new.release.services)):
        names = new.release.services[service].names
        moves = owner_moves(service, old, new)
        if moves is None:
            yield Change("owner", "changed", service, {"service": service}, tell.say("unexamined", service=names))
            continue
        for moved, pairs in sorted(moves.items(), key=_order):
            where = _where(moved, pairs, len(pairs) == everywhere, new.release, tell)
            head = tell.say("owner", service=names, where=where)
            who = _who(moved, set(pairs.values()), old.release, new.release, tell)
            text = tell.joined(head, who, tell.when(moved.days))
            yield Change("owner", "changed", service, _details(service, moved, pairs), text)


def _order(item: tuple[Moved, Mapping[str, Pair]]) -> tuple[object, ...]:
    moved, pairs = item
    return (moved.days.start, moved.layer or "", min(pairs), moved.decides, moved.acts or (), str(moved.answers))


def _details(service: str, moved: Moved, pairs: Mapping[str, Pair]) -> dict[str, object]:
    return {
        "service": service,
        "municipalities": sorted(pairs),
        "layer": moved.layer,
        "answers": [" and ".join(_condition(kind) for kind in case) for case in moved.answers],
        "valid_from": valid_from(moved.days),
        "valid_to": valid_to(moved.days),
        "old": {code: _owner(pairs[code].old) for code in sorted(pairs)},
        "new": {code: _owner(pairs[code].new) for code in sorted(pairs)},
    }


def _owner(owner: Owner | None) -> dict[str, str] | None:
    return owner._asdict() if owner else None


def _condition(kind: AnswerKind) -> str:
    return str(kind) or f"{kind.question}: otherwise"


def _where(moved: Moved, pairs: Mapping[str, Pair], is_everywhere: bool, release: Release, tell: Teller) -> Names:
    names = [release.municipalities[code].names for code in sorted(pairs)]
    place = tell.say("everywhere") if is_everywhere else tell.say("in", places=tell.several(names))
    layer = tell.say("on-layer", layer=moved.layer) if moved.layer else tell.say("")
    return tell.joined(place, layer, _answered(moved.answers, tell))


def _answered(answers: tuple[Case, ...], tell: Teller) -> Names:
    if not answers:
        return tell.say("")
    cases = [_case(case, tell) for case in answers]
    said = cases[0]
    for case in cases[1:]:
        said = tell.joined(said, tell.say("or"), case)
    return tell.say("answered", answers=said)


def _case(case: Case, tell: Teller) -> Names:
    """Comparisons as the pack writes them; “otherwise” where an answer meets none."""
    kinds = [
        tell.say("as-is", what=str(kind)) if str(kind) else tell.say("otherwise", question=kind.question)
        for kind in case
    ]
    said = kinds[0]
    for kind in kinds[1:]:
        said = tell.joined(said, tell.say("and"), kind)
    return said


def _who(moved: Moved, pairs: set[Pair], old: Release, new: Release, tell: Teller) -> Names:
    if moved.acts:
        return tell.say("done", old=_department(moved.acts[0], old), new=_department(moved.acts[1], new))
    before, after = (_authority(code, release, tell) for code, release in zip(moved.decides, (old, new), strict=True))
    decided = tell.say("decided", old=before, new=after)
    departments = {(pair.old and pair.old.department, pair.new and pair.new.department) for pair in pairs}
    if len(departments) > 1 or not all(only := next(iter(departments))):
        return decided
    done = tell.say("done", old=_department(str(only[0]), old), new=_department(str(only[1]), new))
    return tell.joined(decided, tell.say("and"), done)


def _department(code: str, release: Release) -> Names:
    return release.departments[code].names


def _authority(code: str, release: Release, tell: Teller) -> Names:
    if code == NOBODY:
        return tell.say("nobody")
    return tell.say("commune") if code == THE_COMMUNE else release.authorities[code].names
