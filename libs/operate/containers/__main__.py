"""May the system start? The job `settings`: reads .env, makes secrets at the first start, hands each service its own.

Exit code 2 with one sentence that names the variable and the remedy; compose then starts nothing that depends on it.
"""

import os
import sys
from pathlib import Path

from libs.ledger.note import Signer
from libs.operate.containers.hand_out import FOLDER_VARIABLE, VERIFIER, hand_out, keep, refuse_missing, take_back
from libs.operate.containers.knobs import refuse_unknown, settings_classes
from libs.privacy.keyfile import load_key
from libs.service.settings import SettingsWrong, read

STORE = Path("/var/lib/guichet-secrets")
KEYS_FILE = Path("/var/lib/guichet-keys/keys.json")
CONSUMERS = Path("/hand-out")
GIVEN = Path("/given")
OURS = ("GUICHET_HOME",)  # set by the image
EXIT_WRONG = 2


def check_and_hand_out(store: Path, keys_file: Path, consumers: Path, given: Path) -> None:
    """Raises `SettingsWrong`."""
    refuse_unknown(set(os.environ) - set(OURS))
    is_given = bool(os.environ.get(FOLDER_VARIABLE))
    take_back(store, consumers)
    keep(store, keys_file, given if is_given else None)
    refuse_missing(store, os.environ)
    os.environ["AUDIT_KEY_FILE"] = str(store / "audit.key")  # audit's settings look into the file they name
    settings = {group: read(kind) for group, kind in settings_classes().items()}
    audit = settings["audit"].model_dump()
    current = Signer(audit["origin"], load_key(store / "audit.key")).verifier
    (store / VERIFIER).write_text("".join(f"{key}\n" for key in (current, *audit["former_verifier_keys"])))
    hand_out(store, consumers)


def main() -> int:
    try:
        check_and_hand_out(STORE, KEYS_FILE, CONSUMERS, GIVEN)
    except SettingsWrong as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}; user 10001 must be able to use this volume\n")
        return EXIT_WRONG
    sys.stdout.write("settings and secrets are in order\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
