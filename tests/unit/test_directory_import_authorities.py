"""Has a draft the councils that exist, each under a code of its own, with the holidays and the clock of the place?"""

from pathlib import Path
from typing import Any

import pytest

from libs.directory import compile_pack, parse_pack
from libs.operate.importing.calendars import dates_for
from libs.operate.importing.places import Commune, departement_in
from libs.operate.packs import read_pack
from tests.unit.importing import EPCI, SERVICES, commune, epci, imported, needs, register, services, table, territory

LYON = "200046977"
NAMES = {
    "2A": "Corse-du-Sud",
    "2B": "Haute-Corse",
    "67": "Bas-Rhin",
    "68": "Haut-Rhin",
    "57": "Moselle",
    "69": "Rhône",
    "38": "Isère",
    "75": "Paris",
    "92": "Hauts-de-Seine",
    "972": "Martinique",
    "973": "Guyane",
    "974": "La Réunion",
    "976": "Mayotte",
    "988": "Nouvelle-Calédonie",
}
REGIONS = {"94": "Corse", "44": "Grand Est", "84": "Auvergne-Rhône-Alpes", "11": "Île-de-France", "02": "Martinique"}
REGIONS |= {"03": "Guyane", "04": "La Réunion", "06": "Mayotte", "988": "Nouvelle-Calédonie"}
REGION_OF = {"2A": "94", "2B": "94", "67": "44", "68": "44", "57": "44", "69": "84", "38": "84", "75": "11", "92": "11"}
REGION_OF |= {"972": "02", "973": "03", "974": "04", "976": "06", "988": "988"}


def made(tmp_path: Path, *departements: str, level: str, grouping: str = EPCI, **more: Any) -> dict[str, Any]:
    """A grouping with one commune in each of these départements, and one service of a level."""
    found = [
        commune(
            f"{one}{900 + at}"[: 5 if len(one) == 2 else 3] + ("" if len(one) == 2 else f"{10 + at}"), f"Essai {one}"
        )
        | {"departement": one, "region": REGION_OF[one]}
        for at, one in enumerate(departements)
    ]
    listed = epci(*(one["code"] for one in found))
    listed[0]["code"] = grouping
    named = [{"code": code, "nom": name} for code, name in NAMES.items()]
    regions = [{"code": code, "nom": name} for code, name in REGIONS.items()]
    folder = register(tmp_path / "r", communes=found, epci=listed, departements=named, regions=regions, **more)
    file = services(tmp_path / "s.csv", SERVICES.format(level))
    return imported(tmp_path / "p", "--epci", grouping, "--register", folder, "--services", file)


def councils(folder: Path) -> dict[str, str]:
    rows = table(folder, "authorities.csv")
    return {row["official_code"]: row["name_fr"] for row in rows if row["kind"] in ("department", "region")}


def deciding(folder: Path) -> list[tuple[str, str]]:
    names = {row["code"]: row["name_fr"] for row in table(folder, "authorities.csv")}
    return [(row["where"], names.get(row["decides"], row["decides"])) for row in table(folder, "competences.csv")]


@pytest.mark.parametrize(
    ("departement", "level", "name", "listed"),
    [
        ("2A", "departement", "Collectivité de Corse", {"20R"}),
        ("2B", "region", "Collectivité de Corse", {"20R"}),
        ("67", "departement", "Collectivité européenne d'Alsace", {"6AE", "44"}),
        ("68", "region", "Grand Est", {"6AE", "44"}),
        ("972", "departement", "Collectivité territoriale de Martinique", {"972R"}),
        ("973", "region", "Collectivité territoriale de Guyane", {"973R"}),
        ("976", "region", "Département-Région de Mayotte", {"976D"}),
        ("988", "departement", "Nouvelle-Calédonie", {"988"}),
        ("75", "departement", "@municipality", {"11"}),
    ],
)
def test_a_council_that_is_no_more_is_not_invented(
    tmp_path: Path, departement: str, level: str, name: str, listed: set[str]
) -> None:
    answer = made(tmp_path, departement, level=level)
    assert deciding(tmp_path / "p") == [("*", name)]
    assert set(councils(tmp_path / "p")) == listed
    assert any(about == [departement] for _, about in needs(answer, "councils"))


def test_within_lyons_metropole_there_is_no_departement(tmp_path: Path) -> None:
    made(tmp_path, "69", level="departement", grouping=LYON)
    assert deciding(tmp_path / "p") == [("*", "CC d'Essai")]
    assert set(councils(tmp_path / "p")) == {"84"}


def test_beside_lyons_metropole_the_rhone_has_its_council(tmp_path: Path) -> None:
    answer = made(tmp_path, "69", level="departement")
    assert deciding(tmp_path / "p") == [("*", "Rhône")]
    assert [about for _, about in needs(answer, "councils")] == [["69"]]


def test_each_commune_of_several_departements_has_its_own(tmp_path: Path) -> None:
    made(tmp_path, "57", "57", "67", level="departement")
    assert deciding(tmp_path / "p") == [
        ("*", "Moselle"),
        ("municipality:essai-67", "Collectivité européenne d'Alsace"),
    ]
    made(tmp_path / "paris", "92", "92", "75", level="departement")
    assert deciding(tmp_path / "paris" / "p") == [("*", "Hauts-de-Seine"), ("municipality:essai-75", "@municipality")]


def test_unnamed_councils_are_as_many_as_there_are(tmp_path: Path) -> None:
    rows = [commune("38901", "Un"), commune("69901", "Deux"), commune("69902", "Trois")]
    folder = register(tmp_path / "r", communes=rows, epci=epci("38901", "69901", "69902"))
    file = services(tmp_path / "s.csv", SERVICES.format("departement"))
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder, "--services", file)
    assert deciding(tmp_path / "p") == [("*", "Département 69"), ("municipality:un", "Département 38")]
    assert [about for _, about in needs(answer, "councils-unnamed")] == [["38", "69"]]


@pytest.mark.parametrize(
    ("communes", "departement", "region"),
    [
        (["Cap", "Guadeloupe"], "Guadeloupe", "Guadeloupe"),
        (["Mayenne", "Essai"], "Mayenne", "Pays"),
        (["Essai", "Essai"], "Essai", "Essai"),
        (["CC d'Essai", "State"], "CC d'Essai", "CC d'Essai"),
        (
            ["L'Essai-sur-la-Rivière-" + "longue-" * 8, "L'Essai-sur-la-Rivière-" + "longue-" * 9],
            "Long " * 20,
            "Long " * 21,
        ),
        (["東京", "京都"], "大阪", "奈良"),
    ],
)
def test_no_two_authorities_share_a_code_whatever_they_are_called(
    tmp_path: Path, communes: list[str], departement: str, region: str
) -> None:
    rows = [commune(f"2290{at}", name, departement="22", region="53") for at, name in enumerate(communes)]
    folder = register(
        tmp_path / "r",
        communes=rows,
        epci=epci(*(row["code"] for row in rows)),
        departements=[{"code": "22", "nom": departement}],
        regions=[{"code": "53", "nom": region}],
    )
    listed = services(tmp_path / "s.csv", SERVICES.format("etat"))
    imported(tmp_path / "p", "--epci", EPCI, "--register", folder, "--services", listed)
    for name in ("authorities.csv", "departments.csv"):
        codes = [row["code"] for row in table(tmp_path / "p", name)]
        assert len(codes) == len(set(codes)) == 6


@pytest.mark.parametrize("words", [["--all", "--name", "Essai"], ["--all"]])
def test_a_town_alone_is_its_territory_and_has_nothing_above_it(tmp_path: Path, words: list[str]) -> None:
    folder = register(tmp_path / "r", communes=[commune("22901", "Essai")])
    listed = services(tmp_path / "s.csv", "code,nom,competence\nlamp,Lampadaire,commune\nbus,Bus,metropole\n")
    answer = imported(tmp_path / "p", *words, "--register", folder, "--services", listed)
    assert [(row["code"], row["kind"]) for row in table(tmp_path / "p", "authorities.csv")] == [
        ("essai", "municipality")
    ]
    assert territory(tmp_path / "p")["desk"] == "essai-accueil"
    assert deciding(tmp_path / "p") == [("*", "@municipality")]
    assert ("nobody here is a metropole: say who owns it", ["bus"]) in needs(answer, "owners")


def test_a_grouping_called_as_its_town_has_another_code(tmp_path: Path) -> None:
    rows = [commune("22901", "Essai"), commune("22902", "Autre")]
    imported(tmp_path / "p", "--all", "--name", "Essai", "--register", register(tmp_path / "r", communes=rows))
    assert [row["code"] for row in table(tmp_path / "p", "authorities.csv")] == ["essai", "autre", "essai-metropole"]
    assert [territory(tmp_path / "p")[name] for name in ("code", "desk")] == ["essai", "essai-metropole-accueil"]


@pytest.mark.parametrize(
    ("code", "subdivision", "zone"),
    [
        ("22901", None, "Europe/Paris"),
        ("2A901", None, "Europe/Paris"),
        ("57901", "57", "Europe/Paris"),
        ("67901", "6AE", "Europe/Paris"),
        ("68901", "6AE", "Europe/Paris"),
        ("97190", "971", "America/Guadeloupe"),
        ("97290", "972", "America/Martinique"),
        ("97390", "973", "America/Cayenne"),
        ("97490", "974", "Indian/Reunion"),
        ("97590", "PM", "America/Miquelon"),
        ("97690", "976", "Indian/Mayotte"),
        ("97790", "BL", "America/St_Barthelemy"),
        ("97890", "MF", "America/Marigot"),
        ("98690", "WF", "Pacific/Wallis"),
        ("98790", "PF", "Pacific/Tahiti"),
        ("98719", "PF", "Pacific/Gambier"),
        ("98890", "NC", "Pacific/Noumea"),
    ],
)
def test_holidays_and_clock_are_those_of_the_place(
    tmp_path: Path, code: str, subdivision: str | None, zone: str
) -> None:
    folder = register(tmp_path / "r", communes=[commune(code, "Essai")])
    imported(tmp_path / "p", "--all", "--register", folder)
    expected = {"country": "FR"} | ({"subdivision": subdivision} if subdivision else {})
    assert [territory(tmp_path / "p")[name] for name in ("calendar", "time_zone")] == [expected, zone]
    assert compile_pack(parse_pack(read_pack(tmp_path / "p"))).release is not None


@pytest.mark.parametrize("far", [{"collectiviteOutremer": {"code": "988", "nom": "x"}}, {"departement": "988"}, {}])
def test_a_collectivity_is_known_however_the_register_names_it(tmp_path: Path, far: dict[str, Any]) -> None:
    folder = register(tmp_path / "r", communes=[commune("98890", "Essai", zone="com", **far)])
    answer = imported(tmp_path / "p", "--all", "--register", folder)
    assert territory(tmp_path / "p")["time_zone"] == "Pacific/Noumea"
    assert [about for message, about in needs(answer, "dates") if "settles holidays itself" in message] == [["988"]]


def doubts(*codes: str) -> list[tuple[str, tuple[str, ...]]]:
    found = dates_for([Commune(code, "x", departement=departement_in(code)) for code in codes])
    return [(doubt.message.split(":")[0], doubt.about) for doubt in found.doubts]


def test_communes_of_several_calendars_or_clocks_are_told() -> None:
    assert doubts("22901", "22902") == []
    assert doubts("57901", "67901") == []  # both keep the same days
    assert doubts("57901", "57902", "54901") == [("holidays differ here", ("54",))]
    assert doubts("22901", "22902", "97490") == [("holidays differ here", ("974",)), ("clocks differ here", ("974",))]
    assert ("clocks differ here", ("987",)) in doubts("98735", "98712", "98731")
    assert [message for message, _ in doubts("0180")] == ["nothing says in which département these lie"]
