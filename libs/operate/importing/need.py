"""What is one thing that no register knows, so that a person must add it?"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Need:
    """`what` is a stable code, `file` the one of the pack, `about` the codes it is about."""

    what: str
    file: str
    message: str
    about: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {"what": self.what, "file": self.file, "message": self.message, "about": list(self.about)}
