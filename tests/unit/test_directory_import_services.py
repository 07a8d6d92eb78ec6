"""Is a town's own list of services understood as it is written, and is the rest of it told?"""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner, Result

from libs.operate.commands.directory import app
from libs.operate.importing.service_kinds import guessed_kind, kind_said
from libs.operate.importing.targets import target_of
from libs.operate.output import WrongUse
from tests.unit.importing import commune, imported, needs, register, run, services, table


def listed(tmp_path: Path, text: str, *words: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    folder = register(tmp_path / "r", communes=[commune("22901", "Essai")])
    answer = imported(
        tmp_path / "p", "--all", "--register", folder, "--services", services(tmp_path / "s.csv", text), *words
    )
    return answer, yaml.safe_load((tmp_path / "p" / "services.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("column", "cell", "target"),
    [
        ("days", "5", {"working_days": 5}),
        ("jours", "5 jours", {"working_days": 5}),
        ("delai", "5", {"working_days": 5}),
        ("delai", "48 h", {"hours": 48}),
        ("delai", "72 heures", {"hours": 72}),
        ("delai", "2 semaines", {"working_days": 10}),
        ("delai", "1 mois", {"working_days": 21}),
        ("delai", "1,5 semaine", {}),
        ("target", "10 j ouvrés", {"working_days": 10}),
        ("hours", "24", {"hours": 24}),
        ("frist", "3 dagar", {"working_days": 3}),
        ("frist", "3 veckor", {"working_days": 15}),
        ("delai", "", {}),
        ("delai", "-", {}),
    ],
)
def test_a_time_is_read_with_its_unit(column: str, cell: str, target: dict[str, int]) -> None:
    assert target_of({column: cell})[0] == target


def test_a_time_that_is_not_understood_is_told(tmp_path: Path) -> None:
    text = "code,nom,competence,days\na,Trou,commune,5\nb,Lampe,commune,bientôt\nc,Banc,commune,99999\n"
    answer, made = listed(tmp_path, text)
    assert [one.get("target") for one in made] == [{"working_days": 5}, None, None]
    assert [(message.split(" is ")[0], about) for message, about in needs(answer, "cells-unread")] == [
        ("its time “bientôt”", ["b"]),
        ("its time “99999”", ["c"]),
    ]


def test_a_column_that_nothing_reads_is_named(tmp_path: Path) -> None:
    text = "code,nom,competence,day,Remarques,urgence\na,Trou,commune,5,x,oui\n"
    answer, _ = listed(tmp_path, text)
    assert [about for _, about in needs(answer, "columns-unknown")] == [["day", "urgence"]]


def test_without_a_kind_a_birth_certificate_is_no_report(tmp_path: Path) -> None:
    text = (
        "code,nom,competence\nbirth,Acte de naissance,commune\nhole,Nid-de-poule,commune\n"
        "hours,Question sur les horaires,commune\nnoise,Plainte pour bruit,commune\nid,Carte d'identité,commune\n"
    )
    answer, made = listed(tmp_path, text)
    assert {one["code"]: one["kind"] for one in made} == {
        "birth": "request",
        "hole": "report",
        "hours": "question",
        "noise": "complaint",
        "id": "request",
    }
    guessed = {message.rsplit(" ", 1)[1]: about for message, about in needs(answer, "kinds")}
    assert guessed == {"request": ["birth", "id"], "report": ["hole"], "question": ["hours"], "complaint": ["noise"]}


def test_a_kind_that_the_list_gives_is_not_guessed(tmp_path: Path) -> None:
    text = "code,nom,competence,nature\na,Acte de naissance,commune,signalement\n"
    text += "b,Trou,commune,Démarches\nc,Banc,commune,x\n"
    answer, made = listed(tmp_path, text)
    assert [one["kind"] for one in made] == ["report", "request", "report"]
    assert [about for _, about in needs(answer, "kinds")] == [["c"]]
    assert needs(answer, "cells-unread") == [("its kind “x” is none of report, request, question, complaint", ["c"])]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Birth certificate", "request"),
        ("Pothole", "report"),
        ("Building permit", "request"),
        ("Bygglov och tillstånd", "request"),
        ("Ansökan om bygglov", "request"),
        ("Inscription à l'école", "request"),
        ("Réclamation", "complaint"),
        ("Passage piéton effacé", "report"),
    ],
)
def test_names_say_what_kind_a_service_most_likely_is(name: str, kind: str) -> None:
    assert guessed_kind({"xx": name}) == kind


def test_kinds_are_understood_in_capitals_and_in_the_plural() -> None:
    assert [kind_said(text) for text in ("Signalements", "REQUEST", "plaintes", "")] == [
        "report",
        "request",
        "complaint",
        None,
    ]


def test_names_that_begin_alike_are_two_services(tmp_path: Path) -> None:
    long = "Demande relative à un équipement sportif communal couvert ou de plein air "
    _, made = listed(
        tmp_path, f"nom,competence\n{long}: gymnase,commune\n{long}: piscine,commune\n{long}: gymnase,commune\n"
    )
    assert len({one["code"] for one in made}) == len(made) == 2


def test_lines_without_name_are_counted_and_a_list_without_names_is_refused(tmp_path: Path) -> None:
    answer, made = listed(tmp_path, "code,nom,competence\na,Trou,commune\nb,,commune\n")
    assert (len(made), needs(answer, "rows-unread")[0][0].split(" of ")[0]) == (1, "1 lines")
    folder = register(tmp_path / "r", communes=[commune("22901", "Essai")])
    file = services(tmp_path / "t.csv", "numero,texte\n1,Trou\n")
    refused = run(tmp_path / "q", "--all", "--register", folder, "--services", file)
    assert isinstance(refused.exception, WrongUse)
    assert "It has: numero, texte." in str(refused.exception)


def test_a_language_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = register(tmp_path / "r", communes=[commune("22901", "Essai")])
    for wrong in ("français", ""):
        refused = run(tmp_path / "q", "--all", "--register", folder, "--languages", wrong)
        assert "is no language code" in str(refused.exception)
    assert imported(tmp_path / "p", "--all", "--register", folder, "--languages", "fr, en")["ok"]


def begun(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["new", *map(str, words)])


def test_a_town_begins_with_a_few_words(tmp_path: Path) -> None:
    given = [
        "--municipality",
        "Nouville:22901:22990,22991",
        "--service",
        "Nid-de-poule",
        "--service",
        "Collège:département",
    ]
    done = begun(tmp_path / "p", *given, "--json")
    assert (done.exit_code, json.loads(done.stdout)["ok"]) == (0, True)
    assert [(row["code"], row["official_code"]) for row in table(tmp_path / "p", "authorities.csv")] == [
        ("nouville", "22901"),
        ("department", ""),
    ]
    rules = [(row["service"], row["decides"]) for row in table(tmp_path / "p", "competences.csv")]
    assert rules == [("nid_de_poule", "@municipality"), ("college", "department")]
    assert [row["postal_code"] for row in table(tmp_path / "p", "postal.csv")] == ["22990", "22991"]
    assert [code for _, codes in needs(json.loads(done.stdout), "kinds") for code in codes] == [
        "nid_de_poule",
        "college",
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--municipality", ":22901"], "is no municipality; write it as NAME"),
        (["--municipality", "A:22901:2299"], "no postal code"),
        (["--municipality", "A", "--municipality", "A"], "give each municipality its official code"),
        (["--municipality", "A", "--service", "Trou:roi"], "is no service; write it as NAME or NAME:LEVEL"),
        (["--municipality", "A", "--languages", "français"], "is no language code"),
    ],
)
def test_words_that_make_no_town_are_refused_with_their_form(tmp_path: Path, words: list[str], says: str) -> None:
    assert says in str(begun(tmp_path / "p", *words).exception)
    assert not (tmp_path / "p").exists()
