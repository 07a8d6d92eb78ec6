"""Can this be where a department is reached? Judged by its form alone; `check --online` asks the network."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL_PART = re.compile(r"^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*$")
HOST_LABEL = re.compile(r"^(?!-)[^\W_]([^\W_]|-){0,62}(?<!-)$")
HOST_CHARACTERS_MAX = 253  # of DNS
LOCAL_PART_CHARACTERS_MAX = 64  # of SMTP, as is the length of the whole address
EMAIL_CHARACTERS_MAX = 254


def as_email(text: str) -> str:
    """One address, without a name around it."""
    local, _, host = text.rpartition("@")
    is_local = LOCAL_PART.match(local) and len(local) <= LOCAL_PART_CHARACTERS_MAX
    if not is_local or not _is_host(host) or "." not in host or len(text) > EMAIL_CHARACTERS_MAX:
        raise ValueError("expected one e-mail address, such as works@town.example")
    return text


def as_webhook(text: str) -> str:
    """An address of the web, without a password in it."""
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
    return len(text) <= HOST_CHARACTERS_MAX and all(HOST_LABEL.match(label) for label in text.split("."))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
