"""Are postal code and town found in an address as people type it, and is no street taken for a town?"""

import pytest

from libs.directory import Release, Where, decide, locate
from libs.directory.addresses import compact
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import AT, ask, codes_found, release_of

FRENCH = release_of()
AUTHORITIES = packs.AUTHORITIES.replace("Crête-Saint-Jean", "Saint-Jean").replace(",Aval,Aval,", ",Norrby,Norrby,")


def with_postal(*rows: str) -> Release:
    return release_of(postal="\n".join(["postal_code,municipality,cedex", *rows]) + "\n", authorities=AUTHORITIES)


SWEDISH = with_postal("114 55,T01,0", "114 60,T02,0", "114 60,T03,0", "11770,T04,0")
DUTCH = with_postal("1012 AB,T01,0", "1012AC,T02,0", "1013 AB,T03,0", "1014 AB,T04,0")
BRITISH = with_postal("H1 1AA,T01,0", "H1 2AA,T02,0", "H1 2AA,T03,0", "h12 4xy,T04,0")


def found(release: Release, address: str) -> str | None:
    return locate(release, Where(address=address), AT).municipality


@pytest.mark.parametrize(
    ("address", "municipality"),
    [
        ("12 rue Sainte-Catherine, 99100 Aval", "T01"),
        ("12 rue Sainte-Catherine 99100 AVAL", "T01"),
        ("12 rue Sainte-Catherine\n99100 Aval\nFrance", "T01"),
        ("99100 Aval, 12 rue Sainte-Catherine", "T01"),
        ("12 rue Sainte-Catherine, F-99100 Aval", "T01"),
        ("12 rue Sainte-Catherine, 99 100 Aval", "T01"),
        ("12 rue Sainte-Catherine, 99100", "T01"),
        ("12 rue Sainte-Catherine, Aval, 99100", "T01"),
        ("12 rue Sainte-Catherine (99100 Aval)", "T01"),
        ("12 rue Sainte-Catherine - 99100 Aval France", "T01"),
        ("1 rue d'Aval, 99200 Bourg le Haut", "T02"),  # a shared code with its town; the street is called as a town
        ("1 rue Haute, 99200 Bourg le hot", "T02"),  # misspelt
        ("1 rue Haute, 99200 Ars", "T04"),  # a short name, which its postal code confirms
        ("1 rue Haute, 99300 Crête-Saint-Jean", "T03"),  # the code is used elsewhere, too
        ("1 rue Haute, Bourg-le-Haut", "T02"),  # the town alone
        ("1 rue Haute, Bourg-le-Haut, France", "T02"),
        ("BP 99200, 1 rue Haute, 99100 Aval", "T01"),
        ("CS 12345, 99100 Aval", "T01"),
        ("1 rue Haute, 99100 Aval, CS 10, 99109 Aval CEDEX", "T01"),
    ],
)
def test_an_address_alone_says_where_it_is(address: str, municipality: str) -> None:
    assert found(FRENCH, address) == municipality
    assert decide(FRENCH, ask("lamp", Where(address=address))).outcome == "routed"


@pytest.mark.parametrize(
    ("address", "outcome", "reason"),
    [
        ("1 rue de Bourg-le-Haut", "unknown", "address-unread"),  # a street that is called as a town
        ("12 route d'Aval 99200", "ambiguous", "postal-shared"),  # and beside a code
        ("1 rue Haute, 99200", "ambiguous", "postal-shared"),
        ("1 rue Haute, 99100 Bourg-le-Haut", "ambiguous", "postal-differs"),
        ("99100 Aval / 99200 Bourg-le-Haut", "ambiguous", "name-given"),
        ("1 rue Haute, 75001 Paris", "unknown", "postal-unknown"),
        ("1 rue Haute, 75001 Aval", "unknown", "postal-unknown"),  # another town of that name
        ("99109 AVAL CEDEX 9", "unknown", "postal-cedex"),
        ("BP 99100", "unknown", "address-unread"),
        ("lampadaire 99999", "unknown", "address-unread"),
        ("1 rue Haute, Ars", "unknown", "name-short"),
    ],
)
def test_an_address_that_leaves_doubts_is_put_before_a_person(address: str, outcome: str, reason: str) -> None:
    located = locate(FRENCH, Where(address=address), AT)
    assert (located.outcome, located.reasons[-1].code) == (outcome, reason)


@pytest.mark.parametrize(
    ("release", "address", "municipality"),
    [
        (SWEDISH, "Storgatan 1, 114 55 Norrby", "T01"),
        (SWEDISH, "Storgatan 1, 11455 NORRBY", "T01"),
        (SWEDISH, "Storgatan 1, SE-114 55 Norrby, Sverige", "T01"),
        (SWEDISH, "Storgatan 114, 55 trappor", None),
        (SWEDISH, "Storgatan 1, 114 60 Saint-Jean", "T03"),
        (DUTCH, "Damrak 1, 1012 AB Norrby", "T01"),
        (DUTCH, "Damrak 1012, 1013ab Saint-Jean", "T03"),
        (DUTCH, "Damrak 1012", None),
        (BRITISH, "12 High Street, Norrby, H1 1AA", "T01"),
        (BRITISH, "12 High Street, Norrby h11aa", "T01"),
        (BRITISH, "12 High Street\nSaint-Jean\nSomeshire\nH1 2AA", "T03"),
        (BRITISH, "12 High Street, H12 4XY", "T04"),
    ],
)
def test_other_countries_addresses_are_read_by_the_form_of_their_codes(
    release: Release, address: str, municipality: str | None
) -> None:
    assert found(release, address) == municipality


@pytest.mark.parametrize("typed", ["H1 1AA", "h11aa", "h1 1aa", "H1-1AA", " h1  1aa "])
def test_a_postal_code_is_known_however_it_is_typed(typed: str) -> None:
    assert locate(BRITISH, Where(postal_code=typed), AT).municipality == "T01"
    assert compact(typed) == "H11AA"


@pytest.mark.parametrize("code", ["H1 1AA", "114 55", "1012 AB", "L-1234", "1234-567"])
def test_a_pack_may_write_postal_codes_as_its_country_does(code: str) -> None:
    assert codes_found(postal=packs.POSTAL + f"{code},T01,0\n") == codes_found()


def test_a_postal_code_that_stands_twice_in_two_spellings_is_told() -> None:
    assert "code-twice" in codes_found(postal=packs.POSTAL + "114 55,T01,0\n11455,T01,0\n")


def test_an_address_fills_in_what_has_no_field_of_its_own() -> None:
    shared = Where(postal_code="99200", address="1 rue Haute, Bourg-le-Haut")
    assert locate(FRENCH, shared, AT).municipality == "T02"
    coded = locate(FRENCH, Where(municipality_code="T01", address="1 rue Haute, 99200 Bourg-le-Haut"), AT)
    assert (coded.outcome, coded.reasons[-1].code) == ("ambiguous", "code-differs")
    named = locate(FRENCH, Where(municipality_name="Bourg-le-Haut", address="1 rue Haute, 99100 Aval"), AT)
    assert named.municipality == "T02"  # who fills in the field means it
