"""Which secrets does a system on one machine need, and where do they come from? Each is made at the first start."""

import os
from contextlib import suppress
from pathlib import Path

from libs.operate.keys import SCOPES, KeyFile, KeyRefused, new_key
from libs.privacy.keyfile import create_key

FOLDER_MODE = 0o700
KEY_FILES = ("master.key", "pseudonym.key", "audit.key")  # 32 bytes in base64 each
# Holders that the machine's own tools use; their keys are in files beside the others, readable by the owner only.
OWN_HOLDERS = {
    "demo": ("urn:guichet:demo", ("submit", "read", "progress")),
    "desk": ("urn:guichet:desk", ("triage",)),
    "operate": ("urn:guichet:operate", SCOPES),
}


def create_secrets(home: Path) -> "Secrets":
    """Every secret that is missing in the system's folder; whatever exists stays as it is."""
    found = Secrets(home / "secrets")
    found.create_missing()
    return found


class Secrets:
    """The files in one folder. Losing master.key makes everything sealed unreadable: back it up apart from the data."""

    def __init__(self, folder: Path, keys_file: Path | None = None) -> None:
        self._folder = folder
        self.keys_file = keys_file or folder / "keys.json"

    def path(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def create_missing(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(FOLDER_MODE)
        for name in KEY_FILES:
            if not (self._folder / name).exists():
                create_key(self._folder / name)
        keys = KeyFile(self.keys_file)
        was_lost = not self.keys_file.exists()
        for name, (source, scopes) in OWN_HOLDERS.items():
            key = self.api_key(name)
            # A holder whose key is here and who is not in the file of keys was revoked: a start must not undo that.
            if key is None or was_lost:
                self._give(keys, name, source, scopes, key or new_key())

    def api_key(self, name: str) -> str | None:
        path = self.path(name)
        return path.read_text().strip() if path.exists() else None

    def _give(self, keys: KeyFile, name: str, source: str, scopes: tuple[str, ...], key: str) -> None:
        """The holder first, then the key's file: after a crash between the two the next start gives a new key."""
        try:
            keys.add(name, source, scopes, key)
        except KeyRefused:  # its key was lost with the other secrets; or intake will say what is wrong with the file
            with suppress(KeyRefused):
                keys.renew(name, key)
        if self.api_key(name) is None:
            descriptor = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(key + "\n")
