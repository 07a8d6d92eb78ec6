"""Do two clues that agree outweigh a third that means nothing here, and does one owner for all settle a doubt?"""

import pytest

from libs.directory import Located, Where, decide, locate
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, ask, point, release_of

# Bourg-la-Ville is Bourg-le-Haut's neighbour; Grandville has three postal codes of its own, and 99000 for none of them.
RELEASE = release_of(
    authorities=packs.AUTHORITIES.replace("Crête-Saint-Jean,Crête-Saint-Jean", "Bourg-la-Ville,Bourg-la-Ville").replace(
        ",Aval,Aval,", ",Grandville,Grandville,"
    ),
    postal="postal_code,municipality,cedex\n69001,T01,0\n69002,T01,0\n69003,T01,0\n38200,T02,0\n38210,T03,0\n"
    "38220,T02,0\n38220,T03,0\n69090,T01,1\n38230,T03,0\n38230,@outside,0\n",
)


def where(place: Where) -> Located:
    return locate(RELEASE, place, AT)


@pytest.mark.parametrize(
    ("place", "municipality"),
    [
        (Where(municipality_code="75101", postal_code="69001", municipality_name="Grandville"), "T01"),
        (Where(municipality_code="75101", postal_code="69001", municipality_name="Grandvile"), "T01"),  # misspelt
        (Where(municipality_code="75101", address="1 rue Haute, 69001 Grandville"), "T01"),
        (Where(municipality_code="243300316", postal_code="69000", municipality_name="Grandville"), "T01"),
        (point(0.01, 0.01, municipality_code="75101", postal_code="69002"), "T01"),
        (point(0.01, 0.01, municipality_code="75101", municipality_name="Grandville"), "T01"),
    ],
)
def test_two_clues_that_agree_outweigh_a_code_that_means_nothing_here(place: Where, municipality: str) -> None:
    located = where(place)
    assert (located.outcome, located.municipality) == ("found", municipality)
    assert "code-elsewhere" in [one.code for one in located.reasons]


@pytest.mark.parametrize(
    ("place", "outcome"),
    [
        (Where(municipality_code="75101", postal_code="69001"), "outside"),
        (Where(municipality_code="75101", municipality_name="Grandville"), "outside"),
        (Where(municipality_code="75101", postal_code="38200", municipality_name="Grandville"), "outside"),
        (point(0.01, 0.01, municipality_code="75101"), "ambiguous"),
        (point(0.01, 0.01, municipality_code="75101", postal_code="38200"), "ambiguous"),
        # A code that means a municipality here is not nothing.
        (Where(municipality_code="T03", postal_code="69001", municipality_name="Grandville"), "ambiguous"),
    ],
)
def test_one_clue_does_not_outweigh_a_code(place: Where, outcome: str) -> None:
    assert where(place).outcome == outcome


@pytest.mark.parametrize(
    ("postal", "name", "municipality"),
    [
        ("69000", "Grandville", "T01"),
        ("69 000", "GRANDVILLE", "T01"),
        ("69000", "Grandvile", None),  # two clues unsure of themselves
        ("69010", "Grandville", None),  # no town is written with it
        ("75000", "Grandville", None),  # of another region
        ("38000", "Grandville", None),
        ("38000", "Bourg-la-Ville", "T03"),
        ("690000", "Grandville", None),  # no postal code at all
        ("69000", "", None),
        ("69090", "Grandville", "T01"),  # a CEDEX of its own: the name decides
    ],
)
def test_a_town_is_found_by_the_postal_code_that_its_own_have_in_common(
    postal: str, name: str, municipality: str | None
) -> None:
    assert where(Where(postal_code=postal, municipality_name=name)).municipality == municipality
    assert where(Where(address=f"1 rue Haute, {postal} {name}")).municipality == municipality


def test_a_name_that_two_bear_is_no_matter_where_both_have_the_same_owner() -> None:
    decision = decide(RELEASE, ask("pothole", Where(municipality_name="Bourg")))
    assert (decision.outcome, decision.municipality) == ("routed", None)
    assert "(Bourg-le-Haut, Bourg-la-Ville)" in decision.sentence["en"]
    assert [one.code for one in decision.reasons] == ["name-ambiguous", "same-owner-everywhere", "rule-won"]


def test_a_name_that_two_bear_is_a_persons_where_their_owners_differ_and_all_are_named() -> None:
    for place in (Where(municipality_name="Bourg"), Where(municipality_name="Bourg", postal_code="38220")):
        decision = decide(RELEASE, ask("lamp", place))
        assert (decision.outcome, decision.reasons[0].code) == ("ambiguous", "name-ambiguous")
        assert "Bourg-le-Haut, Bourg-la-Ville" in decision.sentence["fr"]


@pytest.mark.parametrize(
    "place",
    [
        Where(postal_code="38220"),  # a shared postal code never decides
        Where(postal_code="38200", municipality_name="Bourg-la-Ville"),
        Where(municipality_code="T02", municipality_name="Bourg-la-Ville"),
    ],
)
def test_a_sentence_that_asks_a_person_never_names_one_of_several_only(place: Where) -> None:
    decision = decide(RELEASE, ask("pothole", place))
    assert decision.outcome == "ambiguous"
    assert "Bourg-le-Haut, Bourg-la-Ville" in decision.sentence["en"]


def test_a_service_that_nobody_owns_in_any_of_several_places_says_where() -> None:
    rows = packs.COMPETENCES.replace("L1,lamp,*", "L1,lamp,municipality:T01")
    release = release_of(
        competences=rows,
        authorities=packs.AUTHORITIES.replace("Aval,Aval", "Bourg-du-Bas,Bourg-du-Bas")
        .replace("Crête-Saint-Jean,Crête-Saint-Jean", "Haut-Bourg,Haut-Bourg")
        .replace("Ars,Ars", "Bourg-le-Vieux,Bourg-le-Vieux")
        .replace("Bourg-du-Bas,Bourg-du-Bas", "Aval,Aval"),
    )
    decision = decide(release, ask("lamp", Where(municipality_name="Bourg le")))
    assert decision.outcome == "uncovered"
    assert "(Bourg-le-Haut, Bourg-le-Vieux)" in decision.sentence["en"]
