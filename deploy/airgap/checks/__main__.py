"""Do the images do what their names promise? Each is started as a deployer would start it, and used by a real client.

One line per fact on standard output; the first fact that does not hold ends the program with its reason.
"""

import logging
import sys
from collections.abc import Callable

from checks import kafka, mailpit, packages, postgres, python

CHECKS: dict[str, Callable[[], None]] = {
    "python": python.check,
    "kafka": kafka.check,
    "postgres": postgres.check,
    "mailpit": mailpit.check,
    "forgotten": packages.check_forgotten,
    "lock": packages.check_lock,
}
ON_DEMAND: dict[str, Callable[[], None]] = {"write-lock": packages.write_lock}

if __name__ == "__main__":
    logging.disable(logging.ERROR)  # the news of the first seconds on a new broker
    for chosen in sys.argv[1:] or list(CHECKS):
        if chosen not in {**CHECKS, **ON_DEMAND}:
            raise SystemExit(f"check {chosen}: one of {' '.join([*CHECKS, *ON_DEMAND])}")
        {**CHECKS, **ON_DEMAND}[chosen]()
