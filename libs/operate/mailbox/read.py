"""What does a stored mail say, to a program and to a person?"""

from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from libs.operate.mailbox.store import Mail

# What the standard library's header parser raises for headers that are none; some of it is by oversight.
BROKEN_HEADER = (MessageError, ValueError, IndexError, AttributeError, LookupError)
UNREADABLE = "(this part cannot be read as text)"


def parse(mail: Mail) -> EmailMessage:
    """Never fails: what is malformed becomes a defect that the parser notes and a text that is empty."""
    return message_from_bytes(mail.content, policy=policy.default)


def header(message: EmailMessage, name: str) -> str:
    """Reading one header takes a tenth of a millisecond, so a list reads no others."""
    return next((_readable(found, str(raw)) for found, raw in message.raw_items() if found.lower() == name.lower()), "")


def headers(message: EmailMessage) -> dict[str, list[str]]:
    """Every header by its name in lower case; one that cannot be read is shown as it came."""
    found: dict[str, list[str]] = {}
    for name, raw in message.raw_items():
        found.setdefault(name.lower(), []).append(_readable(name, str(raw)))
    return found


def _readable(name: str, raw: str) -> str:
    try:
        return str(policy.default.header_fetch_parse(name, raw))
    except BROKEN_HEADER:
        return raw


def summary(mail: Mail) -> dict[str, Any]:
    """A line of the list; the body is not looked at."""
    message = BytesParser(policy=policy.default).parsebytes(mail.content, headersonly=True)
    return {
        "ID": str(mail.id),
        "MessageID": header(message, "Message-ID").strip("<> "),
        "To": [{"Address": recipient} for recipient in mail.recipients],
        "Subject": header(message, "Subject"),
        "Created": mail.created_at.isoformat().replace("+00:00", "Z"),
    }


def detail(mail: Mail) -> dict[str, Any]:
    message = parse(mail)
    written = {name.lower(): name for name, _ in message.raw_items()}
    named = {written[name]: values for name, values in headers(message).items()}
    return {**summary(mail), "Text": text_of(message), "Headers": named, "Size": len(mail.content)}


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain", "html"))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except (LookupError, ValueError):  # an unknown character set, or bytes that are not of it
        return UNREADABLE
