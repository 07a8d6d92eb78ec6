"""What is known of a request by now: as it was handed in, with what a person at a desk has completed?"""

from libs.events.models import Place, RequestAccepted
from services.intake import store


def request_in(kept: store.Kept) -> RequestAccepted:
    """The request with the place that it has by now."""
    accepted = RequestAccepted.model_validate_json(kept.accepted)
    if kept.standing.place is None:
        return accepted
    return accepted.model_copy(update={"place": Place.model_validate_json(kept.standing.place)})
