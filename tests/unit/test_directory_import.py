"""Does a new territory begin with everything that official files know, and with a list of what only people know?"""

import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner, Result

from libs.directory import compile_pack, parse_pack
from libs.operate.commands.directory import app
from libs.operate.importing.registers import register_in
from libs.operate.importing.tables import table_in
from libs.operate.importing.wishes import slug
from libs.operate.importing.words import town_hall_names
from libs.operate.output import Stopped, WrongUse
from libs.operate.packs import read_pack
from tests.unit.directory_packs import collection, square

EPCI = "200000001"
COMMUNES_CSV = """\
insee,nom,siren,codes_postaux,population,departement,region,epci
99001,Le Pré,219900011,99100 99101,1200,99,98,200000001
99002,Ambre,219900029,99100,300,99,98,200000001
99003,Loin,219900037,99100,50,99,98,200000009
99004,Îles-d'Or,219900045,99200,,99,98,200000001
"""
EPCI_CSV = "siren,nom,type,n_communes,pop_mun\n200000001,CC du Pré,CC,3,1500\n200000009,CC Loin,CC,1,50\n"
COMMUNES_JSON: list[dict[str, Any]] = [
    {"code": "99001", "nom": "Le Pré", "type": "commune-actuelle", "siren": "219900011"}
    | {"codesPostaux": ["99100", "99101"], "population": 1200, "departement": "99", "region": "98"},
    {"code": "99002", "nom": "Ambre", "type": "commune-actuelle", "codesPostaux": ["99100"], "population": 300}
    | {"departement": "99", "region": "98"},
    {"code": "99003", "nom": "Loin", "type": "commune-actuelle", "codesPostaux": ["99100"], "population": 50},
    {"code": "99004", "nom": "Îles-d'Or", "type": "commune-actuelle", "codesPostaux": ["99200"]}
    | {"departement": "99", "region": "98"},
    {"code": "99005", "nom": "Hameau", "type": "commune-deleguee", "chefLieu": "99001"},
]
EPCI_JSON = [
    {
        "code": EPCI,
        "nom": "CC du Pré",
        "type": "CC",
        "membres": [{"code": "99001"}, {"code": "99002"}, {"code": "99004"}],
    }
]
SERVICES_CSV = """\
topic;fr;en;owner_level;basis;varies_locally;délai (jours)
pothole;Nid-de-poule;Pothole;métropole;Code L1;non;5
lamp;Lampadaire;Street light;commune;;oui;
school;Collège;School;département;Code L2;non;10
dragon;Dragon;Dragon;roi;;non;
pothole;Trou;Hole;commune;;non;
"""


@pytest.fixture
def csv_register(tmp_path: Path) -> Path:
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "fr_communes_2026.csv.gz").write_bytes(gzip.compress(COMMUNES_CSV.encode()))
    (folder / "fr_epci_2025.csv").write_text(EPCI_CSV, encoding="utf-8")
    return folder


@pytest.fixture
def json_register(tmp_path: Path) -> Path:
    folder = tmp_path / "json"
    folder.mkdir()
    rows = {"communes": COMMUNES_JSON, "epci": EPCI_JSON, "departements": [{"code": "99", "nom": "Haut-Pré"}]}
    for name, content in {**rows, "regions": [{"code": "98", "nom": "Prairies"}]}.items():
        (folder / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["import", *(str(argument) for argument in arguments)])


def report(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exception is None, result.exception
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def needs(answer: dict[str, Any]) -> dict[str, list[str]]:
    return {need["what"]: need["about"] for need in answer["needs"]}


def rows(folder: Path, name: str) -> list[str]:
    return (folder / name).read_text(encoding="utf-8").splitlines()


def test_the_members_of_a_grouping_become_a_pack_that_compiles(csv_register: Path, tmp_path: Path) -> None:
    answer = report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register)
    assert (answer["ok"], answer["municipalities"]) == (True, 3)
    assert {finding["code"] for finding in answer["findings"]} == {"endpoint-missing", "service-none"}
    assert rows(tmp_path / "pre", "authorities.csv")[1:] == [
        "le-pre,municipality,99001,Le Pré,cc-du-pre,1200,,",
        "ambre,municipality,99002,Ambre,cc-du-pre,300,,",
        "iles-d-or,municipality,99004,Îles-d'Or,cc-du-pre,,,",
        "cc-du-pre,metropole,200000001,CC du Pré,,1500,,",
    ]


def test_a_postal_code_that_a_neighbour_uses_too_is_marked(csv_register: Path, tmp_path: Path) -> None:
    report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register)
    assert rows(tmp_path / "pre", "postal.csv")[1:] == [
        "99100,99001,0",
        "99100,99002,0",
        "99100,@outside,0",
        "99101,99001,0",
        "99200,99004,0",
    ]


def test_both_shapes_of_a_register_say_the_same(csv_register: Path, json_register: Path, tmp_path: Path) -> None:
    for name, register in (("a", csv_register), ("b", json_register)):
        report(tmp_path / name, "--epci", EPCI, "--register", register)
    assert rows(tmp_path / "a", "postal.csv") == rows(tmp_path / "b", "postal.csv")
    names = [[row.split(",")[:4] for row in rows(tmp_path / name, "authorities.csv")[:4]] for name in ("a", "b")]
    assert names[0] == names[1]
    assert [row.split(",")[:5] for row in rows(tmp_path / "b", "authorities.csv")[4:]] == [
        ["cc-du-pre", "metropole", "200000001", "CC du Pré", "haut-pre"],
        ["haut-pre", "department", "99", "Haut-Pré", "prairies"],
        ["prairies", "region", "98", "Prairies", ""],
    ]


def test_what_needs_a_person_is_named_with_its_file(csv_register: Path, tmp_path: Path) -> None:
    answer = report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register)
    assert needs(answer)["population"] == ["99004"]
    assert {"departments", "services", "contours", "cedex", "golden", "authorities"} <= set(needs(answer))
    readme = (tmp_path / "pre" / "README.md").read_text(encoding="utf-8")
    assert all(need["message"] in readme for need in answer["needs"])


def test_a_whole_register_becomes_one_pack(csv_register: Path, tmp_path: Path) -> None:
    answer = report(tmp_path / "all", "--all", "--name", "Le Pays", "--register", csv_register)
    assert (answer["ok"], answer["municipalities"]) == (True, 4)
    assert "members-differ" not in needs(answer)
    assert rows(tmp_path / "all", "authorities.csv")[-1] == "le-pays,metropole,,Le Pays,,1550,,"
    assert not [row for row in rows(tmp_path / "all", "postal.csv") if "@outside" in row]
    for wrong in (["--all", "--epci", EPCI], ["--all"], []):
        assert isinstance(run(tmp_path / "no", "--register", csv_register, *wrong).exception, WrongUse)


def test_communes_of_one_name_are_told_apart(csv_register: Path, tmp_path: Path) -> None:
    twins = COMMUNES_CSV + "99006,Ambre,219900061,99300,80,99,98,200000001\n"
    (csv_register / "fr_communes_2026.csv.gz").write_bytes(gzip.compress(twins.encode()))
    report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register)
    codes = [row.split(",")[0] for row in rows(tmp_path / "pre", "authorities.csv")[1:-1]]
    assert codes == ["le-pre", "ambre-99002", "iles-d-or", "ambre-99006"]


def test_a_list_of_services_becomes_services_and_rules(csv_register: Path, tmp_path: Path) -> None:
    listed = tmp_path / "services.csv"
    listed.write_bytes(SERVICES_CSV.encode("cp1252"))  # as a spreadsheet saves it
    folder = tmp_path / "pre"
    answer = report(folder, "--epci", EPCI, "--register", csv_register, "--services", listed, "--languages", "fr,en")
    assert (answer["services"], answer["ok"]) == (4, True)
    assert rows(folder, "competences.csv")[1:] == [
        "pothole,pothole,*,,cc-du-pre,@decides:accueil,0,,,Code L1",
        "lamp,lamp,*,,@municipality,@decides:accueil,0,,,",
        "school,school,*,,department,@decides:accueil,0,,,Code L2",
    ]
    found = compile_pack(parse_pack(read_pack(folder)))
    assert found.release is not None
    assert dict(found.release.services["pothole"].target) == {"working_days": 5}
    assert dict(found.release.services["lamp"].names) == {"fr": "Lampadaire", "en": "Street light"}
    owners = {need["message"]: need["about"] for need in answer["needs"] if need["what"] == "owners"}
    assert list(owners.values()) == [["pothole"], ["lamp"], ["dragon"]]
    assert "nobody owns it: “roi” is no level of authority" in owners
    uncovered = [finding for finding in answer["findings"] if finding["code"] == "pair-uncovered"]
    assert [finding["message"].split(":")[0] for finding in uncovered] == ["dragon"]


def test_a_workbook_reads_like_the_same_table(tmp_path: Path) -> None:
    book = Workbook()
    for row in ([None], ["Code", "Libellé FR", "Délai (jours)"], ["a", "Trou", 5.0], [], ["b", "Lampe", None]):
        book.active.append(row)
    raw = io.BytesIO()
    book.save(raw)
    (tmp_path / "list.xlsx").write_bytes(raw.getvalue())
    assert table_in(tmp_path / "list.xlsx") == [
        {"code": "a", "libellefr": "Trou", "delaijours": "5"},
        {"code": "b", "libellefr": "Lampe", "delaijours": ""},
    ]


def test_contours_alone_say_who_there_is_and_where(tmp_path: Path) -> None:
    features = [
        {
            "type": "Feature",
            "properties": {"code": f"9900{n}", "nom": name, "codesPostaux": ["99100"], "epci": EPCI},
            "geometry": {"type": "Polygon", "coordinates": [square(x, 0, x + 0.02, 0.02)]},
        }
        for n, name, x in ((1, "Le Pré", 0), (2, "Ambre", 0.02))
    ]
    (tmp_path / "c.geojson").write_text(collection(*features), encoding="utf-8")
    answer = report(tmp_path / "pre", "--epci", EPCI, "--contours", tmp_path / "c.geojson", "--name", "CC du Pré")
    assert (answer["ok"], answer["municipalities"]) == (True, 2)
    assert "postal-outside" in needs(answer)  # nobody said who the neighbours are
    assert "contours" not in needs(answer)
    assert (tmp_path / "pre" / "places.geojson").exists()


def test_communes_without_contour_are_named(csv_register: Path, tmp_path: Path) -> None:
    shape = {"type": "Polygon", "coordinates": [square(0, 0, 0.02, 0.02)]}
    one = {"type": "Feature", "properties": {"insee": "99001"}, "geometry": shape}
    (tmp_path / "c.geojson").write_text(collection(one), encoding="utf-8")
    answer = report(tmp_path / "p", "--epci", EPCI, "--register", csv_register, "--contours", tmp_path / "c.geojson")
    assert needs(answer)["contours"] == ["99002", "99004"]
    assert "place-missing" in {finding["code"] for finding in answer["findings"]}


def test_files_of_different_years_that_disagree_are_told(csv_register: Path, tmp_path: Path) -> None:
    (csv_register / "fr_epci_2025.csv").write_text(EPCI_CSV.replace("CC,3", "CC,4"), encoding="utf-8")
    assert "members-differ" in needs(report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--epci", EPCI], "--register FOLDER, or --contours FILE"),
        (["--register", "REGISTER"], "--epci"),
        (["--epci", "123", "--register", "REGISTER"], "belongs to 123; --epci is the SIREN"),
        (["--epci", EPCI, "--register", "/nowhere"], "no folder"),
        (["--epci", EPCI, "--register", "REGISTER", "--services", "/nowhere.csv"], "cannot be read"),
    ],
)
def test_what_is_missing_to_begin_with_is_said(
    csv_register: Path, tmp_path: Path, arguments: list[str], says: str
) -> None:
    given = [str(csv_register) if one == "REGISTER" else one for one in arguments]
    refused = run(tmp_path / "pre", *given)
    assert isinstance(refused.exception, WrongUse)
    assert says in str(refused.exception)
    assert not (tmp_path / "pre").exists()


def test_a_pack_that_is_there_is_never_written_over(csv_register: Path, tmp_path: Path) -> None:
    report(tmp_path / "pre", "--epci", EPCI, "--register", csv_register)
    before = rows(tmp_path / "pre", "territory.yaml")
    assert isinstance(run(tmp_path / "pre", "--epci", EPCI, "--register", csv_register).exception, WrongUse)
    assert rows(tmp_path / "pre", "territory.yaml") == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_two_files_about_communes_are_not_chosen_between(csv_register: Path) -> None:
    (csv_register / "communes.json").write_text("[]", encoding="utf-8")
    with pytest.raises(WrongUse, match="several files about communes"):
        register_in(csv_register)


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"{", b"PK\x03\x04broken", b"\x1f\x8bbroken"])
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    if content:
        with pytest.raises(Stopped, match=r"x\.csv"):
            table_in(path)
    else:
        assert table_in(path) == []


def test_names_become_codes_and_town_halls() -> None:
    assert [slug(name) for name in ("Villenave-d'Ornon", "Œuvre", "Le  Bouscat")] == [
        "villenave-d-ornon",
        "oeuvre",
        "le-bouscat",
    ]
    halls = [town_hall_names({"fr": name})["fr"] for name in ("Le Bouscat", "Ambès", "Bègles", "Les Clayes", "L'Isle")]
    assert halls == ["Mairie du Bouscat", "Mairie d'Ambès", "Mairie de Bègles", "Mairie des Clayes", "Mairie de L'Isle"]
