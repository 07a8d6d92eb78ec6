"""Does Kafka have its topics, users and rights? The job `topics`: makes it so, as often as it runs."""

import asyncio
import os
import sys
from pathlib import Path

from libs.delivery.errors import Unavailable
from libs.delivery.provision import provision
from libs.operate.containers.kafka_access import align
from libs.operate.containers.kafka_grants import USERS, grants
from libs.service import logs
from libs.service.password_files import password_in
from libs.service.settings import SettingsWrong, SharedSettings, read

PASSWORDS_VARIABLE = "GUICHET_KAFKA_USER_PASSWORDS"
EXIT_AWAY, EXIT_WRONG = 1, 2


def passwords() -> dict[str, str]:
    """Of each user. Raises `SettingsWrong`."""
    folder = Path(os.environ.get(PASSWORDS_VARIABLE) or "/run/guichet")
    try:
        return {user: password_in(folder / f"kafka-{user}.password") for user in USERS}
    except ValueError as error:
        raise SettingsWrong(f"{PASSWORDS_VARIABLE} is wrong: {error}") from error


def main() -> int:
    """Exit codes: 0 done, 1 Kafka does not answer, 2 wrong settings."""
    try:
        shared, found = read(SharedSettings), passwords()
        settings = shared.kafka("guichet-topics")
        logs.configure("WARNING", "console", "topics", shared.version)
        changes = asyncio.run(provision(settings.bootstrap_servers, settings=settings))
        changes += align(settings, found, grants())
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    except Unavailable as error:
        sys.stderr.write(f"{error.message}; is it running, and is its password the one that it was started with?\n")
        return EXIT_AWAY
    sys.stdout.writelines(f"{change}\n" for change in changes or ["nothing to do"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
