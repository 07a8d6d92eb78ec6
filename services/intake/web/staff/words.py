"""In which words do the pages for people at work speak? The counter's own, and more in `texts/`."""

import json
from collections.abc import Mapping
from pathlib import Path

from services.intake.web.texts import FALLBACK, SPOKEN, Texts

FOLDER = Path(__file__).parent / "texts"
STAFF: Mapping[str, Texts] = {
    language: Texts(
        language, {**counter.words, **json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))}
    )
    for language, counter in SPOKEN.items()
}


def staff_texts(language: str) -> Texts:
    """The words in this language, else in English."""
    return STAFF.get(language, STAFF[FALLBACK])
