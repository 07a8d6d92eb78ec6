"""Which services have these words in their names, with other endings, typing errors and everyday synonyms?"""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz import process
from rapidfuzz.distance import OSA

from libs.directory.model import Service
from libs.directory.wording import content_words, everyday, terms_of

# How much a word counts, by how it was recognised.
EVERYDAY = 0.85  # another word for the same
ENDING = 0.8  # “potholes”, “collected”
BEGUN = 0.7  # the last word, still being typed
MISSPELT = 0.6

STEM_LETTERS_MIN = 4
ENDING_LETTERS_MAX = 3
BEGUN_LETTERS_MIN = 3  # two letters begin words of every other service
TYPOS_FROM_LETTERS = ((8, 2), (5, 1), (0, 0))
ALIKE_MAX = 8  # misspelt words compared further; more would be noise
TELLING_WORDS = 2  # a search has so many; of a longer text each word says less

Terms = dict[str, dict[str, float]]
"""For a word: the services that have it, and how well it names them."""


class WordIndex:
    """The names and words of services in one language, and everyday words for the same."""

    def __init__(self, services: Iterable[Service], language: str) -> None:
        self._language = language
        self._terms: Terms = defaultdict(dict)
        every = list(services)
        for service in every:
            for term in _terms_in(service, language):
                self._terms[term][service.code] = 1.0
        self._sorted = sorted(self._terms)
        for word, codes in self._everyday(everyday(language)).items():
            self._terms[word] = codes | self._terms.get(word, {})
        self._sorted = sorted(self._terms)
        self._rarity = {term: math.log1p(len(every) / len(codes)) for term, codes in self._terms.items()}
        self._rarest = math.log1p(len(every) or 1)
        self._by_letter: dict[str, list[str]] = defaultdict(list)
        for term in self._sorted:
            self._by_letter[term[0]].append(term)

    def scores(self, text: str) -> dict[str, float]:
        """How much of what was typed each service has in its words, from 0 to 1; rare words count more."""
        words = content_words(text, self._language)
        scores: dict[str, float] = defaultdict(float)
        for place, term in enumerate(terms_of(words)):
            for code, share in self._shares(term, is_last=place == len(words) - 1).items():
                scores[code] += share
        whole = math.sqrt(len(words) * max(1.0, len(words) / TELLING_WORDS)) * self._rarest
        return {code: min(score / whole, 1.0) for code, score in scores.items()}

    def _shares(self, term: str, *, is_last: bool) -> dict[str, float]:
        """For each service, how well the best of its words fits this one."""
        best: dict[str, float] = {}
        for known, likeness in self._alike(term, is_last=is_last).items():
            for code, naming in self._terms[known].items():
                best[code] = max(best.get(code, 0.0), likeness * naming * self._rarity[known])
        return best

    def _alike(self, term: str, *, is_last: bool) -> Mapping[str, float]:
        if term in self._terms:
            return {term: 1.0}
        return dict(self._inflected(term, is_begun=is_last)) or dict.fromkeys(self._misspelt(term), MISSPELT)

    def _everyday(self, groups: Mapping[str, Iterable[str]]) -> Terms:
        """An everyday word names what the others of its group name: the more of them, the surer."""
        found: Terms = {}
        for word, others in groups.items():
            counts = Counter(code for other in others for code in self._named_by(other))
            most = max(counts.values(), default=1)
            found[word] = {code: EVERYDAY * math.sqrt(count / most) for code, count in counts.items()}
        return {word: codes for word, codes in found.items() if codes}

    def _named_by(self, word: str) -> set[str]:
        known = [word] if word in self._terms else [term for term, _ in self._inflected(word, is_begun=False)]
        return {code for term in known for code in self._terms[term]}

    def _inflected(self, term: str, *, is_begun: bool) -> Iterator[tuple[str, float]]:
        """Words that share all but their endings; for a word that is still being typed, all that begin with it."""
        if len(term) < BEGUN_LETTERS_MIN:
            return
        stem = term[:STEM_LETTERS_MIN]
        for known in self._sorted[bisect_left(self._sorted, stem) :]:
            if not known.startswith(stem):
                return
            if _is_inflection(term, known):
                yield known, ENDING
            elif is_begun and known.startswith(term):
                yield known, BEGUN

    def _misspelt(self, term: str) -> list[str]:
        """Words that somebody may have meant; the first letter is never the wrong one."""
        typos = next(typos for letters, typos in TYPOS_FROM_LETTERS if len(term) >= letters)
        if not typos:
            return []
        known = self._by_letter.get(term[0], [])
        found = process.extract(term, known, scorer=OSA.distance, score_cutoff=typos, limit=ALIKE_MAX)
        return [word for word, _, _ in found]


def _is_inflection(one: str, other: str) -> bool:
    """Whether two words differ in their endings only."""
    shared = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return shared >= STEM_LETTERS_MIN and max(len(one), len(other)) - shared <= ENDING_LETTERS_MAX


def _terms_in(service: Service, language: str) -> set[str]:
    name = service.names.get(language)
    phrases = [*([name] if name else []), *service.words.get(language, ())]
    return {term for phrase in phrases for term in terms_of(content_words(phrase, language))}
