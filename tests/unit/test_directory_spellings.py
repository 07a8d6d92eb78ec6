"""Does the index of a country's names find exactly what comparing with every name finds?"""

import random

import pytest
from rapidfuzz.distance import OSA

from libs.directory import names
from libs.directory.names import TWO_TYPOS_LETTERS_MIN, Gazetteer
from libs.directory.spellings import Spellings

LETTERS = "abs "
CASES = 4_000


def misspelt(draw: random.Random) -> tuple[list[str], str]:
    """Some names, and one of them with up to three errors anywhere, also across its middle."""
    known = sorted({"".join(draw.choices(LETTERS, k=draw.randint(4, 16))) for _ in range(6)})
    name = draw.choice(known)
    for _ in range(draw.randint(0, 3)):
        place, letter = draw.randint(0, len(name)), draw.choice(LETTERS)
        before, after, rest = name[:place], name[place : place + 1], name[place + 1 :]
        name = before + draw.choice([letter + rest, rest, letter + after + rest, rest[:1] + after + rest[1:]])
    return known, name or "a"


def test_nobody_within_the_allowed_errors_is_missed() -> None:
    draw = random.Random(1)
    for known, wanted in (misspelt(draw) for _ in range(CASES)):
        typos = 1 if len(wanted) < TWO_TYPOS_LETTERS_MIN else draw.randint(1, 2)
        near = {name for name in known if name[:1] == wanted[:1] and OSA.distance(name, wanted) <= typos}
        assert near <= set(Spellings(known, TWO_TYPOS_LETTERS_MIN).alike(wanted, typos)), (known, wanted)


def test_many_names_and_few_give_the_same_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = random.Random(2)
    for known, wanted in (misspelt(draw) for _ in range(CASES)):
        rows = [(str(index), {"fr": name}) for index, name in enumerate(known)]
        monkeypatch.setattr(names, "COMPARED_MAX", 300)
        compared = Gazetteer(rows).find(wanted)
        monkeypatch.setattr(names, "COMPARED_MAX", 0)
        assert Gazetteer(rows).find(wanted) == compared, (known, wanted)


def test_few_names_of_a_country_are_compared() -> None:
    draw = random.Random(7)
    parts = ["saint", "mont", "val", "ville", "bourg", "roche", "pont", "clair", "bois", "champ"]
    country = sorted({" ".join(draw.choices(parts, k=4)) for _ in range(9_000)})
    found = Spellings(country, TWO_TYPOS_LETTERS_MIN).alike("saint monr vallbourg", 2)
    assert len(found) < len(country) / 20


def test_narrowed_to_a_postal_code_only_its_names_count() -> None:
    gazetteer = Gazetteer([("1", {"fr": "Floirac"}), ("2", {"fr": "Floirac"}), ("3", {"fr": "Florac"})])
    both = gazetteer.find("floirac", among=("2", "3"))
    typo = gazetteer.find("flloirac", among=("3", "2"))
    assert both is not None
    assert both.codes == ("2",)
    assert typo is not None
    assert (typo.codes, typo.how) == (("2",), "typo")
    assert gazetteer.find("floirac", among=()) is None
