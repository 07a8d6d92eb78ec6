"""How long does `guichet directory what-if` take over many recorded requests, and is its count exact?

Writes them into the topic of a Kafka of its own, as intake would, and runs the command as an operator does. The
candidate moves one service; how many requests that concerns is counted while they are made.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from libs.delivery.kafka import KafkaSettings
from libs.delivery.provision import provision
from libs.delivery.publisher import Publisher
from libs.delivery.release_parts import release_events
from libs.directory import Release, Text, compile_pack, parse_pack, read_many
from libs.events import Event, make_event
from libs.events.identity import new_request_id, reference_for, source_of
from libs.events.models import Reading, RequestAccepted, RequestRefused
from libs.operate.demo.requests import Planned, planned
from libs.operate.packs import SHIPPED, read_pack
from tests.brokers import embedded_stack

PACK = "val-de-brume"  # with outlines and a layer, so that points are looked up
MOVED = "traffic_light"
RULE = "traffic-light,traffic_light,*,,metropole,@decides:voirie"
INSTEAD = "traffic-light,traffic_light,*,,metropole,@decides:mobilite"
REFUSED_AT_THE_DOOR = {"unknown-service", "unknown-field", "no-place"}
REFUSED_EACH = 50  # one request in so many is refused once; none of the moved service
BATCH = 5_000
SEALED = "v1." + "A" * 16 + "." + "B" * 200
ROOT = Path(__file__).parents[2]


@dataclass
class Made:
    """What was written, counted by its maker."""

    requests: int = 0
    concerned: int = 0


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--requests", type=int, default=100_000)
    options = asked.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="guichet-load-"))
    kafka = embedded_stack(folder).kafka()
    kafka.start()
    try:
        print(json.dumps(measure(kafka.bootstrap, folder, options.requests)))
    finally:
        kafka.stop()
        shutil.rmtree(folder, ignore_errors=True)


def measure(bootstrap: str, folder: Path, requests: int) -> dict[str, Any]:
    files = read_pack(SHIPPED / PACK)
    assert RULE in files["competences.csv"]
    began = time.monotonic()
    made = asyncio.run(record(bootstrap, release_of(files), requests))
    print(f"{made.requests} requests recorded in {time.monotonic() - began:.0f} s", file=sys.stderr)
    candidate = folder / "candidate"
    for path, text in {**files, "competences.csv": files["competences.csv"].replace(RULE, INSTEAD)}.items():
        (candidate / path).parent.mkdir(parents=True, exist_ok=True)
        (candidate / path).write_text(text, encoding="utf-8")
    found = command(bootstrap, candidate)
    counted = found["moved"] + found["no_longer_held"]
    assert (found["read"], counted) == (made.requests, made.concerned), (made, found)
    figures = ("read", "compared", "moved", "unchanged", "seconds", "wall_seconds", "cpu_seconds", "memory_mb")
    return {
        "name": "what-if",
        "figure": round(found["read"] / found["wall_seconds"]),
        "unit": "requests a second",
        **{name: found[name] for name in figures},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def command(bootstrap: str, candidate: Path) -> dict[str, Any]:
    """As an operator runs it, in a process of its own; from its start to its end."""
    what_if = ("directory", "what-if", str(candidate), "--since", "1d", "--json", "--html", str(candidate / "x.html"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GUICHET_")}
    environment = {**kept, "GUICHET_KAFKA_BOOTSTRAP": bootstrap, "GUICHET_HOME": str(candidate / "home")}
    answer = candidate / "answer.json"
    began = time.monotonic()
    with answer.open("wb") as stdout:
        arguments = [sys.executable, "-m", "libs.operate.cli", *what_if]
        running = subprocess.Popen(arguments, env=environment, cwd=ROOT, stdout=stdout)
        _, status, usage = os.wait4(running.pid, 0)  # what this one process used, and no other child
    running.returncode = os.waitstatus_to_exitcode(status)
    assert running.returncode == 0
    return {
        **json.loads(answer.read_text(encoding="utf-8")),
        "wall_seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(usage.ru_utime + usage.ru_stime, 1),
        "memory_mb": usage.ru_maxrss // 1024,
    }


def release_of(files: dict[str, str]) -> Release:
    release = compile_pack(parse_pack(files)).release
    assert release is not None
    return release


async def record(bootstrap: str, release: Release, requests: int) -> Made:
    """The release, and then the requests in batches, as intake's relay would write them."""
    await provision(bootstrap)
    publisher = Publisher(KafkaSettings(bootstrap_servers=bootstrap, publish_seconds_max=120.0))
    made, now = Made(), datetime.now(UTC)
    await publisher.publish(release_events(release, now - timedelta(days=1), now))
    plans = [plan for plan in planned([release], requests * 2, 1, "load") if plan.purpose not in REFUSED_AT_THE_DOOR]
    for start in range(0, requests, BATCH):
        batch = plans[start : min(start + BATCH, requests)]
        await publisher.publish(list(events(release, batch, made)))
    await publisher.stop()
    return made


def events(release: Release, plans: Sequence[Planned], made: Made) -> Iterator[Event]:
    """What intake publishes about each, and for some a department that refuses it."""
    readings = read_many(
        release, [Text(one.body.get("description", ""), one.body["language"], one.body.get("service")) for one in plans]
    )
    for plan, read in zip(plans, readings, strict=True):
        guesses = [{"service": guess.service, "confidence": guess.confidence} for guess in read.guesses]
        reading = Reading.model_validate({"release": release.version, "urgent": read.urgent, "guesses": guesses})
        data = accepted(plan, reading)
        made.requests += 1
        is_moved = about(plan, reading, release) == MOVED and plan.purpose != "out-of-territory"
        made.concerned += is_moved
        yield make_event(
            data,
            source=source_of("intake"),
            of=data.request_id,
            time=data.accepted_at,
            directory_version=release.version,
        )
        if made.requests % REFUSED_EACH == 0 and not is_moved:
            yield refused(release, data)


def accepted(plan: Planned, reading: Reading) -> RequestAccepted:
    request_id = new_request_id()
    return RequestAccepted.model_validate(
        {
            **{name: plan.body.get(name) for name in ("territory", "service", "place", "language", "source_id")},
            "answers": plan.body.get("answers", {}),
            "request_id": request_id,
            "reference": reference_for(request_id),
            "channel": "api",
            "source": "urn:test:load",
            "accepted_at": datetime.now(UTC),
            "contact": SEALED if plan.has_email else None,
            "description": SEALED,
            "reading": reading.model_dump() if plan.body.get("service") is None else None,
        }
    )


def about(plan: Planned, reading: Reading, release: Release) -> str | None:
    if service := plan.body.get("service"):
        return str(service)
    if reading.urgent:
        return reading.urgent
    best = next(iter(reading.guesses), None)
    return best.service if best and best.confidence >= release.territory.confidence_min else None


def refused(release: Release, data: RequestAccepted) -> Event:
    names = ("request_id", "reference", "territory", "service", "language", "contact", "contact_channels")
    refusal = RequestRefused(
        **{name: getattr(data, name) for name in names},
        department="vdb-voirie",
        by="load",
        at=data.accepted_at,
        reason="not ours",
        refusers=["vdb-voirie"],
        hops=1,
        accepted=data,
    )
    return make_event(
        refusal,
        source=source_of("intake"),
        of=data.request_id,
        time=data.accepted_at,
        directory_version=release.version,
    )


if __name__ == "__main__":
    main()
