"""Can mail reach this address, and how do mail and name servers write it?

As every relay takes it: ASCII before the @, because SMTPUTF8 would be needed all the way, and a name after it that DNS
can hold (IDNA 2008, after the mapping of UTS 46). Intake's doors, the packs and the notifier ask the same functions.
"""

import re
import unicodedata
from typing import Literal

import idna

from libs.characters import visible

EMAIL_CHARACTERS_MAX = 254  # RFC 5321: a path holds 256 characters, two of them angle brackets
LOCAL_PART_CHARACTERS_MAX = 64  # RFC 5321, section 4.5.3.1.1
HOST_CHARACTERS_MAX = 253  # of DNS
# Without quotes: what needs them is refused by most servers, and reads like two addresses or a header's end.
LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
HOST = re.compile(r"(?:(?!-)[A-Za-z0-9-]{1,63}(?<!-)\.)*(?!-)[A-Za-z0-9-]{1,63}(?<!-)")
# What nearly every address looks like; it needs no further question.
ORDINARY = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*\.)+([A-Za-z]{2,20})")
NEVER = re.compile(r'[\s<>(),;:@"\[\]\\]')
ACE = "xn--"  # how a name begins in DNS that is written otherwise elsewhere; what follows may be nonsense
NOBODYS = frozenset({"invalid", "localhost", "onion"})  # RFC 6761, RFC 7686: no mail server is ever found for these

Fault = Literal["form", "letters", "domain"]


class Unreachable(ValueError):
    """No mail can reach this address. `fault`: it has not the form of one, has letters before the @ that mail servers
    do not take, or a domain that cannot be."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault: Fault = fault


class NoHost(ValueError):
    """No name that DNS can hold."""


def tidied(address: str) -> str:
    """The address without what came along when it was copied: blanks around it, marks nobody sees, wide letters."""
    return address.strip() if address.isascii() else visible(unicodedata.normalize("NFKC", address)).strip()


def in_ascii(address: str) -> str:
    """As SMTP writes it. Raises `Unreachable`."""
    ordinary = ORDINARY.fullmatch(address)
    if ordinary and len(address) <= LOCAL_PART_CHARACTERS_MAX and ordinary[1].lower() not in NOBODYS:
        return address
    local, at, domain = tidied(address).rpartition("@")
    if not (local and at and domain) or NEVER.search(local + domain):
        raise Unreachable("form")
    if not local.isascii():
        raise Unreachable("letters")
    if not LOCAL_PART.fullmatch(local) or len(local) > LOCAL_PART_CHARACTERS_MAX:
        raise Unreachable("form")
    try:
        host = host_in_ascii(domain)
    except NoHost as error:
        raise Unreachable("domain") from error
    top = host.rpartition(".")[2].lower()
    if "." not in host or top.isdigit() or top in NOBODYS:
        raise Unreachable("domain")
    if len(local) + 1 + len(host) > EMAIL_CHARACTERS_MAX:
        raise Unreachable("form")
    return f"{local}@{host}"


def host_in_ascii(name: str) -> str:
    """As DNS writes it, IDNA 2008. Raises `NoHost`."""
    plain = name
    if not name.isascii() or ACE in name.lower():
        try:
            plain = idna.encode(name, uts46=True).decode("ascii")
        except UnicodeError as error:
            raise NoHost(name) from error
    if len(plain) > HOST_CHARACTERS_MAX or not HOST.fullmatch(plain):
        raise NoHost(name)
    return plain
