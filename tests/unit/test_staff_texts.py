"""Are the pages for people at work complete in every language, and as safe as the citizens' pages?"""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from libs.privacy.links import ACTIONS
from services.intake.standing import Outcome, State
from services.intake.triage.rules import TELLING, Source
from services.intake.web.render import FOLDER as WEB
from services.intake.web.render import STATIC
from services.intake.web.staff.queue_page import AGES
from services.intake.web.staff.words import FOLDER, STAFF
from services.intake.web.texts import SPOKEN

TEMPLATES = sorted((WEB / "staff" / "templates").iterdir())
OWN = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))}
MADE = (
    "why-",
    "outcome-",
    "source-",
    "wrote-in-",
    "answer-thanks-",
    "state-",
    "code-",
    "filter-age-",
    "error-",
    "login-",
)


def test_every_language_of_the_counter_has_the_same_words_with_the_same_gaps() -> None:
    assert OWN.keys() == SPOKEN.keys() == STAFF.keys()
    for language, words in OWN.items():
        assert words.keys() == OWN["en"].keys(), language
        for key, text in words.items():
            assert text, (language, key)
            assert sorted(re.findall(r"\{(\w+)", text)) == sorted(re.findall(r"\{(\w+)", OWN["en"][key])), (
                language,
                key,
            )
        assert not words.keys() & SPOKEN[language].words.keys()  # a word of the counter is not said twice


def test_whatever_can_happen_has_words() -> None:
    wanted = {f"why-{code}" for code in TELLING} | {f"source-{one}" for one in get_args(Source)}
    wanted |= {f"outcome-{one}" for one in ("ambiguous", "uncovered", "out_of_territory", "unclear")}
    wanted |= {f"code-{one}" for one in get_args(Outcome)} | {f"state-{one}" for one in get_args(State)}
    wanted |= {f"answer-{one}" for one in ACTIONS} | {f"answer-thanks-{one}" for one in ACTIONS}
    wanted |= {f"filter-age-{hours}" for hours in AGES} | {f"wrote-in-{language}" for language in SPOKEN}
    wanted |= {
        f"answer-{one}-{part}" for one in ("closed", "lost", "left", "over", "forged") for part in ("title", "lead")
    }
    assert wanted <= OWN["en"].keys()


def test_every_word_is_used_and_every_used_word_exists() -> None:
    sources = "".join(path.read_text("utf-8") for path in [*TEMPLATES, *(WEB / "staff").glob("*.py")])
    for key in OWN["en"]:
        is_made = key.startswith(MADE) or re.fullmatch(r"answer-\w+(-title|-lead)?", key)
        assert is_made or f'"{key}"' in sources or f"'{key}'" in sources, key
    for key in re.findall(r"""\b(?:t|texts)\(["']([\w-]*\w)["']""", sources):
        assert key in STAFF["en"].words, key


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_script_style_or_a_foreign_address(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"https?://", text)
    assert "| safe" not in text


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_the_name_of_one_of_the_counters(template: Path) -> None:
    assert not (WEB / "templates" / template.name).exists()


def test_the_desks_colours_are_the_counters_own() -> None:
    style = STATIC["staff.css"].decode()
    assert set(re.findall(r"var\(--([\w-]+)", style)) <= set(re.findall(r"--([\w-]+):", STATIC["style.css"].decode()))
    assert not re.search(r"#[0-9a-f]{3,6}\b", style)
