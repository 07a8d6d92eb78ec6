"""What may somebody hand in, and how is it tidied before it is judged?

Texts are judged as they will be kept: without blanks at their edges, with one kind of line end, addresses and numbers
without marks that nobody sees. So the same content passes every door, however keyboards, browsers and pages wrote it.
A limit counts what somebody would count: in long texts, which travel sealed, characters as people see them, and in
short ones, which all readers of the events check again, code points after composition (NFC).
"""

import re
import unicodedata
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from libs import mailbox
from libs.characters import is_longer, visible
from libs.events.fields import (
    ADDRESS_CHARACTERS_MAX,
    DESCRIPTION_CHARACTERS_MAX,
    EMAIL_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    NO_NUL,
    PHONE_CHARACTERS_MAX,
    SENTENCE_CHARACTERS_MAX,
    Address,
    Answers,
    Code,
    Language,
    Name,
    Sentence,
)

# Some characters are many code points (a family of joined faces has seven); six bytes is what each may take on average.
# For 4,000 characters that is what fits sealed into SEALED_CHARACTERS_MAX.
BYTES_A_CHARACTER = 6
PHONE_DIGITS_MIN = 3  # the shortest numbers of information services
# Digits, what stands between them, and words, because “poste 12” and “after six” belong to a number for whoever dials.
PHONE = re.compile(r"[\w+(). /,;:#*'’·-]+")
DASHES = re.compile(r"[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")
BLANKS = re.compile(r"\s+")


def tidied(text: Any) -> Any:
    """One kind of line end, no blank edges. What is nothing but blanks stays one of them, for others to leave out."""
    if not isinstance(text, str):
        return text
    return one_line_end(text).strip() or text[:1]


def one_line_end(text: str) -> str:
    """Browsers and some systems send each line end as two characters."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def is_too_long(text: str, characters_max: int) -> bool:
    """Whether a text that travels sealed has more characters than so many, or takes more bytes than those may."""
    return is_longer(text, characters_max) or _takes_more(text, characters_max * BYTES_A_CHARACTER)


def _takes_more(text: str, bytes_max: int) -> bool:
    return len(text) * 4 > bytes_max and len(text.encode()) > bytes_max


def within(characters_max: int) -> Callable[[str], str]:
    """The check of a text that travels sealed."""
    bytes_max = characters_max * BYTES_A_CHARACTER

    def check(text: str) -> str:
        if is_longer(text, characters_max):
            limit = {"max_length": characters_max}
            raise PydanticCustomError("string_too_long", "more than {max_length} characters", limit)
        if _takes_more(text, bytes_max):
            raise PydanticCustomError("too_many_bytes", "more than {max_bytes} bytes", {"max_bytes": bytes_max})
        return text

    return check


def _composed(characters_max: int) -> Callable[[Any], Any]:
    def tidy(text: Any) -> Any:
        text = tidied(text)
        return unicodedata.normalize("NFC", text) if isinstance(text, str) and len(text) > characters_max else text

    return tidy


def _code(text: Any) -> Any:
    return tidied(visible(text)) if isinstance(text, str) else text


def _email(text: Any) -> Any:
    return mailbox.tidied(text) if isinstance(text, str) else text


def _reachable(address: str) -> str:
    if address:
        try:
            mailbox.in_ascii(address)
        except mailbox.Unreachable as error:
            raise PydanticCustomError("email_" + error.fault, "cannot be reached by mail") from error
    return address


def _phone(text: Any) -> Any:
    if not isinstance(text, str) or (text.isascii() and text == text.strip()):
        return text
    plain = visible(unicodedata.normalize("NFKC", DASHES.sub("-", text)))
    digits = "".join(str(unicodedata.decimal(mark, mark)) for mark in DASHES.sub("-", plain))
    return BLANKS.sub(" ", digits).strip()


def _dialled(number: str) -> str:
    if number and (not PHONE.fullmatch(number) or sum(map(str.isdecimal, number)) < PHONE_DIGITS_MIN):
        raise PydanticCustomError("phone_form", "is no telephone number")
    return number


def _answers(answers: Any) -> Any:
    if not isinstance(answers, dict):
        return answers
    tidy = _composed(0)
    return {name: [*map(tidy, each)] if isinstance(each, list) else tidy(each) for name, each in answers.items()}


def about(characters_max: int, what: str) -> Any:
    """A schema counts code points of the raw text; its limit is the one above which nothing is ever taken."""
    return Field(
        description=f"{what}; at most {characters_max:,} characters as people see them, a line end being one",
        json_schema_extra={"maxLength": characters_max * BYTES_A_CHARACTER},
    )


# The tidying stands last: then it runs first, and the schema of what it hands on is the one that is published.
GivenText = Annotated[str, StringConstraints(pattern=NO_NUL), BeforeValidator(tidied)]
"""For long texts, whose limit is added with `within` and told with `about`."""

GivenCode = Annotated[Code, BeforeValidator(_code)]
GivenLanguage = Annotated[Language, BeforeValidator(_code)]
GivenName = Annotated[Name, BeforeValidator(_composed(NAME_CHARACTERS_MAX))]
GivenAddress = Annotated[Address, BeforeValidator(_composed(ADDRESS_CHARACTERS_MAX))]
GivenSentence = Annotated[Sentence, BeforeValidator(_composed(SENTENCE_CHARACTERS_MAX))]
GivenPersonName = Annotated[
    GivenText, AfterValidator(within(NAME_CHARACTERS_MAX)), about(NAME_CHARACTERS_MAX, "as the person writes it")
]
GivenDescription = Annotated[
    GivenText, AfterValidator(within(DESCRIPTION_CHARACTERS_MAX)), about(DESCRIPTION_CHARACTERS_MAX, "in plain words")
]
GivenEmail = Annotated[
    str,
    StringConstraints(max_length=EMAIL_CHARACTERS_MAX),
    AfterValidator(_reachable),
    BeforeValidator(_email),
    Field(description="one address, ASCII before the @ and a domain that can be after it (IDNA 2008)"),
]
GivenPhone = Annotated[
    str,
    StringConstraints(max_length=PHONE_CHARACTERS_MAX),
    AfterValidator(_dialled),
    BeforeValidator(_phone),
    Field(description="with its digits, and whatever helps to dial it: + ( ) . / - blanks, an extension in words"),
]
GivenAnswers = Annotated[Answers, BeforeValidator(_answers)]
