"""Do urgent words, examples and the classifier fit the services of a pack?"""

from collections.abc import Iterator

import orjson

from libs.directory.classifier import Classifier
from libs.directory.findings import Finding, found
from libs.directory.pack import EXAMPLES, Entry, Pack
from libs.directory.training import learnt_from


def read_classifier(file: str, text: str) -> tuple[Entry | None, list[Finding]]:
    """The classifier that was trained; what is damaged, or of another recipe, is no classifier."""
    try:
        values = orjson.loads(text)
        Classifier(values)
        return Entry(file, 1, values), []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return None, [found("file-unreadable", file, 1, f"{file} is no classifier that can be read: {error}")]


def check_texts(pack: Pack) -> list[Finding]:
    """Unknown services and languages, danger without advice, a classifier that has not learnt from today's texts."""
    return [*_services(pack), *_languages(pack), *_safety(pack), *_classifier(pack)]


def _services(pack: Pack) -> Iterator[Finding]:
    known = {"", *(entry["code"] for entry in pack.services)}
    for entry in [*pack.urgent, *pack.examples]:
        if entry["service"] not in known:
            yield entry.found("code-unknown", f"the service “{entry['service']}” does not exist")


def _languages(pack: Pack) -> Iterator[Finding]:
    for entry in [*pack.urgent, *pack.examples]:
        if entry["language"] not in pack.languages:
            yield entry.found("language-unknown", f"“{entry['language']}” is no language of the territory")


def _safety(pack: Pack) -> Iterator[Finding]:
    """Whoever is told that something cannot wait must be told what to do."""
    with_words = {entry["service"] for entry in pack.urgent}
    for entry in pack.services:
        if not entry["safety"] and (entry["urgent"] or entry["code"] in with_words):
            yield entry.found("safety-missing", f"“{entry['code']}” cannot wait, but nothing says what to do")


def _classifier(pack: Pack) -> Iterator[Finding]:
    if pack.classifier is None:
        if pack.examples:
            yield found("classifier-missing", EXAMPLES, 1, "there are examples, but no classifier has learnt from them")
    elif pack.classifier["learnt_from"] != learnt_from(pack):
        yield pack.classifier.found("classifier-stale", "names, words or examples have changed since it was trained")
