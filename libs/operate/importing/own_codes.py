"""Under which code does each authority of a draft stand, so that no two have the same?"""

from collections import Counter
from collections.abc import Iterable, Sequence

from libs.operate.importing.places import Commune
from libs.operate.importing.wishes import slug

# A code has 64 characters at most, and a front desk's has the authority's, what tells it apart, and its own ending.
STEM_CHARACTERS_MAX = 40


def stem_of(name: str, official: str) -> str:
    """A name as a readable code; the official code where nothing of the name is left."""
    return slug(name)[:STEM_CHARACTERS_MAX].strip("-") or slug(official) or "x"


def commune_codes(communes: Sequence[Commune]) -> dict[str, str]:
    """By official code; communes of one name are told apart by it."""
    stems = {commune.code: stem_of(commune.name, commune.code) for commune in communes}
    often = Counter(stems.values())
    return {code: f"{stem}-{slug(code)}" if often[stem] > 1 else stem for code, stem in stems.items()}


def free_code(name: str, kind: str, official: str, taken: Iterable[str]) -> str:
    """The plain code; with the kind where a commune or another authority has that, as in mayenne-department."""
    stem = stem_of(name, official)
    used = set(taken)
    numbered = (f"{stem}-{kind}-{number}" for number in range(2, len(used) + 3))
    return next(code for code in (stem, f"{stem}-{kind}", f"{stem}-{slug(official)}", *numbered) if code not in used)
