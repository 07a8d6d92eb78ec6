"""Is what the front page says there, and is it short enough to be read?"""

import re
from pathlib import Path

from libs.operate.cli import COMMANDS, GROUPS

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
WORDS = range(400, 601)


def test_it_has_the_length_that_people_read() -> None:
    prose = re.sub(r"\]\([^)]*\)", "]", FENCED.sub("", README))
    assert len(prose.split()) in WORDS


def test_every_link_leads_somewhere() -> None:
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_command_that_it_shows_exists() -> None:
    shown = set(re.findall(r"\bguichet ([a-z]+)", README))
    assert shown - {*COMMANDS, *GROUPS} == set()


def test_every_verb_that_it_shows_is_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    verbs = set(re.findall(r"^(?:\$ )?make (\w+)|`make (\w+)`", README, re.MULTILINE))
    assert [verb for verb in {one or other for one, other in verbs} if f"\n{verb}:" not in makefile] == []
