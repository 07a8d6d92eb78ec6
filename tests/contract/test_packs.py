"""Are the packs that come with the project fit to be published, whole, and fit to be read in every language?"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import shapely
import yaml
from jsonschema import Draft202012Validator

from libs.directory import Compiled, Question, Release, Where, compile_pack, decide, parse_pack
from libs.directory.columns import MAY_BE_NAMED, NAMED, TABLES, may_be_left_out
from libs.directory.findings import KINDS

TERRITORIES = Path(__file__).parents[2] / "deploy" / "territories"
PACKS = ("bordeaux-metropole", "val-de-brume")
TODAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
AFTER_NEW_YEAR = datetime(2027, 1, 4, 10, 0, tzinfo=UTC)
IN_BRUMEVAL, IN_VEY, ON_THE_ISLAND = (46.765, 2.80), (46.778, 2.824), (46.7305, 2.7458)
ATTACHED = "places.geojson"  # a deployer may have added boundaries to a pack that comes without


@cache
def compiled(pack: str) -> Compiled:
    folder = TERRITORIES / pack
    files = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    if pack == "bordeaux-metropole":
        files.pop(ATTACHED, None)
    return compile_pack(parse_pack({name: path.read_text(encoding="utf-8") for name, path in files.items()}))


def release_of(pack: str) -> Release:
    release = compiled(pack).release
    assert release is not None, compiled(pack).errors
    return release


@cache
def services_of(pack: str) -> list[dict[str, Any]]:
    services: list[dict[str, Any]] = yaml.safe_load((TERRITORIES / pack / "services.yaml").read_text("utf-8"))
    return services


def rows_of(pack: str, table: str) -> list[dict[str, str]]:
    with (TERRITORIES / pack / table).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if line.strip() and line[0] != "#"))


def shapes_of(pack: str, file: str) -> dict[str, Any]:
    features = json.loads((TERRITORIES / pack / file).read_text("utf-8"))["features"]
    return {one["properties"].get("code", file): shapely.geometry.shape(one["geometry"]) for one in features}


def vertices_of(shape: Any) -> set[tuple[float, ...]]:
    return {tuple(vertex) for vertex in shapely.get_coordinates(shape).tolist()}


def owner(service: str, place: Where, at: datetime = TODAY, **answers: Any) -> tuple[str, str | None, str | None]:
    decision = decide(release_of("val-de-brume"), Question(service=service, place=place, at=at, answers=answers))
    authority, department = decision.authority, decision.department
    return decision.outcome, authority.code if authority else None, department.code if department else None


def at(point: tuple[float, float]) -> Where:
    return Where(lat=point[0], lon=point[1])


@pytest.mark.parametrize("pack", PACKS)
def test_a_shipped_pack_gives_nothing_to_remark(pack: str) -> None:
    assert compiled(pack).findings == []


def test_the_only_hole_of_val_de_brume_is_the_one_that_is_explained() -> None:
    coverage = compiled("val-de-brume").coverage
    assert coverage is not None
    figures = coverage.as_dict()
    assert (figures["explained"], figures["uncovered"], figures["partly"]) == (4, 0, 0)
    assert list(figures["matrix"]) == ["ferry"]


def test_the_guide_for_editors_explains_every_finding_at_its_level() -> None:
    guide = (TERRITORIES / "README.md").read_text("utf-8")
    rows = [line.split("|") for line in guide.splitlines() if line.startswith("| `")]
    told = {code: cells[2].strip() for cells in rows for code in re.findall(r"`([a-z-]+)`", cells[1])}
    assert told == {code: level for code, (level, _) in KINDS.items()}


@pytest.mark.parametrize(("pack", "cases", "waiting"), [("bordeaux-metropole", 25, 15), ("val-de-brume", 45, 0)])
def test_a_shipped_pack_says_what_its_people_are_sure_of(pack: str, cases: int, waiting: int) -> None:
    golden = compiled(pack).golden
    assert golden is not None
    assert golden.passed >= cases
    assert (golden.failed, golden.waiting) == (0, waiting)


def test_the_golden_cases_of_val_de_brume_reach_every_outcome_and_every_layer() -> None:
    rows = rows_of("val-de-brume", "golden.csv")
    assert {row["outcome"] for row in rows} == {"routed", "ambiguous", "uncovered", "out_of_territory", "unclear"}
    assert {"etat-routes", "etat-voies-navigables"} <= {row["department"] for row in rows}


def test_bordeaux_has_its_28_communes_with_their_codes() -> None:
    release = release_of("bordeaux-metropole")
    assert len(release.municipalities) == 28
    assert sum(one.population or 0 for one in release.municipalities.values()) == 854_334
    assert release.authorities["bordeaux-metropole"].official_code == "243300316"
    assert not (
        set(release.municipalities) - {row["municipality"] for row in rows_of("bordeaux-metropole", "postal.csv")}
    )


def test_each_pack_has_as_many_services_as_promised() -> None:
    assert len(release_of("bordeaux-metropole").services) >= 60
    assert len(release_of("val-de-brume").services) == 26
    assert release_of("val-de-brume").territory.languages == ("fr", "en", "sv")


@pytest.mark.parametrize("pack", PACKS)
def test_every_text_exists_in_every_language(pack: str) -> None:
    languages = set(release_of(pack).territory.languages)
    lacking = [
        (service["code"], path)
        for service in services_of(pack)
        for path, texts in texts_in(service)
        if set(texts) != languages or not all(texts.values())
    ]
    assert lacking == []


def texts_in(service: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, service[name]) for name in ("names", "words", "examples", "safety") if name in service)
    for name, question in service.get("questions", {}).get("properties", {}).items():
        for part in (question, *question.get("oneOf", ()), *question.get("items", {}).get("oneOf", ())):
            yield name, part["titles"]


@pytest.mark.parametrize("pack", PACKS)
def test_words_and_examples_are_few_and_real(pack: str) -> None:
    for service in services_of(pack):
        for language, words in service["words"].items():
            assert 3 <= len(words) <= 8, (service["code"], language)
        for examples in service["examples"].values():
            assert 1 <= len(examples) <= 2
            assert all(len(example.split()) >= 3 for example in examples), service["code"]


@pytest.mark.parametrize("pack", PACKS)
def test_questions_are_valid_schemas(pack: str) -> None:
    asking = [service["questions"] for service in services_of(pack) if "questions" in service]
    assert len(asking) >= 5
    for questions in asking:
        Draft202012Validator.check_schema(questions)
        assert set(questions.get("required", ())) <= set(questions["properties"])


@pytest.mark.parametrize("pack", PACKS)
def test_no_address_can_reach_anybody(pack: str) -> None:
    for row in rows_of(pack, "departments.csv"):
        assert row["email"].endswith(".example")
        assert not row["webhook"] or row["webhook"].split("/")[2].endswith(".example")


@pytest.mark.parametrize("pack", PACKS)
def test_danger_names_a_number_to_call(pack: str) -> None:
    safe = {service["code"]: service["safety"] for service in services_of(pack) if "safety" in service}
    assert "gas_leak" in safe
    assert all(
        any(number in text for number in ("112", "115", "119")) for texts in safe.values() for text in texts.values()
    )


def test_pooled_work_is_still_decided_by_the_commune() -> None:
    pooled = [row for row in rows_of("bordeaux-metropole", "competences.csv") if row["acts"] == "bm-proprete"]
    assert len(pooled) >= 5
    assert {row["decides"] for row in pooled} == {"@municipality"}


def test_neighbours_in_val_de_brume_share_every_vertex_and_never_overlap() -> None:
    places = shapes_of("val-de-brume", "places.geojson")
    borders = 0
    for one, other in combinations(places.values(), 2):
        border = shapely.boundary(one).intersection(shapely.boundary(other))
        assert shapely.area(one.intersection(other)) == 0
        if border.length:
            borders += 1
            assert vertices_of(border) <= vertices_of(one) & vertices_of(other)
    assert borders == 8


def test_val_de_brume_has_its_enclave_its_island_and_borders_that_wind() -> None:
    places = shapes_of("val-de-brume", "places.geojson")
    assert len(places["VB01"].interiors) == 1
    assert shapely.polygons(places["VB01"].interiors[0]).equals(places["VB06"])
    assert len(places["VB02"].geoms) == 2
    assert len(places["VB03"].interiors) == 1
    assert shapely.union_all(list(places.values())).geom_type == "Polygon"
    assert all(20 <= len(shapely.get_coordinates(shape)) <= 90 for shape in places.values())


def test_the_state_road_crosses_three_communes() -> None:
    (road,) = shapes_of("val-de-brume", "layers/route-nationale.geojson").values()
    places = shapes_of("val-de-brume", "places.geojson")
    assert [code for code, shape in places.items() if road.intersects(shape)] == ["VB01", "VB03", "VB05"]


def test_postal_codes_cover_the_hard_cases() -> None:
    postal = release_of("val-de-brume").postal
    assert postal["99040"].municipalities == ("VB04", "VB05")
    assert postal["99019"].is_cedex
    assert postal["99030"].is_shared_outside
    shared = Counter(row["postal_code"] for row in rows_of("bordeaux-metropole", "postal.csv"))
    assert sum(count > 1 for count in shared.values()) == 9


def test_street_lighting_changes_hands_at_new_year() -> None:
    assert owner("street_lighting", at(IN_BRUMEVAL)) == ("routed", "brumeval", "brumeval-technique")
    assert owner("street_lighting", at(IN_BRUMEVAL), AFTER_NEW_YEAR) == ("routed", "metropole", "vdb-eclairage")


def test_answers_layers_and_pooling_choose_the_owner() -> None:
    (road,) = shapes_of("val-de-brume", "layers/route-nationale.geojson").values()
    middle = road.interpolate(0.5, normalized=True)
    assert owner("pothole", at((middle.y, middle.x))) == ("routed", "etat", "etat-routes")
    assert owner("graffiti", at(IN_BRUMEVAL), height_m=6) == ("routed", "metropole", "vdb-proprete")
    assert owner("graffiti", at(IN_BRUMEVAL), height_m=2) == ("routed", "brumeval", "brumeval-proprete")
    assert owner("street_cleaning", at(IN_VEY)) == ("routed", "vey", "vdb-proprete")


def test_the_island_belongs_to_the_far_bank_and_the_ferry_to_two_communes() -> None:
    assert owner("park", at(ON_THE_ISLAND)) == ("routed", "rivehaute", "rivehaute-accueil")
    assert owner("ferry", at(ON_THE_ISLAND)) == ("routed", "metropole", "vdb-mobilite")
    assert owner("ferry", at(IN_BRUMEVAL))[0] == "uncovered"


def column_said(file: str, name: str) -> str:
    """Bold must be filled, slanted may be missing from the header, and the others may be empty."""
    if TABLES[file][name].is_required:
        return f"**{name}**"
    return f"*{name}*" if may_be_left_out(file, name) else name


def test_the_table_of_columns_is_what_is_read() -> None:
    lines = []
    for file, columns in TABLES.items():
        said = [column_said(file, name) for name in columns]
        said += ["**name_xx**"] if file in NAMED else ["*name_xx*"] if file in MAY_BE_NAMED else []
        lines.append(f"| `{file}` | {', '.join(said)} |")
    assert "\n".join(lines) in (TERRITORIES / "README.md").read_text(encoding="utf-8")
