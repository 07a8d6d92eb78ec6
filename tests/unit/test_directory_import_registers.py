"""Does a draft begin with what registers really look like, and is nothing of them lost in silence?"""

from pathlib import Path
from typing import Any

import pytest

from libs.directory import Question, Release, Where, compile_pack, decide, parse_pack
from libs.operate.output import WrongUse
from libs.operate.packs import read_pack
from tests.unit.directory_packs import AT, collection, square
from tests.unit.importing import (
    EPCI,
    SERVICES,
    commune,
    epci,
    imported,
    needs,
    register,
    run,
    services,
    table,
    territory,
)

LAPOSTE = """\
#Code_commune_INSEE;Nom_de_la_commune;Code_postal;Libellé_d_acheminement;Ligne_5
22901;ESSAI SUR MER;22990;ESSAI SUR MER;
22901;ESSAI SUR MER;22991;ESSAI SUR MER;LA PLAGE
22902;SAINT ESSAI;22990;SAINT ESSAI;
"""
DATAGOUV = """\
code_insee,nom_standard,typecom,reg_code,reg_nom,dep_code,dep_nom,epci_code,epci_nom,code_postal,codes_postaux,population
22901,Essai-sur-Mer,COM,53,Bretagne,22,Côtes-d'Armor,200000017,CC d'Essai,22990,"22990, 22991",900
22902,Saint-Essai,COM,53,Bretagne,22,Côtes-d'Armor,200000017,CC d'Essai,22990,22990,80
22903,Ailleurs,COM,53,Bretagne,22,Côtes-d'Armor,200000025,CC Loin,22990,22990,70
"""
COG = """\
TYPECOM,COM,REG,DEP,CTCD,ARR,TNCC,NCC,NCCENR,LIBELLE,CAN,COMPARENT
COM,22901,53,22,22D,221,1,ESSAI,Essai,L'Essai,2201,
COMD,22901,,,,,1,ESSAI,Essai,L'Essai,,22901
COMD,22950,,,,,0,VIEUX ESSAI,Vieux-Essai,Vieux-Essai,,22901
COMA,22951,,,,,0,HAMEAU,Hameau,Hameau,,22901
"""
MEMBERS = """\
dept;siren;raison_sociale;nb_membres;insee;nom_membre
22;200000017;CC d'Essai;2;{};x
22;200000017;CC d'Essai;2;{};y
"""
TOWN = [
    commune(
        "57951", "Grandville", anciensCodes=["57990"], codesPostaux=["57951", "57952"], departement="57", region="44"
    ),
    {"code": "57961", "nom": "Grandville 1er", "type": "arrondissement-municipal", "commune": "57951"},
    {"code": "57962", "nom": "Grandville 2e", "type": "arrondissement-municipal", "commune": "57951"},
    {"code": "57970", "nom": "Le Vieux Bourg", "type": "commune-deleguee", "chefLieu": "57951"},
    {"code": "57951", "nom": "Grandville", "type": "commune-deleguee", "chefLieu": "57951"},
    commune("57980", "Renée", departement="57", region="44"),
    commune("57952", "Voisine", anciensCodes=["57980", "57951"], departement="57", region="44"),
]


def release_in(folder: Path) -> Release:
    release = compile_pack(parse_pack(read_pack(folder))).release
    assert release is not None
    return release


def municipality(release: Release, **where: Any) -> str | None:
    found = decide(release, Question(service="pothole", place=Where(**where), at=AT)).municipality
    return found.code if found else None


def test_la_postes_table_alone_makes_a_pack(tmp_path: Path) -> None:
    folder = register(tmp_path / "r", communes_laposte=LAPOSTE, epci=epci("22901", "22902"))
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder)
    assert [(row["postal_code"], row["municipality"]) for row in table(tmp_path / "p", "postal.csv")] == [
        ("22990", "22901"),
        ("22990", "22902"),
        ("22991", "22901"),
    ]
    assert needs(answer, "names") == [
        ("these names are in capitals, without accents: write them as people do", ["22901", "22902"])
    ]


def test_the_portals_table_names_groupings_and_councils_by_itself(tmp_path: Path) -> None:
    folder = register(tmp_path / "r", communes__france__2025=DATAGOUV)
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder)
    assert [(row["code"], row["kind"], row["parent"]) for row in table(tmp_path / "p", "authorities.csv")] == [
        ("essai-sur-mer", "municipality", "cc-d-essai"),
        ("saint-essai", "municipality", "cc-d-essai"),
        ("cc-d-essai", "metropole", "cotes-d-armor"),
        ("cotes-d-armor", "department", "bretagne"),
        ("bretagne", "region", ""),
    ]
    assert {"postal_code": "22990", "municipality": "@outside", "cedex": "0"} in table(tmp_path / "p", "postal.csv")
    assert needs(answer, "population") == []


def test_postal_codes_of_la_poste_complete_another_register(tmp_path: Path) -> None:
    bare = [commune(code, name, codesPostaux=[]) for code, name in (("22901", "Essai"), ("22902", "Saint-Essai"))]
    folder = register(tmp_path / "r", communes=bare, laposte_hexasmal=LAPOSTE, epci=epci("22901", "22902"))
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder)
    assert len(table(tmp_path / "p", "postal.csv")) == 3
    assert (needs(answer, "names"), needs(answer, "postal-codes")) == ([], [])


def test_a_file_of_members_says_who_belongs_together(tmp_path: Path) -> None:
    folder = register(tmp_path / "r", v_commune_2026=COG, epcicom2026=MEMBERS.format("22901", "22902"))
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder)
    assert answer["municipalities"] == 1
    assert [about for _, about in needs(answer, "members-unknown")] == [["22902"]]
    codes = [(row["code"], row["municipality"], row["relation"]) for row in table(tmp_path / "p", "codes.csv")]
    assert codes == [("22950", "22901", "part"), ("22951", "22901", "part")]


@pytest.mark.parametrize(
    ("files", "missing", "has"),
    [
        ({"communes": "ville,habitants\nEssai,3\n"}, "official code (code, insee,", "habitants, ville"),
        ({"communes": "insee,habitants\n22901,3\n"}, "name (nomcommunecomplet, nom,", "habitants, insee"),
        ({"communes": LAPOSTE, "epci": "nom,taille\nx,3\n"}, "SIREN of the grouping (siren", "nom, taille"),
        ({"communes": LAPOSTE, "departements": "numero,nom\n22,x\n"}, "code (code, insee", "nom, numero"),
    ],
)
def test_a_table_without_the_columns_is_refused_with_those_looked_for_and_those_found(
    tmp_path: Path, files: dict[str, str], missing: str, has: str
) -> None:
    refused = run(tmp_path / "p", "--epci", EPCI, "--register", register(tmp_path / "r", **files))
    assert isinstance(refused.exception, WrongUse)
    assert missing in str(refused.exception)
    assert f"It has: {has}." in str(refused.exception)


def test_rows_that_become_nothing_are_counted_with_the_reason(tmp_path: Path) -> None:
    rows = [
        commune("22901", "Essai"),
        commune("", "Sans code"),
        commune("22902", ""),
        {"code": "22", "nom": "Côtes-d'Armor", "type": "departement"},
        {"code": "22960", "nom": "Perdue", "type": "commune-deleguee"},
        {"code": "22961", "nom": "Orpheline", "type": "commune-deleguee", "chefLieu": "99999"},
        commune("22903", "Disparue", date_fin="2019-01-01"),
    ]
    folder = register(tmp_path / "r", communes=rows)
    answer = imported(tmp_path / "p", "--all", "--name", "Essai", "--register", folder)
    assert sorted(message for message, _ in needs(answer, "rows-unread")) == [
        "1 rows of the type “departement” became nothing",
        "1 rows that are parts and do not say of which commune became nothing",
        "1 rows that are parts of a commune that has no row became nothing",
        "1 rows that have ended became nothing",
        "1 rows without code became nothing",
        "1 rows without name became nothing",
    ]
    empty = register(tmp_path / "e", communes=[rows[3]])
    refused = run(tmp_path / "q", "--all", "--name", "x", "--register", empty)
    assert "1 of the type “departement”" in str(refused.exception)


def test_zeros_that_a_spreadsheet_took_away_come_back(tmp_path: Path) -> None:
    text = "insee;nom;code_postal\n1901;Essai;1400\n10901;Autre;10000\n"
    imported(tmp_path / "p", "--all", "--name", "Pays", "--register", register(tmp_path / "r", communes=text))
    assert [row["official_code"] for row in table(tmp_path / "p", "authorities.csv")][:2] == ["01901", "10901"]
    assert [row["postal_code"] for row in table(tmp_path / "p", "postal.csv")] == ["01400", "10000"]


@pytest.mark.parametrize(
    "text",
    [
        "DEP;COM;NCCENR\n1;4;Essai\n33;63;Autre\n",
        "dep,com,commune\n01,004,Essai\n33,063,Autre\n",
        "depcom,ville\n01004,Essai\n33063,Autre\n",
    ],
)
def test_codes_and_names_are_found_under_older_headings(tmp_path: Path, text: str) -> None:
    imported(tmp_path / "p", "--all", "--name", "Pays", "--register", register(tmp_path / "r", communes=text))
    rows = table(tmp_path / "p", "authorities.csv")[:2]
    assert [(row["official_code"], row["name_fr"]) for row in rows] == [("01004", "Essai"), ("33063", "Autre")]


def test_a_column_of_departements_may_hold_their_names(tmp_path: Path) -> None:
    text = "insee,nom,departement,code_departement,region,code_region\n97490,Essai,La Réunion,974,La Réunion,4\n"
    imported(tmp_path / "p", "--all", "--name", "Pays", "--register", register(tmp_path / "r", communes=text))
    rows = [(row["official_code"], row["name_fr"]) for row in table(tmp_path / "p", "authorities.csv")][1:]
    assert rows == [("974", "La Réunion"), ("04", "La Réunion")]
    assert territory(tmp_path / "p")["time_zone"] == "Indian/Reunion"


def test_the_national_interface_nests_codes_and_names(tmp_path: Path) -> None:
    row = commune(
        "22901", "Essai", departement={"code": "22", "nom": "Armor"}, epci={"code": EPCI, "nom": "CC d'Essai"}
    )
    imported(tmp_path / "p", "--epci", EPCI, "--register", register(tmp_path / "r", communes=[row]))
    assert [row["code"] for row in table(tmp_path / "p", "authorities.csv")] == ["essai", "cc-d-essai", "armor"]


@pytest.mark.parametrize(
    ("where", "code"),
    [
        ({"municipality_code": "57961"}, "57951"),
        ({"municipality_code": "57961", "postal_code": "57951", "municipality_name": "Grandville"}, "57951"),
        ({"municipality_code": "57970"}, "57951"),
        ({"municipality_code": "57990"}, "57951"),
        ({"municipality_code": "57980"}, "57980"),  # a former code of one that is today's code of another
    ],
)
def test_codes_of_parts_and_former_ones_find_the_whole(tmp_path: Path, where: dict[str, str], code: str) -> None:
    folder = register(tmp_path / "r", communes=TOWN, epci=epci("57951", "57980"))
    listed = services(tmp_path / "s.csv", SERVICES.format("commune"))
    answer = imported(tmp_path / "p", "--epci", EPCI, "--register", folder, "--services", listed)
    assert municipality(release_in(tmp_path / "p"), **where) == code
    assert [about for _, about in needs(answer, "former-codes")] == [["57951"]]


def test_the_arrondissements_of_la_poste_are_their_town(tmp_path: Path) -> None:
    text = (
        LAPOSTE.splitlines()[0]
        + "\n69381;LYON 01;69001;LYON;\n69382;LYON 02;69002;LYON;\n69266;VILLEURBANNE;69100;VILLEURBANNE;\n"
    )
    folder = register(tmp_path / "r", laposte_hexasmal=text)
    imported(tmp_path / "p", "--all", "--name", "Lyon", "--register", folder)
    named = [(row["official_code"], row["name_fr"]) for row in table(tmp_path / "p", "authorities.csv")][:2]
    assert named == [("69123", "Lyon"), ("69266", "VILLEURBANNE")]
    assert [row["municipality"] for row in table(tmp_path / "p", "postal.csv")] == ["69123", "69123", "69266"]
    assert {row["code"]: row["municipality"] for row in table(tmp_path / "p", "codes.csv")} == {
        "69381": "69123",
        "69382": "69123",
    }


def contours(path: Path, *properties: dict[str, Any]) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": one,
            "geometry": {"type": "Polygon", "coordinates": [square(0.02 * at, 0, 0.02 * at + 0.02, 0.02)]},
        }
        for at, one in enumerate(properties)
    ]
    path.write_text(collection(*features), encoding="utf-8")
    return path


@pytest.mark.parametrize("words", [[], ["--all"]])
def test_outlines_without_codes_are_no_draft_of_nothing(tmp_path: Path, words: list[str]) -> None:
    file = contours(tmp_path / "c.geojson", {"nom": "Essai", "surface": 3}, {"nom": "Autre", "surface": 4})
    refused = run(tmp_path / "p", *words, "--name", "Essai", "--contours", file)
    assert isinstance(refused.exception, WrongUse)
    assert "None of the 2 features" in str(refused.exception)
    assert "They have: nom, surface." in str(refused.exception)
    assert not (tmp_path / "p").exists()


def test_an_outline_without_code_among_others_is_told(tmp_path: Path) -> None:
    file = contours(tmp_path / "c.geojson", {"ref:INSEE": "22901", "name": "Essai", "type": "boundary"}, {"name": "?"})
    answer = imported(tmp_path / "p", "--name", "Pays", "--contours", file)
    assert answer["municipalities"] == 1
    assert [message for message, _ in needs(answer, "contours-without-code")] == [
        "1 features of the contours have no code"
    ]


@pytest.mark.parametrize(
    ("files", "words", "says"),
    [
        ({"communes": LAPOSTE}, ["--epci", EPCI], "does not say which communes belong to 200000017"),
        ({"communes": LAPOSTE}, [], "--all for every one of its 2"),
        ({"communes": DATAGOUV}, [], "its SIREN with --epci"),
        ({"communes": DATAGOUV}, ["--epci", "200000018"], "Did you mean 200000017 CC d'Essai"),
        ({"communes": DATAGOUV}, ["--epci", "loin"], "Did you mean 200000025 CC Loin?"),
        (
            {"communes": LAPOSTE, "epci": epci("33001", "33002")},
            ["--epci", EPCI],
            "33001, 33002, …): do its files belong",
        ),
        ({"communes": LAPOSTE}, ["--all"], "No file names the territory"),
        ({"departements": "code,nom\n22,x\n"}, ["--all"], "no file of communes"),
    ],
)
def test_the_cause_is_named_and_not_another(tmp_path: Path, files: dict[str, Any], words: list[str], says: str) -> None:
    refused = run(tmp_path / "p", *words, "--register", register(tmp_path / "r", **files))
    assert isinstance(refused.exception, WrongUse)
    assert says in str(refused.exception)


def test_a_number_is_read_as_people_write_it(tmp_path: Path) -> None:
    folder = register(tmp_path / "r", communes=DATAGOUV)
    assert imported(tmp_path / "p", "--epci", "200 000 017", "--register", folder)["municipalities"] == 2
