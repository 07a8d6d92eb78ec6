"""Does a list go on where its last page ended?"""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from libs.delivery.errors import Rejected
from libs.service.paging import BEGINNING, place_in, text_of


def test_the_next_page_begins_where_the_last_one_said() -> None:
    place = (datetime(2026, 11, 28, 12, 30, 1, 5, tzinfo=UTC), UUID(int=7))
    assert place_in(text_of(place)) == place
    assert place_in(None) == BEGINNING
    assert text_of(None) is None


@pytest.mark.parametrize("text", ["", "2", "2026-11-28T12:30:01+00:00", "yesterday_0", "_"])
def test_what_no_page_named_is_refused_with_the_remedy(text: str) -> None:
    with pytest.raises(Rejected, match="leave it out to begin") as refused:
        place_in(text)
    assert (refused.value.slug, refused.value.field) == ("invalid-field", "after")
