"""Which shapes and limits do the fields of all events share?

A limit stands here once; intake's form, the JSON Schemas and the parser all take it from this file. What is longer is
refused with a sentence that names the field, never cut.
"""

from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints, WithJsonSchema
from pydantic.types import UuidVersion

# PostgreSQL can keep U+0000 neither in text nor in jsonb, so a text with one would stop whoever stores it.
NO_NUL = r"^[^\x00]*$"

CODE_CHARACTERS_MAX = 100
NAME_CHARACTERS_MAX = 200
EMAIL_CHARACTERS_MAX = 254  # RFC 5321: a path holds 256 characters, two of them angle brackets
PHONE_CHARACTERS_MAX = 40
ADDRESS_CHARACTERS_MAX = 500
DESCRIPTION_CHARACTERS_MAX = 4_000  # what Open311 clients send; two pages of text
SENTENCE_CHARACTERS_MAX = 2_000
LANGUAGE_CHARACTERS_MAX = 35  # RFC 5646, section 4.4.1
ANSWER_CHARACTERS_MAX = 2_000
ANSWERS_MAX = 50
ANSWERS_BYTES_MAX = 8_192
LANGUAGES_MAX = 40
REASONS_MAX = 100
CANDIDATES_MAX = 200
CHANNELS_MAX = 10
GUESSES_MAX = 3  # what a person can choose from at a glance
HOPS_MAX = 100
# 4,000 characters are at most 16,000 bytes of UTF-8, 24,000 when JSON escapes them, 32,000 in base64.
SEALED_CHARACTERS_MAX = 33_000
INTEGER_MAX = 2**53 - 1  # beyond this, JSON readers that use doubles change the number

Code = Annotated[str, StringConstraints(min_length=1, max_length=CODE_CHARACTERS_MAX, pattern=NO_NUL)]
Name = Annotated[str, StringConstraints(max_length=NAME_CHARACTERS_MAX, pattern=NO_NUL)]
Address = Annotated[str, StringConstraints(max_length=ADDRESS_CHARACTERS_MAX, pattern=NO_NUL)]
Sentence = Annotated[str, StringConstraints(max_length=SENTENCE_CHARACTERS_MAX, pattern=NO_NUL)]
Translation = Annotated[str, StringConstraints(max_length=SENTENCE_CHARACTERS_MAX)]
Language = Annotated[
    str, StringConstraints(max_length=LANGUAGE_CHARACTERS_MAX, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
]
LocalText = Annotated[
    dict[Annotated[str, StringConstraints(max_length=LANGUAGE_CHARACTERS_MAX)], Translation],
    Field(max_length=LANGUAGES_MAX),
]
"""The same text in several languages, by language code. Written by us and read a dozen times in each decision: no
patterns, which would cost every reader 3 µs a message; U+0000 is refused for the whole body (cloudevents.py)."""

Sealed = Annotated[
    str,
    StringConstraints(max_length=SEALED_CHARACTERS_MAX, pattern=r"^v1\.[A-Za-z0-9_-]+=*\.[A-Za-z0-9_-]+=*$"),
]
"""AES-256-GCM under the request's own key: `v1.<nonce>.<ciphertext>`; libs.privacy opens it, and not after erasure."""

RequestId = Annotated[UUID, UuidVersion(7), WithJsonSchema({"type": "string", "format": "uuid"})]
"""A UUID of version 7: the ids of all later events, and their inbox partitions, take their time from it."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Confidence = Annotated[float, Field(ge=0, le=1, strict=True)]
Count = Annotated[int, Field(ge=0, le=INTEGER_MAX, strict=True)]

AnswerText = Annotated[str, StringConstraints(max_length=ANSWER_CHARACTERS_MAX, pattern=NO_NUL)]
AnswerInteger = Annotated[int, Field(ge=-INTEGER_MAX, le=INTEGER_MAX, strict=True)]
AnswerNumber = Annotated[float, Field(allow_inf_nan=False, strict=True)]
AnswerList = Annotated[list[AnswerText], Field(max_length=ANSWERS_MAX)]
Answer = AnswerText | bool | AnswerInteger | AnswerNumber | AnswerList | None
Answers = Annotated[dict[Code, Answer], Field(max_length=ANSWERS_MAX)]
"""Replies to a service's own questions, by question code."""
