"""Where does the next page of a list begin, in words that a caller sends back as they came?"""

from datetime import UTC, datetime
from uuid import UUID

from libs.delivery.errors import Rejected

Place = tuple[datetime, UUID]
"""Behind which a page begins: a moment, and the id of what is listed at it."""

BEGINNING: Place = (datetime.min.replace(tzinfo=UTC), UUID(int=0))
SEPARATOR = "_"  # is in neither a time nor an id


def place_in(after: str | None) -> Place:
    """The place that an earlier page named as `next`; without one, the beginning. Raises `Rejected`."""
    if after is None:
        return BEGINNING
    try:
        since, _, listed_id = after.partition(SEPARATOR)
        return datetime.fromisoformat(since), UUID(listed_id)
    except ValueError:
        raise Rejected(
            "after is no `next` of ours; leave it out to begin", slug="invalid-field", field="after"
        ) from None


def text_of(place: Place | None) -> str | None:
    """As `next` names it; None when there is nothing behind."""
    return None if place is None else f"{place[0].isoformat()}{SEPARATOR}{place[1]}"
