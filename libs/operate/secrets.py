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
        for name, (source, scopes) in OWN_HOLDERS.items():
            self._create_holder(name, source, scopes)

    def api_key(self, name: str) -> str | None:
        path = self.path(name)
        return path.read_text().strip() if path.exists() else None

    def _create_holder(self, name: str, source: str, scopes: tuple[str, ...]) -> None:
        """The key's file is written first: a crash between the two is mended by the next start."""
        key = self.api_key(name)
        if key is None:
            key = new_key()
            descriptor = os.open(self.path(name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(key + "\n")
        keys = KeyFile(self.keys_file)
        try:
            keys.add(name, source, scopes, key)
        except KeyRefused:  # it is there already, perhaps with a key that was lost; or intake will say what is wrong
            with suppress(KeyRefused):
                keys.renew(name, key)
