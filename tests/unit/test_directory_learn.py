"""Do the same texts make the same classifier, anywhere, and nothing of what one person told?"""

import hashlib
import os
import subprocess
import sys
from typing import Any

import numpy as np
import orjson
import pytest

from libs.directory import Release, Text, compile_pack, read
from libs.directory.learn import SAMPLES_MAX, Sample, _limited, learn
from libs.directory.pack import Entry
from libs.directory.training import samples_of, train
from tests.unit.directory_packs import SERVICES
from tests.unit.directory_texts import EXAMPLES, pack

TRAINED = train(pack())
ELSEWHERE = (
    "import hashlib; from libs.directory.training import train; from tests.unit.directory_texts import pack;"
    "print(hashlib.sha256(train(pack()).file.encode()).hexdigest())"
)


def correction(text: str, service: str = "graffiti", language: str = "en") -> Entry:
    return Entry("corrections.csv", 1, {"text": text, "language": language, "service": service})


def features(file: str, language: str = "en") -> set[str]:
    return set(orjson.loads(file)["languages"][language]["features"])


def test_the_order_of_the_texts_does_not_matter() -> None:
    head, *rows = EXAMPLES.splitlines()
    turned = "\n".join([head, *reversed(rows)]) + "\n"
    assert train(pack(examples=turned)).file == TRAINED.file


@pytest.mark.parametrize("threads", ["1", "2"])
def test_another_process_makes_the_same_bytes(threads: str) -> None:
    """With other hashes, and another number of threads in the linear algebra."""
    environment = {**os.environ, "PYTHONHASHSEED": threads, "OPENBLAS_NUM_THREADS": threads}
    said = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, env=environment, check=True
    )
    assert said.stdout.strip() == hashlib.sha256(TRAINED.file.encode()).hexdigest()


def test_the_noise_of_another_machine_does_not_reach_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear algebra differs between machines in the last digits; a thousand times as much changes nothing."""
    chance = np.random.default_rng(1)
    solve = np.linalg.solve

    def noisy(left: Any, right: Any) -> Any:
        solution = solve(left, right)
        return solution * (1 + chance.uniform(-1e-11, 1e-11, solution.shape))

    monkeypatch.setattr(np.linalg, "solve", noisy)
    assert train(pack()).file == TRAINED.file


def test_what_one_person_told_is_not_published() -> None:
    told = [correction(f"Zebulon has sprayed wall {number}") for number in range(4)]
    assert "=zebulon" not in features(train(pack(), told).file)
    assert "=zebulon" in features(train(pack(), [*told, correction("Zebulon again")]).file)


def test_corrections_change_what_is_guessed() -> None:
    told = [correction(f"The swing in park {number} hangs down", "lamp") for number in range(6)]
    before, after = (compile_pack(pack(classifier=file)).release for file in (TRAINED.file, train(pack(), told).file))
    assert before is not None
    assert after is not None
    sure = [_lamp(release, "swing hangs down") for release in (before, after)]
    assert sure[0] < 0.6 < sure[1]


def _lamp(release: Release, text: str) -> float:
    guesses = read(release, Text(text, "en")).guesses
    return max((guess.confidence for guess in guesses if guess.service == "lamp"), default=0.0)


def test_the_latest_corrections_go_first_when_there_are_too_many() -> None:
    own = [Sample("a", "en", "lamp")] * (SAMPLES_MAX - 2)
    told = [Sample(str(number), "en", "lamp", is_correction=True) for number in range(5)]
    assert [sample.text for sample in _limited([*told, *own])[-2:]] == ["3", "4"]
    assert len(_limited([*told, *own])) == SAMPLES_MAX


def test_texts_of_services_that_are_gone_are_left_out() -> None:
    without = SERVICES[: SERVICES.index("- code: graffiti")]
    models = orjson.loads(train(pack(services=without)).file)["languages"]
    assert {tuple(model["services"]) for model in models.values()} == {("", "lamp", "pothole")}


def test_a_language_without_texts_gets_no_model() -> None:
    only_french = [sample for sample in samples_of(pack()) if sample.language == "fr"]
    assert {sample.language for sample in learn(only_french).judged} == {"fr"}
