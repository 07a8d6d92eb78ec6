"""Have the classifiers of the shipped packs learnt from today's texts, and are they as good as their READMEs say?"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from libs.directory import Pack, Release, Text, compile_pack, parse_pack, read
from libs.directory.evaluation import figures_of, judged_by
from libs.directory.features import words_in
from libs.directory.learn import Sample
from libs.directory.pack import EXAMPLES
from libs.directory.tables import read_table
from libs.directory.training import samples_of, train
from libs.operate.packs import read_pack

TERRITORIES = Path(__file__).parents[2] / "deploy" / "territories"
PACKS = ("bordeaux-metropole", "val-de-brume")
BYTES_MAX = 1_500_000  # it travels in every release and stands in the repository
# Sentences that mean danger to a person and none to these lines: they are written down so that nobody is surprised.
OTHER_DANGERS = {
    "Le transformateur du quartier fait un bruit d'explosion.": "fire_rescue",
    "The local transformer makes a noise like an explosion.": "fire_rescue",
}


@cache
def parsed(pack: str) -> Pack:
    return parse_pack({path: text for path, text in read_pack(TERRITORIES / pack).items() if path != "places.geojson"})


@cache
def release_of(pack: str) -> Release:
    with_places = parse_pack(read_pack(TERRITORIES / pack)) if pack == "val-de-brume" else parsed(pack)
    release = compile_pack(with_places).release
    assert release is not None
    return release


def kept_apart(pack: str) -> list[Sample]:
    text = (TERRITORIES / pack / "evaluation.csv").read_text(encoding="utf-8")
    entries, findings = read_table(EXAMPLES, text, parsed(pack).languages)
    assert findings == []
    return [Sample(entry["text"], entry["language"], entry["service"]) for entry in entries]


def figures(pack: str) -> dict[str, Any]:
    release = release_of(pack)
    judged = judged_by(lambda one: read(release, Text(one.text, one.language)).guesses, kept_apart(pack))
    return figures_of(judged, release.territory.confidence_min)


def test_training_again_gives_the_committed_bytes() -> None:
    committed = (TERRITORIES / "val-de-brume" / "classifier.json").read_text(encoding="utf-8")
    assert train(parsed("val-de-brume")).file == committed


@pytest.mark.parametrize("pack", PACKS)
def test_a_classifier_is_current_and_small(pack: str) -> None:
    assert not [finding for finding in compile_pack(parsed(pack)).findings if "classifier" in finding.code]
    assert (TERRITORIES / pack / "classifier.json").stat().st_size < BYTES_MAX


@pytest.mark.parametrize("pack", PACKS)
def test_no_sentence_is_learnt_from_that_it_is_measured_by(pack: str) -> None:
    learnt = {" ".join(words_in(sample.text)) for sample in samples_of(parsed(pack)) if not sample.is_hint}
    assert learnt.isdisjoint(" ".join(words_in(sample.text)) for sample in kept_apart(pack))


@pytest.mark.parametrize("pack", PACKS)
def test_every_service_has_sentences_in_every_language(pack: str) -> None:
    wanted = {(service, language) for service in release_of(pack).services for language in parsed(pack).languages}
    for at_least, samples in ((5, samples_of(parsed(pack))), (2, kept_apart(pack))):
        given = [(one.service, one.language) for one in samples if not one.is_hint]
        assert {pair for pair in wanted if given.count(pair) < at_least} == set()


@pytest.mark.parametrize("pack", PACKS)
def test_guesses_are_good_and_the_certain_ones_can_be_relied_on(pack: str) -> None:
    found = figures(pack)
    assert found["accuracy"] >= 0.78
    assert found["top_3"] >= 0.90
    assert found["coverage"] >= 0.55
    assert found["accuracy_when_taken"] >= 0.95
    assert found["calibration_error"] <= 0.08
    assert found["taken_for_something"] <= 1


@pytest.mark.parametrize("pack", PACKS)
def test_the_language_of_a_text_is_known(pack: str) -> None:
    release, texts = release_of(pack), [one for one in kept_apart(pack) if len(one.text) >= 20]
    right = [read(release, Text(one.text)).language == one.language for one in texts]
    assert sum(right) >= 0.97 * len(right)


@pytest.mark.parametrize("pack", PACKS)
def test_everyday_sentences_raise_no_alarm(pack: str) -> None:
    release = release_of(pack)
    dangerous = {entry["service"] for entry in parsed(pack).urgent}
    false = {
        one.text: reading.urgent
        for one in [*samples_of(parsed(pack)), *kept_apart(pack)]
        if (reading := read(release, Text(one.text, one.language))).urgent not in (None, one.service)
    }
    assert {text: code for text, code in false.items() if OTHER_DANGERS.get(text) != code} == {}
    assert dangerous


@pytest.mark.parametrize("pack", PACKS)
@pytest.mark.parametrize(
    ("text", "services"),
    [
        ("Il y a une forte odeur de gaz dans l'immeuble", {"gas_leak"}),
        ("I can smell gas outside number 12", {"gas_leak"}),
        ("un câble électrique est tombé sur le trottoir", {"fallen_line", "electric_network"}),
        ("there is a live wire on the ground", {"fallen_line", "electric_network"}),
        ("quelqu'un est inconscient, il ne respire plus", {"person_in_danger", "fire_rescue"}),
        ("the house next door is on fire", {"person_in_danger", "fire_rescue"}),
    ],
)
def test_danger_is_heard_in_both_packs(pack: str, text: str, services: set[str]) -> None:
    assert read(release_of(pack), Text(text)).urgent in services


def test_danger_is_heard_in_swedish() -> None:
    for text, service in (("Det luktar gas i källaren", "gas_leak"), ("Huset brinner!", "person_in_danger")):
        assert read(release_of("val-de-brume"), Text(text, "fr")).urgent == service
