"""Which submissions are taken, and where do they belong? Pure functions of a submission and a release."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

import orjson
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from libs.directory.asked import where_of
from libs.directory.place import locate, locate_many
from libs.directory.reading import Reading
from libs.directory.release import Release
from libs.events.envelope import InvalidEvent
from libs.events.fields import NAME_CHARACTERS_MAX
from libs.events.identity import COUNTER_SOURCE
from libs.events.models import Contact, RequestSubmitted
from libs.events.place import Place

Channel = Literal["api", "counter", "kafka"]

IDEMPOTENCY_KEY_CHARACTERS_MIN = 16  # 64 random bits in hexadecimal; shorter ones of strangers would meet
KNOWN_NAMES_MAX = 20  # an error that lists what exists stays readable; the rest is at /api/v1/services
SCHEMA_VALUE_CHARACTERS_MAX = 200
VALIDATORS_MAX = 512  # more services with questions than any territory has

CONTACT_CHANNELS = ("email", "phone")
CONTACT_FIELDS = ("name", *CONTACT_CHANNELS)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a submission is not taken: a stable slug, a sentence with the remedy, and the field."""

    slug: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Where a submission belongs."""

    release: Release
    language: str
    reading: Reading | None = None
    """What was read in the description, while it was still in the clear."""


def normalised(data: RequestSubmitted) -> RequestSubmitted:
    """The same content however it was typed: `libs.events.given` has tidied it, and here what is empty is left out."""
    changes: dict[str, object] = {}
    for name in ("territory", "service", "description", "language", "source_id"):
        given: str | None = getattr(data, name)
        if given is not None and (kept := _tidy(given)) != given:
            changes[name] = kept
    if data.contact is not None and (contact := _tidy_contact(data.contact)) != data.contact:
        changes["contact"] = contact
    return data.model_copy(update=changes) if changes else data


def channels_of(contact: Contact | None) -> list[str]:
    """By which channels the person can be told something, without saying the address."""
    return [name for name in CONTACT_CHANNELS if contact is not None and getattr(contact, name)]


def kept_contact(contact: Contact | None) -> Contact | None:
    """What is kept of it: name and telephone serve only to ask, so without the person's word they are not kept."""
    if contact is None or contact.may_be_asked:
        return contact
    return Contact(email=contact.email) if contact.email else None


def refusal_of(error: InvalidEvent) -> Refusal:
    """An unreadable body in this door's words: a missing place has a slug of its own."""
    return Refusal("no-place" if error.field == "place" else error.slug, error.message, error.field)


def source_of(key_source: str | None) -> str:
    """The name under which a sender's own numbers are unique; without a key it is the counter's."""
    return COUNTER_SOURCE if key_source is None else key_source


def number_of(source_id: str | None, drawn: str | None, *, has_key: bool) -> str | Refusal | None:
    """The sender's own number for a request: source_id, else what it drew for this call (Idempotency-Key, `ce-id`).

    People without a key have only the latter. They share one source, so it has to be one that nobody else draws.
    """
    if has_key:
        return source_id or drawn or None
    if source_id:
        message = "source_id needs an API key; send an Idempotency-Key header instead"
        return Refusal("invalid-field", message, "source_id")
    if drawn and len(drawn) < IDEMPOTENCY_KEY_CHARACTERS_MIN:
        least = f"{IDEMPOTENCY_KEY_CHARACTERS_MIN} characters without an API key"
        return Refusal("invalid-field", f"Idempotency-Key (or ce-id) needs {least}; send a UUID", "Idempotency-Key")
    return drawn or None


def number_among(sender: str, source: str, number: str) -> str:
    """A CloudEvent's id is unique within its own `source` only; that of the sender need not be said again."""
    return number if source == sender else f"{source} {number}"


def identity_refusal(source: str, source_id: str | None, channel: Channel) -> Refusal | None:
    """Who may claim which name. The pair decides whether a request was handed in before."""
    if channel == "kafka" and source == COUNTER_SOURCE:
        message = f"ce_source {COUNTER_SOURCE} is intake's own; send the name of your system"
        return Refusal("source-reserved", message, "ce_source")
    for field, text in (("source", source), ("source_id", source_id or "")):
        if len(text) > NAME_CHARACTERS_MAX:
            message = f"{field} has more than {NAME_CHARACTERS_MAX} characters; shorten it"
            return Refusal("invalid-field", message, field)
        if not text.isprintable():
            return Refusal("invalid-field", f"{field} has characters that cannot be printed; take them out", field)
    return None


def repeat_refusal(earlier: bytes, now: bytes) -> Refusal | None:
    """The same number with the same content is the same request; with another content it is a mistake."""
    if hmac.compare_digest(earlier, now):
        return None
    message = "this source_id (or Idempotency-Key) was used for another content; use a new one for a new request"
    return Refusal("idempotency-key-reused", message, "source_id")


def outcomes_of(
    submitted: Sequence[RequestSubmitted], in_force: Mapping[str, Release], at: datetime
) -> list[dict[str, str]]:
    """For each submission, what the territories in question say of its place: found, ambiguous, outside or unknown.

    All places of a territory are looked up at once, which costs a fraction of one by one.
    """
    outcomes: list[dict[str, str]] = [{} for _ in submitted]
    for code, release in in_force.items():
        asked = [index for index, data in enumerate(submitted) if data.territory in (None, code)]
        day = release.calendar.local(at).toordinal()
        places = locate_many(release, [where_of(submitted[index].place) for index in asked], [day] * len(asked))
        for index, located in zip(asked, places, strict=True):
            outcomes[index][code] = located.outcome
    return outcomes


def admit(
    data: RequestSubmitted, outcomes: Mapping[str, str], in_force: Mapping[str, Release], known: Sequence[str]
) -> Admission | Refusal:
    """The release that will decide, or why none will. `outcomes` are this submission's, of `outcomes_of`."""
    territory = territory_for(data.territory, outcomes, known)
    if isinstance(territory, Refusal):
        return territory
    release = in_force[territory]
    if data.service is not None and data.service not in release.services:
        return _unknown_service(data.service, release)
    refusal = answers_refusal(release, data.service, data.answers)
    return refusal or Admission(release, language_for(data.language, release.territory.languages))


def territory_for(named: str | None, outcomes: Mapping[str, str], known: Sequence[str]) -> str | Refusal:
    """The named territory, else the one that the place is in, else the only one there is."""
    by_outcome: dict[str, list[str]] = {}
    for code, outcome in outcomes.items():
        by_outcome.setdefault(outcome, []).append(code)
    inside = by_outcome.get("found", []) + by_outcome.get("ambiguous", [])
    candidates = inside or ([] if "outside" in by_outcome else list(outcomes))
    if len(candidates) == 1:
        return candidates[0]
    if not candidates and outcomes:
        return _outside(by_outcome)
    return unknown_territory(named, known)


def territory_asked(named: str | None, outcomes: Mapping[str, str], known: Sequence[str]) -> str | Refusal:
    """The same for a mere question, which may also be about a place outside: any territory can say that it is."""
    territory = territory_for(named, outcomes, known)
    outside = [code for code, outcome in outcomes.items() if outcome == "outside"]
    return outside[0] if isinstance(territory, Refusal) and outside else territory


def places_in(place: Place, in_force: Mapping[str, Release], at: datetime) -> dict[str, str]:
    """What each of these territories says of a place."""
    return {code: locate(release, where_of(place), at).outcome for code, release in in_force.items()}


def language_for(asked: str | None, spoken: Sequence[str]) -> str:
    """The language asked for when the territory speaks it, also without its region, else the territory's first."""
    if asked is None:
        return spoken[0]
    primary = asked.partition("-")[0]
    return next((language for language in (asked, primary) if language in spoken), spoken[0])


def answers_refusal(release: Release, service: str | None, answers: Mapping[str, Any]) -> Refusal | None:
    """Whether the answers fit the service's own questions. What was answered is not repeated: it may be personal."""
    questions = release.services[service].questions if service is not None else None
    if not questions:
        return None
    error = best_match(_validator(orjson.dumps(questions)).iter_errors(dict(answers)))
    if error is None:
        return None
    field = ".".join(["answers", *map(str, error.absolute_path)])
    return Refusal("invalid-field", f"{field} {_expectation(error)}; see /api/v1/services for the questions", field)


@lru_cache(maxsize=VALIDATORS_MAX)
def _validator(schema: bytes) -> Draft202012Validator:
    return Draft202012Validator(orjson.loads(schema))


def _expectation(error: ValidationError) -> str:
    if error.validator == "required":
        required: Any = error.validator_value
        given: Any = error.instance
        missing = [name for name in required if name not in given]
        return f"must have {', '.join(missing)}"
    expected = orjson.dumps(error.validator_value).decode()[:SCHEMA_VALUE_CHARACTERS_MAX]
    return f"must fit {error.validator} {expected}"


def _unknown_service(code: str, release: Release) -> Refusal:
    territory = release.territory.code
    remedy = f"see /api/v1/services?territory={territory}, or leave service out and describe what it is about"
    return Refusal("unknown-service", f"service {code!r} is not offered in {territory}; {remedy}", "service")


def _outside(by_outcome: Mapping[str, Sequence[str]]) -> Refusal:
    message = f"the place lies outside {' and '.join(by_outcome['outside'])}; check it, or ask who serves it"
    if unsure := by_outcome.get("unknown"):
        message += f"; name the territory if it is in {' or '.join(unsure)}"
    return Refusal("out-of-territory", message, "place")


def unknown_territory(named: str | None, known: Sequence[str]) -> Refusal:
    """No territory, or too many, come into question."""
    problem = f"territory {named!r} is not served here" if named else "the place does not say which territory is meant"
    names = ", ".join(sorted(known)[:KNOWN_NAMES_MAX]) or "none yet"
    return Refusal("unknown-territory", f"{problem}; give territory, one of: {names}", "territory")


def _tidy(text: str) -> str | None:
    return text.strip() or None


def _tidy_contact(contact: Contact) -> Contact | None:
    kept: dict[str, Any] = {name: _tidy(getattr(contact, name) or "") for name in CONTACT_FIELDS}
    return Contact.model_construct(**kept, may_be_asked=contact.may_be_asked) if any(kept.values()) else None
