"""Which services may these words mean? The likeliest first, however they were typed.

Three readers vote: the words that cannot wait, the release's own classifier, and the words themselves. A pack that has
trained no classifier is searched by its words all the same.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from libs.directory.features import features_of, words_in
from libs.directory.release import Release
from libs.directory.wordsearch import WordIndex

SUGGESTIONS_MAX = 3  # what a person reads at a glance
INDEXES_KEPT = 32  # a few territories in a few languages
WORDS_READ_MAX = 60  # of a description: what it is about stands at its beginning

WORDS_WEIGHT = 0.4  # of the words, beside the classifier's scores; both lie between zero and one
OTHER_LANGUAGE = 0.4  # somebody types “trash” on a French page
URGENT = 2.0  # more than all others together
SCORE_MIN = 0.05  # what is less alike has a letter or two in common by chance
BEST_SHARE_MIN = 0.15  # so far behind the best, it is no choice but a distraction


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A service that may be meant. The score orders; it is no probability."""

    service: str
    score: float


def suggest(release: Release, text: str, language: str, most: int = SUGGESTIONS_MAX) -> list[Suggestion]:
    """At most so many services, the likeliest first; none when nothing in the text is known here."""
    words = words_in(text)[:WORDS_READ_MAX]
    scores: dict[str, float] = defaultdict(float)
    for spoken in release.territory.languages:
        weight = 1.0 if spoken == language else OTHER_LANGUAGE
        for code, score in _scores(release, words, spoken).items():
            scores[code] = max(scores[code], weight * score)
    for place, code in enumerate(release.urgent_words.services_in(words)):
        scores[code] += URGENT / (place + 1)
    found = [Suggestion(code, round(score, 6)) for code, score in scores.items() if code in release.services]
    best = max((one.score for one in found), default=0.0)
    likely = (one for one in found if one.score >= max(SCORE_MIN, best * BEST_SHARE_MIN))
    return sorted(likely, key=lambda one: (-one.score, one.service))[:most]


def _scores(release: Release, words: list[str], language: str) -> Mapping[str, float]:
    scores: dict[str, float] = defaultdict(float)
    if words and release.classifier is not None:
        scores.update(release.classifier.scores(features_of(words), language))
    for code, score in index_of(release, language).scores(" ".join(words)).items():
        scores[code] += WORDS_WEIGHT * score
    return scores


@lru_cache(maxsize=INDEXES_KEPT)
def index_of(release: Release, language: str) -> WordIndex:
    """Made once for a release and language."""
    return WordIndex(release.services.values(), language)
