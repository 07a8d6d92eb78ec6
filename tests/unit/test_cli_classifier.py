"""Can people train and measure the classifier of their pack from the command line?"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.directory_packs import files
from tests.unit.directory_texts import EXAMPLES, SAFETY
from tests.unit.test_cli_answers import code_of

FIGURES = {"accuracy", "top_3", "coverage", "accuracy_when_taken", "calibration_error", "confidence_min", "texts"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack that somebody keeps, not trained yet."""
    monkeypatch.setenv("GUICHET_HOME", str(tmp_path / "home"))
    for path, text in files(safety=SAFETY, examples=EXAMPLES).items():
        (tmp_path / "pack" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "pack" / path).write_text(text, encoding="utf-8")
    return tmp_path / "pack"


def said(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    code = code_of("directory", *map(str, arguments), "--json")
    return code, json.loads(capsys.readouterr().out or "{}")


def test_train_writes_a_file_with_which_check_is_content(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert [one["code"] for one in said(capsys, "check", folder)[1]["findings"]] == ["classifier-missing"]
    code, fields = said(capsys, "train", folder)
    assert (code, fields["sentences"]) == (0, {"fr": 16, "en": 16})
    assert (folder / "classifier.json").stat().st_size == fields["bytes"]
    assert said(capsys, "check", folder)[1]["findings"] == []


def test_the_same_texts_and_corrections_write_the_same_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corrections = folder.parent / "corrections.csv"
    corrections.write_text("text,language,service\n" + "The swing hangs down,en,lamp\n" * 6, encoding="utf-8")
    files_made = []
    for _ in range(2):
        assert said(capsys, "train", folder, "--corrections", corrections)[1]["corrections"] == 6
        files_made.append((folder / "classifier.json").read_bytes())
    assert files_made[0] == files_made[1]
    said(capsys, "train", folder)
    assert (folder / "classifier.json").read_bytes() != files_made[0]


def test_evaluate_measures_a_file_or_the_examples_themselves(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "train", folder)
    kept_apart = folder.parent / "apart.csv"
    kept_apart.write_text(
        "text,language,service\nun gros trou dans la route,fr,pothole\nthe street lamp is out,en,lamp\nHello,en,\n",
        encoding="utf-8",
    )
    code, fields = said(capsys, "evaluate", folder, kept_apart)
    assert (code, fields["method"], fields["texts"], fields["accuracy"]) == (0, "file", 3, 1.0)
    assert set(fields) >= FIGURES
    assert set(fields["languages"]) == {"en", "fr"}
    assert said(capsys, "evaluate", folder)[1]["method"] == "cross-validation"


def test_a_figure_is_shown_to_people_too(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of("directory", "train", str(folder)) == 0
    assert code_of("directory", "evaluate", str(folder)) == 0
    assert "accuracy when taken" in capsys.readouterr().out


@pytest.mark.parametrize("row", ["A hole,en,well", "Ein Loch,de,pothole", "A, B, C, D"])
def test_a_row_that_fits_no_service_or_language_is_named(folder: Path, row: str, capsys: Any) -> None:
    wrong = folder.parent / "wrong.csv"
    wrong.write_text(f"text,language,service\n{row}\n", encoding="utf-8")
    assert code_of("directory", "train", str(folder), "--corrections", str(wrong)) == 2
    assert "line 2" in capsys.readouterr().err


def test_without_a_classifier_there_is_nothing_to_measure_by_a_file(folder: Path, capsys: Any) -> None:
    (folder.parent / "apart.csv").write_text("text,language,service\na,en,lamp\n", encoding="utf-8")
    assert code_of("directory", "evaluate", str(folder), str(folder.parent / "apart.csv")) == 1
    assert "guichet directory train" in capsys.readouterr().err


def test_explain_reads_a_text(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "train", folder)
    where = ("--pack", str(folder), "--lat", "45.01", "--lon", "0.01", "--json")
    assert code_of("explain", *where, "--text", "LIVE WIRES!") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["service"], found["urgent"]) == ("lamp", "lamp")
    assert code_of("explain", *where, "--text", "hello everyone") == 1
