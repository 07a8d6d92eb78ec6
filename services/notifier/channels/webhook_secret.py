"""Which secret does a department check our webhooks with? `python -m services.notifier.channels.webhook_secret URL`.

Derived from the master key and the endpoint, so that there is one key file to guard and no table of secrets to lose.
Each endpoint has its own; another URL is another secret.
"""

import base64
import hmac
import os
import sys
from pathlib import Path

from libs.privacy.errors import KeyFileInvalid
from libs.privacy.seal import load_master_key

PURPOSE = b"notifier/webhook\0"
EXIT_WRONG_USE = 2


def secret_for(master_key: bytes, endpoint: str) -> str:
    """In the form of Standard Webhooks: `whsec_` and base64."""
    secret = hmac.digest(master_key, PURPOSE + endpoint.encode(), "sha256")
    return "whsec_" + base64.b64encode(secret).decode()


def main(arguments: list[str]) -> int:
    path = os.environ.get("GUICHET_MASTER_KEY_FILE")
    if len(arguments) != 1 or not path:
        sys.stderr.write("give one URL as the directory writes it, and set GUICHET_MASTER_KEY_FILE\n")
        return EXIT_WRONG_USE
    try:
        key = load_master_key(Path(path))
    except KeyFileInvalid as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_WRONG_USE
    sys.stdout.write(secret_for(key, arguments[0]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
