"""What does the audit log say about itself?"""

from typing import Annotated, ClassVar

from pydantic import StringConstraints

from libs.events.envelope import EventData
from libs.events.fields import Count, Name

NOTE_CHARACTERS_MAX = 10_000  # a C2SP note with dozens of witnesses' signatures still fits


class CheckpointPublished(EventData):
    """The log's size and root, signed: whoever keeps one can prove later that nothing before it was changed."""

    TYPE: ClassVar[str] = "guichet.CheckpointPublished.v1"

    origin: Name
    size: Count
    root: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{43}=$")]
    note: Annotated[str, StringConstraints(max_length=NOTE_CHARACTERS_MAX)]

    def subject(self) -> str:
        """Which log."""
        return self.origin
