"""Which keys sign the audit log? As audit itself is told, so that one environment serves both."""

import json
import os
from pathlib import Path

from libs.ledger.note import Signer, Verifier
from libs.operate.output import WrongUse
from libs.operate.system import Home
from libs.privacy.keyfile import load_key

KEY_FILE_VARIABLE, ORIGIN_VARIABLE = "AUDIT_KEY_FILE", "AUDIT_ORIGIN"
FORMER_VARIABLE = "AUDIT_FORMER_VERIFIER_KEYS"
ORIGIN = "guichet.example/audit"


def origin() -> str:
    """The log's name."""
    return os.environ.get(ORIGIN_VARIABLE) or ORIGIN


def key_file(home: Path) -> Path:
    return Path(os.environ.get(KEY_FILE_VARIABLE) or Home(home).secrets / "audit.key")


def own_verifier(home: Path, name: str | None = None) -> Verifier:
    """Of whoever holds the key file, under the log's name or another. `KeyFileInvalid` when there is no such file."""
    return Signer(name or origin(), load_key(key_file(home))).verifier


def former_verifiers() -> list[Verifier]:
    """Of those who signed before."""
    text = os.environ.get(FORMER_VARIABLE) or "[]"
    try:
        return [Verifier.from_text(one) for one in json.loads(text)]
    except (ValueError, TypeError, AttributeError) as error:
        raise WrongUse(f'{FORMER_VARIABLE} is no JSON list of verifier keys, like ["name+id+key"]: {error}') from error
