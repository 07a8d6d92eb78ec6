"""Does the comparison of two releases put every recorded request where it belongs, exactly once?"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from libs.directory import Release
from libs.directory.what_if import SAMPLE_MAX, Comparison, Kind, Recorded, Sample, Verdict
from tests.unit.directory_packs import AT, COMPETENCES, SERVICES, ask, point, release_of

SMALL = release_of()
LAMP = "L1,lamp,*,,@municipality,@decides:voirie,0,,,"
IN_AVAL, IN_BOURG = point(0.01, 0.01), point(0.045, 0.01)
ON_THE_BORDER = point(0.02, 0.01)


def with_rules(old: str, new: str, **changes: str) -> Release:
    assert old in COMPETENCES
    return release_of(competences=COMPETENCES.replace(old, new), **changes)


LAMPS_TO_METRO = with_rules(LAMP, LAMP.replace("@municipality", "metro"))


def recorded(number: int, service: str | None, place: Any = IN_AVAL, refusers: Any = (), **more: Any) -> Recorded:
    return Recorded(UUID(int=number), ask(service, place, refusers=tuple(refusers)), **more)


def compared(candidate: Release, *requests: Recorded, release: Release = SMALL) -> Comparison:
    comparison = Comparison(candidate)
    comparison.add(release, requests)
    return comparison


def counts(comparison: Comparison) -> dict[str, int]:
    tally = comparison.rules
    kinds: tuple[Kind, ...] = ("moved", "became_held", "no_longer_held", "held_otherwise")
    found = {kind: tally.requests(kind) for kind in kinds}
    found |= {"due_only": tally.due_only.requests, "unchanged": tally.unchanged}
    return {name: number for name, number in found.items() if number}


def test_a_request_moves_from_whom_to_whom() -> None:
    found = compared(LAMPS_TO_METRO, recorded(1, "lamp"), recorded(2, "lamp", IN_BOURG), recorded(3, "pothole"))
    assert counts(found) == {"moved": 2, "unchanged": 1}
    assert {pair: move.sample.requests for pair, move in found.rules.moves.items()} == {
        (("routed", "aval", "aval-accueil"), ("routed", "metro", "metro-voirie")): 1,
        (("routed", "bourg", "bourg-accueil"), ("routed", "metro", "metro-voirie")): 1,
    }


def test_where_nobody_owns_it_any_more_it_becomes_held_and_the_other_way_round() -> None:
    nobody = release_of(competences=COMPETENCES.replace(LAMP + "\n", ""), uncovered="service,where,reason\nlamp,*,no\n")
    assert counts(compared(nobody, recorded(1, "lamp"))) == {"became_held": 1}
    assert counts(compared(SMALL, recorded(1, "lamp"), release=nobody)) == {"no_longer_held": 1}


def test_what_is_held_for_another_reason_is_told_apart() -> None:
    """On the border two town halls could own it; without the service nobody knows what it is about."""
    rules = "\n".join(line for line in COMPETENCES.splitlines() if ",graffiti," not in line)
    without = release_of(services=SERVICES[: SERVICES.index("- code: graffiti")], competences=rules)
    found = compared(without, recorded(1, "graffiti", ON_THE_BORDER))
    assert counts(found) == {"held_otherwise": 1}
    assert list(found.rules.moves) == [(("ambiguous", None, None), ("unclear", None, None))]


def test_another_target_time_changes_the_date_only() -> None:
    slower = release_of(services=SERVICES.replace("hours: 48", "hours: 72"))
    assert counts(compared(slower, recorded(1, "lamp"), recorded(2, "pothole"))) == {"due_only": 1, "unchanged": 1}


def test_the_same_release_moves_nothing() -> None:
    found = compared(SMALL, recorded(1, "lamp"), recorded(2, None))
    assert counts(found) == {"unchanged": 2}


def test_who_refused_is_left_out_of_the_question_on_both_sides() -> None:
    """Aval's town hall said “not ours”; the candidate has another answer, so it would be held no longer."""
    refused = recorded(1, "lamp", refusers=["aval-accueil"], hops=1)
    assert counts(compared(LAMPS_TO_METRO, refused)) == {"no_longer_held": 1}


def test_after_too_many_refusals_no_release_decides() -> None:
    weary = recorded(1, "lamp", hops=SMALL.territory.hops_max + 1)
    assert counts(compared(LAMPS_TO_METRO, weary)) == {"unchanged": 1}


def test_a_persons_choice_is_not_taken_back_but_a_proposal_is_counted() -> None:
    chosen = recorded(1, "lamp", chosen="metro-accueil")
    as_proposed = recorded(2, "lamp", chosen="metro-voirie")
    waiting = recorded(3, "lamp", is_for_a_person=True)
    found = compared(LAMPS_TO_METRO, chosen, as_proposed, waiting)
    assert counts(found) == {}
    assert (found.in_hands.compared, found.in_hands.requests("moved")) == (3, 3)
    assert (found.proposed.requests, found.proposed.latest) == (1, [UUID(int=1)])


def test_the_sample_is_the_latest_whatever_the_order() -> None:
    forwards, backwards = Sample(), Sample()
    for number in range(20):
        forwards.add(UUID(int=number))
        backwards.add(UUID(int=19 - number))
    assert forwards == backwards
    assert forwards.latest == [UUID(int=number) for number in range(19, 19 - SAMPLE_MAX, -1)]


def test_a_request_is_asked_as_of_its_own_acceptance() -> None:
    later = with_rules(
        LAMP, f"{LAMP.replace(',0,,,', ',0,,2026-11-24,')}\nL2,lamp,*,,metro,metro-voirie,0,2026-11-25,,"
    )
    before, after = recorded(1, "lamp"), recorded(2, "lamp")
    after = Recorded(after.request_id, ask("lamp", IN_AVAL, at=AT + timedelta(days=3)))
    found = compared(later, before, after)
    assert counts(found) == {"moved": 1, "unchanged": 1}
    assert next(iter(found.rules.moves.values())).sample.latest == [after.request_id]


OWNERS = st.sampled_from(
    [Verdict("unclear"), Verdict("ambiguous"), *(Verdict("routed", None, None, AT + timedelta(days=n)) for n in (0, 1))]
)


@given(st.lists(st.tuples(OWNERS, OWNERS)))
def test_every_request_is_in_exactly_one_place(pairs: list[tuple[Verdict, Verdict]]) -> None:
    tally = Comparison(SMALL).rules
    for number, (before, after) in enumerate(pairs):
        tally.add(UUID(int=number), before, after)
    moves = sum(move.sample.requests for move in tally.moves.values())
    assert tally.compared == len(pairs) == tally.unchanged + tally.due_only.requests + moves
    assert moves == sum(before.owner != after.owner for before, after in pairs)
