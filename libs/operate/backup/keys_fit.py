"""Are the keys at hand those of the backup? A backup holds no key, but something that each of them has made."""

import base64
import hmac
import os
from pathlib import Path

from libs.ledger.checkpoint import open_checkpoint, parse_checkpoint
from libs.ledger.note import NoteInvalid
from libs.operate import log_keys
from libs.operate.backup.manifest import Manifest, Samples
from libs.operate.output import Stopped
from libs.operate.system import Home
from libs.privacy.errors import KeyFileInvalid, Unreadable
from libs.privacy.keyfile import load_key
from libs.privacy.pseudonym import pseudonym
from libs.privacy.seal import unwrap

MASTER_VARIABLE, PSEUDONYM_VARIABLE = "GUICHET_MASTER_KEY_FILE", "GUICHET_PSEUDONYM_KEY_FILE"
REMEDY = "put the secrets of the system that was backed up in their place before restoring"


def refuse_other_keys(home: Path, manifest: Manifest) -> None:
    """Raises `Stopped` with the file and the remedy. What was never made by a key needs none."""
    try:
        _master_key(home, manifest.samples)
        _pseudonym_key(home, manifest.samples)
        _log_key(home, manifest.log.checkpoint)
    except KeyFileInvalid as error:
        raise Stopped(str(error)) from error


def _master_key(home: Path, samples: Samples) -> None:
    if samples.wrapped_for is None or samples.wrapped is None:
        return
    path = _there(Path(os.environ.get(MASTER_VARIABLE) or Home(home).secrets / "master.key"))
    try:
        unwrap(load_key(path), samples.wrapped_for, base64.b64decode(samples.wrapped))
    except Unreadable as error:
        raise Stopped(
            f"{path} is not the master key of this backup, so nothing that is sealed could be read again; {REMEDY}"
        ) from error


def _pseudonym_key(home: Path, samples: Samples) -> None:
    if samples.address is None or samples.recipient is None:
        return
    path = _there(Path(os.environ.get(PSEUDONYM_VARIABLE) or Home(home).secrets / "pseudonym.key"))
    if not hmac.compare_digest(pseudonym(load_key(path), samples.address), samples.recipient):
        raise Stopped(f"{path} is not the pseudonym key of this backup, so people would be told twice; {REMEDY}")


def _log_key(home: Path, note: str | None) -> None:
    """The last checkpoint must be one that audit will recognise, or it will sign no other."""
    if note is None:
        return
    _there(log_keys.key_file(home))
    try:
        open_checkpoint(note, [log_keys.own_verifier(home), *log_keys.former_verifiers()])
    except NoteInvalid as error:
        name = parse_checkpoint(note.rpartition("\n\n")[0] + "\n").origin
        own = log_keys.own_verifier(home, name)
        try:
            open_checkpoint(note, [own])
        except NoteInvalid:
            raise Stopped(
                f"{log_keys.key_file(home)} is not the key that signed this backup's log; {REMEDY}"
            ) from error
        raise Stopped(
            f"the log of this backup is {name}, and {log_keys.ORIGIN_VARIABLE} names {log_keys.origin()}: "
            f"set it to {name}, or if the name was changed on purpose, {former_setting(str(own))}"
        ) from error


def former_setting(verifier: str) -> str:
    return f"set {log_keys.FORMER_VARIABLE}='[\"{verifier}\"]'"


def _there(path: Path) -> Path:
    if not path.exists():
        raise Stopped(f"there is no {path}, and a backup holds no secrets: {REMEDY}")
    return path
