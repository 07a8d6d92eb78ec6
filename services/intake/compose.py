"""How does a submission that was admitted become a row, a sealed event and a key?"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from libs.directory.reading import safety_of
from libs.directory.release import Release
from libs.events.envelope import Event
from libs.events.identity import canonical, make_event, new_request_id, origin_of, reference_for, source_of
from libs.events.models import Contact, RequestAccepted
from libs.privacy.seal import new_key, seal
from services.intake.reading import noted
from services.intake.rules import Admission, channels_of, kept_contact
from services.intake.store import NewRequest
from services.intake.submission import Receipt, Submission
from services.intake.tokens import Secrets, fingerprint_of, token_for, token_hash


@dataclass(frozen=True, slots=True)
class Composed:
    """A request that passed all checks and waits to be kept."""

    row: NewRequest
    event: Event
    key: bytes
    receipt: Receipt


def compose(submission: Submission, admission: Admission, secrets: Secrets, now: datetime) -> Composed:
    """A new request, with an id, a key and a status page of its own."""
    request_id, key, data = new_request_id(), new_key(), submission.data
    token, contact = token_for(secrets, request_id), kept_contact(data.contact)
    accepted = RequestAccepted(
        request_id=request_id,
        reference=reference_for(request_id),
        territory=admission.release.territory.code,
        service=data.service,
        place=data.place,
        answers=data.answers,
        language=admission.language,
        channel=submission.channel,
        source=submission.source,
        source_id=submission.source_id,
        accepted_at=now,
        contact=_sealed_contact(key, request_id, contact, token),
        description=_sealed(key, request_id, "description", data.description),
        contact_channels=channels_of(contact),
        reading=noted(admission),
    )
    event = make_event(
        accepted,
        source=source_of("intake"),
        of=request_id,
        time=now,
        causation_id=submission.causation_id,
        directory_version=admission.release.version,
        traceparent=submission.traceparent,
        origin=origin_of(submission.source, submission.source_id),
    )
    row = NewRequest(
        request_id=request_id,
        source=submission.source,
        source_id=submission.source_id,
        fingerprint=fingerprint(submission, secrets),
        token_sha256=token_hash(token),
        event_id=event.id,
        accepted=accepted.model_dump_json(exclude_none=True),
        directory_version=admission.release.version,
        accepted_at=now,
    )
    return Composed(row, event, key, receipt(accepted, admission.release, secrets))


def fingerprint(submission: Submission, secrets: Secrets) -> bytes:
    """Of what was asked, without the number it was asked under."""
    return fingerprint_of(secrets, canonical(submission.data.model_copy(update={"source_id": None})))


def receipt(accepted: RequestAccepted, release: Release | None, secrets: Secrets) -> Receipt:
    """The answer for a request; always the same one by the same release. Without it nothing is said about danger."""
    request_id = accepted.request_id
    safety = safety_of(release, accepted.service, accepted.reading) if release else None
    return Receipt(request_id, accepted.reference, token_for(secrets, request_id), safety)


def _sealed_contact(key: bytes, request_id: UUID, contact: Contact | None, token: str) -> str | None:
    """With the token beside the address, so that the notifier can write the link."""
    if contact is None:
        return None
    return seal(key, request_id, "contact", orjson.dumps({**contact.model_dump(exclude_none=True), "token": token}))


def _sealed(key: bytes, request_id: UUID, field: str, text: str | None) -> str | None:
    return None if text is None else seal(key, request_id, field, text.encode())
