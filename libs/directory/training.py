"""What does the classifier of a pack learn from, and is the one in its folder up to date?"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from libs.directory.features import RECIPE
from libs.directory.learn import Learnt, Sample, learn
from libs.directory.pack import Entry, Pack


@dataclass(frozen=True, slots=True)
class Trained:
    """A classifier, and what is known about it for each language."""

    file: str
    learnt: dict[str, Learnt]


def samples_of(pack: Pack, corrections: Sequence[Entry] = ()) -> list[Sample]:
    """Names, words and examples of the services, the labelled texts, and what people corrected."""
    return [
        *_of_services(pack),
        *(Sample(entry["text"], entry["language"], entry["service"]) for entry in pack.examples),
        *(Sample(entry["text"], entry["language"], entry["service"], is_correction=True) for entry in corrections),
    ]


def train(pack: Pack, corrections: Sequence[Entry] = ()) -> Trained:
    """The classifier of a pack. The same texts give the same file; texts of services that are gone are left out."""
    known = {"", *(entry["code"] for entry in pack.services)}
    samples = [sample for sample in samples_of(pack, corrections) if sample.service in known]
    learnt: dict[str, Learnt] = {}
    for language in pack.languages:
        of_language = [sample for sample in samples if sample.language == language]
        if {sample.service for sample in of_language} - {""}:
            learnt[language] = learn(of_language)
    content = {
        "recipe": RECIPE,
        "learnt_from": learnt_from(pack),
        "corrections": len(corrections),
        "languages": {language: one.row for language, one in learnt.items()},
    }
    return Trained(orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE).decode(), learnt)


def learnt_from(pack: Pack) -> str:
    """A hash of the pack's own texts: another one means that the classifier should be trained again."""
    texts: list[Any] = [pack.languages]
    texts += sorted([sample.service, sample.language, sample.text, sample.is_hint] for sample in samples_of(pack))
    return hashlib.sha256(orjson.dumps([RECIPE, texts])).hexdigest()


def _of_services(pack: Pack) -> Iterator[Sample]:
    for entry in pack.services:
        code = entry["code"]
        for language, name in entry["names"].items():
            yield Sample(name, language, code, is_hint=True)
        for language, words in entry["words"].items():
            yield from (Sample(word, language, code, is_hint=True) for word in words)
        for language, examples in entry["examples"].items():
            yield from (Sample(example, language, code) for example in examples)
