"""Does a ruling that serves many municipalities say of each what one made for it alone would say?"""

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from libs.directory import Decision, Question, Release, Where, decide, decide_many
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import ask, release_of

TOWNS = ("T01", "T02", "T03", "T04")
CONDITIONS = ("", "owner = a", "owner = b")
ANSWERS: tuple[dict[str, Any], ...] = ({}, {"owner": ["a", "b"]}, {"owner": "a"})
# Aval has people for both roles, Bourg-le-Haut for one, Crête for another that begins in 2027; Ars has none at all.
STAFF = packs.DEPARTMENTS.replace("douve-accueil,douve,accueil", "douve-accueil,douve,autre") + (
    "aval-voirie,aval,voirie,Voirie d'Aval,Roads of Aval,,voirie@aval.example,,,\n"
    "aval-proprete,aval,proprete,Propreté d'Aval,Cleaning of Aval,,proprete@aval.example,,,\n"
    "bourg-voirie,bourg,voirie,Voirie du Bourg,Roads of Bourg,,voirie@bourg.example,,,\n"
    "crete-voirie,crete,voirie,Voirie de Crête,Roads of Crête,,voirie@crete.example,,2027-01-01,\n"
)
BASE = release_of(departments=STAFF, competences=packs.COMPETENCES.split("L1,lamp")[0], uncovered=None)

rule = st.fixed_dictionaries(
    {
        "where": st.sampled_from(["*", "*", "*", "municipality:T02", "layer:rocade"]),
        "condition": st.sampled_from(CONDITIONS),
        "decides": st.sampled_from(["@municipality", "@municipality", "bourg"]),
        "acts": st.sampled_from(["@decides:voirie", "@decides:proprete", "bourg-voirie"]),
        "priority": st.sampled_from([0, 0, 1]),
    }
)


def made_of(rules: list[dict[str, Any]]) -> bytes:
    """A release with these rules about one service, also such as the check of a pack would refuse."""
    kept = ("territory", "calendar", "services", "authorities", "departments", "postal")
    rows = [
        {"id": f"R{number}", "service": "graffiti", "basis": None, "valid_from": None, "valid_to": None, **one}
        for number, one in enumerate(rules)
    ]
    parts = {part: BASE.content(part) for part in kept}
    return Release.of({**parts, "rules": rows, "places": [], "layers": [], "plane": None}).to_bytes()


def said(decision: Decision) -> tuple[dict[str, Any], tuple[bytes, bytes]]:
    return decision.as_dict(), decision.written()


def equal(*acts: str) -> list[dict[str, Any]]:
    """Rules of the municipality's own, of which none goes before another."""
    return [{"where": "*", "condition": "", "decides": "@municipality", "acts": one, "priority": 0} for one in acts]


@example(equal("bourg-voirie", "@decides:voirie"), {}, ["T02", "T01"], (), 2026)  # one owner in Bourg, two in Aval
@example(equal("@decides:proprete", "@decides:voirie"), {}, ["T03", "T01"], (), 2026)  # one at Crête's front desk
@settings(max_examples=300, deadline=None)
@given(
    st.lists(rule, min_size=1, max_size=4),
    st.sampled_from(ANSWERS),
    st.permutations(TOWNS),
    st.sampled_from([(), ("aval-voirie",), ("bourg-accueil",)]),
    st.sampled_from([2026, 2027]),
)
def test_each_town_hears_what_it_would_hear_alone(
    rules: list[dict[str, Any]],
    answers: dict[str, Any],
    towns: list[str],
    refusers: tuple[str, ...],
    year: int,
) -> None:
    content = made_of(rules)
    at = packs.AT.replace(year=year)
    questions = [
        Question("graffiti", Where(municipality_code=town), at, answers=answers, refusers=refusers) for town in towns
    ]
    together = [said(one) for one in decide_many(Release.from_bytes(content), questions)]
    assert together == [said(decide(Release.from_bytes(content), question)) for question in questions]


def test_one_ruling_and_one_sentence_serve_all_towns_that_differ_in_their_people_only() -> None:
    release = release_of()
    asked = [ask("graffiti", Where(municipality_code=town)) for town in ("T01", "T03", "T04")]
    decide(release, asked[0])
    known = len(release.sentences), sum(key[0] == "graffiti" for key in release.memory)
    authorities = [one.authority.code for one in decide_many(release, asked) if one.authority]
    assert authorities == ["aval", "crete", "douve"]
    assert (len(release.sentences), sum(key[0] == "graffiti" for key in release.memory)) == known
