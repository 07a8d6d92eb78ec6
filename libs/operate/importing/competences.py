"""Who decides about each service of a list, as rules?"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from libs.operate.importing.authorities import Authorities
from libs.operate.importing.places import Commune
from libs.operate.importing.wishes import Wish

# Where a level has several councils, each commune beyond the most common one takes a rule for each service. More than
# this is no file that people keep: the owner is left open then, and said to be missing.
RULES_EACH_MAX = 2_000


def competences_of(wishes: Sequence[Wish], communes: Sequence[Commune], known: Authorities) -> list[dict[str, Any]]:
    """One rule for the whole territory for each service whose owner the list says, and one for each place that differs.

    A wish that nobody here can own gets no rule, and a problem.
    """
    levels = {wish.level for wish in wishes if wish.level}
    deciding = {level: {one.code: known.decides(level, one.code) for one in communes} for level in levels}
    rules: list[dict[str, Any]] = []
    for wish in wishes:
        if wish.level:
            rules += _rules(wish, deciding[wish.level], known)
    return rules


def _rules(wish: Wish, deciding: Mapping[str, str | None], known: Authorities) -> Iterator[dict[str, Any]]:
    counted = Counter(deciding.values())
    if None in counted:
        wish.problems.append(f"nobody here is a {wish.level}: say who owns it")
        return
    usual = min(counted, key=lambda code: (-counted[code], str(code)))
    others = {commune: code for commune, code in deciding.items() if code != usual}
    if len(others) > RULES_EACH_MAX:
        wish.problems.append(f"{len(counted)} authorities own it, each for its communes: add their rules")
        return
    rule_id = wish.code.replace("_", "-")
    yield _rule(wish, rule_id, "*", usual)
    for commune, code in sorted(others.items()):
        yield _rule(wish, f"{rule_id}-{commune.lower()}", f"municipality:{known.own[commune]}", code)


def _rule(wish: Wish, rule_id: str, where: str, decides: str | None) -> dict[str, Any]:
    rule = {"id": rule_id, "service": wish.code, "where": where, "decides": decides}
    return rule | {"acts": f"@decides:{wish.role}", "priority": 0, "basis": wish.basis}
