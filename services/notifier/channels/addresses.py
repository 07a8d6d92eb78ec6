"""May we connect there? A name from the directory must not lead into our own network.

The name is resolved once, every address it has is checked, and the connection is made to a checked address: a name that
resolves differently a moment later (DNS rebinding) leads nowhere else.
"""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from services.notifier.letter import Away

RESOLVE_SECONDS_MAX = 5.0
NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
IPv4_IN_IPv6 = IPv6Network("::/96")  # deprecated, still routed by some systems


async def checked_address(host: str, port: int, *, may_be_private: bool) -> str:
    """An address of the host that may be connected to. `Away` when it has none, or one that may not be: names are
    wrong for a while, when a resolver answers for itself or a record was mistyped."""
    try:
        async with asyncio.timeout(RESOLVE_SECONDS_MAX):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError) as error:
        raise Away("name-unknown") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in found]
    if not may_be_private and not all(is_public(address) for address in addresses):
        raise Away("address-not-public")
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address belongs to the public internet, also when it hides an IPv4 address inside an IPv6 one."""
    address = ip_address(text)
    if isinstance(address, IPv6Address):
        inner = _ipv4_in(address)
        if inner is not None:
            return is_public(str(inner))
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64 or address in IPv4_IN_IPv6:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return None
