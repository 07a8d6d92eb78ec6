"""Do official outlines get into a pack whole, and does a pack's folder stay readable meanwhile?"""

import gzip
import json
from pathlib import Path

import httpx2
import pytest
from typer.testing import CliRunner, Result

from libs.directory import compile_pack, parse_pack
from libs.operate import packs
from libs.operate.commands.directory import app
from libs.operate.outlines.attach import attach
from libs.operate.outlines.sources import API_VARIABLE, features_from_api, features_in_file
from libs.operate.output import Away, Stopped, WrongUse
from tests.unit.directory_packs import OUTLINES, collection, files, outline
from tests.unit.directory_packs import TERRITORY as TERRITORY_YAML

PACK = parse_pack(files(places=None))


def folder(path: Path, **changes: str | None) -> Path:
    for name, text in files(**changes).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text, encoding="utf-8")
    return path


def guichet(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.mark.parametrize("name", ["code", "insee", "CODGEO", "com", "code_insee", "INSEE_COM"])
def test_the_code_is_found_under_the_names_that_official_sources_use(name: str) -> None:
    features = [outline(code, shape) for code, shape in OUTLINES.items()]
    for feature in features:
        feature["properties"] = {name: feature["properties"]["code"], "nom": "x"}
    assert attach(PACK, features).attached == ["T01", "T02", "T03", "T04"]


def test_outlines_of_other_municipalities_are_left_out_and_missing_ones_named() -> None:
    attached = attach(PACK, [outline("T01", OUTLINES["T01"]), outline("33063", OUTLINES["T02"])])
    assert (attached.attached, attached.missing, attached.left_out) == (["T01"], ["T02", "T03", "T04"], 1)


def test_attached_outlines_compile_and_locate_like_the_pack_they_came_from() -> None:
    attached = attach(PACK, [outline(code, shape) for code, shape in reversed(OUTLINES.items())])
    compiled = compile_pack(parse_pack(files(places=attached.text)))
    assert compiled.findings == []
    assert [line[:60] for line in attached.text.splitlines()][1].startswith(
        '{"type":"Feature","properties":{"code":"T01"}'
    )


def test_an_outline_that_crosses_itself_is_repaired_and_named() -> None:
    bow = [[[[0, 45], [0.02, 45.02], [0.02, 45], [0, 45.02], [0, 45]]]]
    attached = attach(PACK, [outline("T01", bow)])
    assert attached.repaired == ["T01"]


def test_several_features_of_one_municipality_become_one_outline() -> None:
    halves = [outline("T01", [shape]) for shape in OUTLINES["T01"]]
    assert attach(PACK, halves).attached == ["T01"]


@pytest.mark.parametrize(
    "geometry",
    [
        {
            "type": "Polygon",
            "coordinates": [[[420000, 6420000], [421000, 6420000], [421000, 6421000], [420000, 6420000]]],
        },
        {"type": "LineString", "coordinates": [[0, 45], [0.02, 45]]},
        {"type": "Circle", "coordinates": [0, 45]},
    ],
)
def test_what_is_no_outline_in_degrees_is_refused(geometry: dict[str, object]) -> None:
    with pytest.raises(Stopped, match="outline of T01"):
        attach(PACK, [{"type": "Feature", "properties": {"code": "T01"}, "geometry": geometry}])


def test_compressed_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.geojson.gz").write_bytes(gzip.compress(files()["places.geojson"].encode()))
    assert len(features_in_file(tmp_path / "a.geojson.gz")) == 4


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json"])
def test_another_file_is_refused_with_a_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "x.json").write_text(content)
    with pytest.raises(Stopped, match=r"x\.json"):
        features_in_file(tmp_path / "x.json")


def test_the_official_api_is_asked_for_the_metropole(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def answer(url: str, **options: object) -> httpx2.Response:
        asked.append(url)
        return httpx2.Response(200, text=files()["places.geojson"], request=httpx2.Request("GET", url))

    monkeypatch.setattr(httpx2, "get", answer)
    monkeypatch.setenv(API_VARIABLE, "https://api.example/")
    assert len(features_from_api(PACK)) == 4
    assert asked == ["https://api.example/epcis/M00/communes"]


def test_offline_the_official_api_says_what_to_do_instead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(API_VARIABLE, "http://127.0.0.1:9")
    with pytest.raises(Away, match="--from FILE"):
        features_from_api(PACK)


def test_check_tells_a_script_everything_in_one_object(tmp_path: Path) -> None:
    done = guichet("check", folder(tmp_path), "--json")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["ok"], report["errors"], report["findings"]) == (True, 0, [])


def test_check_says_no_with_file_line_and_remedy(tmp_path: Path) -> None:
    broken = TERRITORY_YAML.replace("desk: metro-accueil", "desk: nobody")
    done = guichet("check", folder(tmp_path, territory=broken), "--json")
    assert done.exit_code == 1
    (finding,) = json.loads(done.stdout)["findings"]
    assert (finding["file"], finding["line"], finding["code"]) == ("territory.yaml", 1, "code-unknown")
    assert finding["remedy"]


def test_strict_counts_warnings_as_errors(tmp_path: Path) -> None:
    home = folder(tmp_path)
    (home / "notes.txt").write_text("x")
    assert (guichet("check", home).exit_code, guichet("check", home, "--strict").exit_code) == (0, 1)


def test_attaching_refuses_to_forget_a_municipality_unless_told(tmp_path: Path) -> None:
    home = folder(tmp_path / "pack", places=None)
    source = tmp_path / "three.geojson"
    source.write_text(collection(*(outline(code, OUTLINES[code]) for code in ("T01", "T02", "T04"))))
    refused = guichet("boundaries", home, "--from", source)
    assert isinstance(refused.exception, Stopped)
    assert "T03" in str(refused.exception)
    assert not (home / "places.geojson").exists()
    assert guichet("boundaries", home, "--from", source, "--partial").exit_code == 0
    assert (home / "places.geojson").exists()


def test_a_shipped_pack_is_changed_in_a_copy_that_is_found_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = folder(tmp_path / "shipped" / "small", places=None)
    monkeypatch.setattr(packs, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path / "home"))
    (tmp_path / "all.geojson").write_text(files()["places.geojson"])
    assert packs.find_pack("small") == shipped
    assert guichet("boundaries", "small", "--from", tmp_path / "all.geojson").exit_code == 0
    copy = tmp_path / "home" / "territories" / "small"
    assert packs.find_pack("small") == copy
    assert not (shipped / "places.geojson").exists()
    assert sorted(path.name for path in copy.parent.iterdir()) == ["small"]


def test_an_unknown_name_lists_the_packs_that_are_shipped() -> None:
    with pytest.raises(WrongUse, match="no territory pack"):
        packs.find_pack("atlantis")


def test_a_file_that_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    home = folder(tmp_path)
    (home / "postal.csv").write_bytes(b"postal_code,municipality,cedex\n99100,\xe9,0\n")
    with pytest.raises(Stopped, match=r"postal\.csv, line 2"):
        packs.read_pack(home)
