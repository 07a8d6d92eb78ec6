"""Which jars does a given Kafka need? Asked once for each version (`python -m libs.operate.embedded.lock_jars`).

Resolving reads a few hundred POM files; starting must not depend on that, nor on what a registry answers that day.
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import Artifact, Dependency, MavenContext

from libs.operate.embedded.jars import DOWNLOADS_AT_ONCE, LOCK_FILE, READ_TIMEOUT_SECONDS, sha256_of

ROOTS = (
    "org.apache.kafka:kafka_2.13:4.3.1",
    "org.apache.kafka:kafka-tools:4.3.1",  # the performance tools that benchmarks take as their floor
    "org.slf4j:slf4j-simple:1.7.36",  # the smallest logger that Kafka's logging interface accepts
)
RUN_TIME_SCOPES = ("compile", "runtime")
HEADER = """\
# The jars that Kafka runs from. Written by `python -m libs.operate.embedded.lock_jars`; do not edit.
"""


def resolve(context: MavenContext) -> list[Artifact]:
    roots = []
    for coordinate in ROOTS:
        group, artifact, version = coordinate.split(":")
        roots.append(Dependency(context.project(group, artifact).at_version(version).artifact(), "compile"))
    found, needed = context.resolver.resolve(roots)
    return [dependency.artifact for dependency in [*found, *needed] if dependency.scope in RUN_TIME_SCOPES]


def lock_line(artifact: Artifact) -> str:
    path: Path = artifact.resolve()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return f"{coordinate} sha256:{sha256_of(path)} bytes:{path.stat().st_size}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        artifacts = resolve(MavenContext(repo_cache=Path(folder), timeout=READ_TIMEOUT_SECONDS))
        if others := [str(a) for a in artifacts if a.classifier or a.packaging != "jar"]:
            raise SystemExit(f"the lock has no words for these artifacts: {', '.join(others)}")
        with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
            lines = sorted(pool.map(lock_line, artifacts))
    LOCK_FILE.write_text(HEADER + "\n".join(lines) + "\n")
    print(f"{len(lines)} jars written to {LOCK_FILE}")


if __name__ == "__main__":
    main()
