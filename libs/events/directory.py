"""How does a release of the directory travel to every service?"""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from libs.events.envelope import EventData
from libs.events.fields import Code, Count, Sha256

SLICE_BYTES_MAX = 500_000  # base64 makes 666,668 of it, which with its envelope stays under EVENT_BYTES_MAX
PARTS_MAX = 9_999  # four digits in the record key

PartCount = Annotated[int, Field(ge=1, le=PARTS_MAX, strict=True)]
Slice = Annotated[str, StringConstraints(max_length=(SLICE_BYTES_MAX + 2) // 3 * 4, pattern=r"^[A-Za-z0-9+/]*=*$")]


class DirectoryPart(EventData):
    """One slice of a compressed release. Parts are sent before the DirectoryPublished that announces them."""

    TYPE: ClassVar[str] = "guichet.DirectoryPart.v1"

    territory: Code
    version: Code
    index: PartCount
    parts: PartCount
    content: Slice

    def subject(self) -> str:
        """Part of the key, so that compaction keeps every part."""
        return f"{self.territory}/{self.version}/{self.index:04d}"


class DirectoryPublished(EventData):
    """A release is complete, and in force from a moment on."""

    TYPE: ClassVar[str] = "guichet.DirectoryPublished.v1"

    territory: Code
    version: Code
    effective_from: datetime
    published_at: datetime
    parts: PartCount
    bytes: Annotated[Count, Field(description="size of the compressed release")]
    sha256: Annotated[Sha256, Field(description="of the compressed release")]

    def subject(self) -> str:
        """Which release; publishing it again replaces the record."""
        return f"{self.territory}/{self.version}"


class DirectoryWithdrawn(EventData):
    """A territory takes no requests any more, from a moment on, until a release of it is published again.

    What it accepted before is decided, worked on and answered as ever, by the releases that were in force.
    """

    TYPE: ClassVar[str] = "guichet.DirectoryWithdrawn.v1"

    territory: Code
    effective_from: datetime
    withdrawn_at: datetime

    def subject(self) -> str:
        """One for each territory: the next replaces the record."""
        return f"{self.territory}/withdrawn"
