"""Can this be where a department is reached? Judged by its form alone; `check --online` asks the network."""

from ipaddress import ip_address
from urllib.parse import urlsplit

from libs import mailbox
from libs.characters import visible

EMAIL_FAULTS = {
    "form": "expected one e-mail address, such as works@town.example",
    "letters": "mail servers take no letters such as é before the @; expected an address such as works@town.example",
    "domain": "the name after the @ cannot exist; expected an address such as works@town.example",
}


def as_email(text: str) -> str:
    """One address, without a name around it."""
    try:
        mailbox.in_ascii(text)
    except mailbox.Unreachable as error:
        raise ValueError(EMAIL_FAULTS[error.fault]) from error
    return mailbox.tidied(text)


def as_webhook(text: str) -> str:
    """An address of the web, without a password in it."""
    text = visible(text).strip()
    parts = urlsplit(text)
    try:
        has_port = parts.port != 0
    except ValueError as error:
        raise ValueError(f"the port of the address cannot be: {error}") from error
    if parts.scheme not in ("https", "http") or not has_port or any(mark.isspace() for mark in text):
        raise ValueError("expected an address that begins with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("an address must not hold a user name or a password: the pack is published")
    if not _is_host(parts.hostname or "") and not _is_address(parts.hostname or ""):
        raise ValueError("expected an address that begins with https:// and names a host")
    return text


def _is_host(text: str) -> bool:
    try:
        mailbox.host_in_ascii(text)
    except mailbox.NoHost:
        return False
    return True


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
