"""Who is calling, what may they do, and how often? A key's holder, or a person known by nothing but an address."""

import ipaddress
import time
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from libs.delivery.errors import Rejected
from services.intake.keys import ApiKey, Keys, Scope
from services.intake.rates import Buckets

IPV6_PREFIX_BITS = 64  # one subscriber has at least a /64, and could send each request from another address of it
# Somebody who types fast pauses twice a second; an office behind one address has a few such people at a time.
LOOKS_PER_SECOND = 10.0
LOOKS_BURST = 60
FORWARDED_MAX = 20  # more hops than any real chain of proxies


class RateLimited(Rejected):
    """Too many requests came from here; wait as long as Retry-After says."""

    default_slug = "rate-limited"

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """Rates in requests a second, bursts in requests."""

    anonymous_is_allowed: bool
    anonymous_per_second: float
    anonymous_burst: int
    key_per_second: float
    key_burst: int
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()


class Callers:
    """Knows callers by their `Authorization` header or address."""

    def __init__(self, keys: Keys, limits: Limits) -> None:
        self._keys = keys
        self._limits = limits
        self._buckets = Buckets()

    def key_of(self, headers: Headers) -> ApiKey | None:
        """The key of this call, None without one. Raises `Rejected` (key-unknown) for one that is not known."""
        authorization = headers.get("authorization")
        if authorization is None:
            return None
        scheme, _, secret = authorization.partition(" ")
        key = self._keys.find(secret.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            raise Rejected(
                "this API key is not known; send `Authorization: Bearer gk_...` with yours", slug="key-unknown"
            )
        return key

    def key_for(self, headers: Headers, scope: Scope) -> ApiKey:
        """A key that may do this. Raises `Rejected`: key-required, key-unknown or scope-missing."""
        key = self.key_of(headers)
        if key is None:
            raise Rejected("send `Authorization: Bearer gk_...` with an API key", slug="key-required")
        if scope not in key.scopes:
            raise Rejected(f"the key {key.name!r} lacks the scope {scope}; ask for it", slug="scope-missing")
        return key

    def holder(self, sha256: str, scope: Scope) -> ApiKey | None:
        """The key with this hash, when it is still given out and may still do this."""
        key = self._keys.by_sha256(sha256)
        return key if key is not None and scope in key.scopes else None

    def submitter(self, connection: HTTPConnection) -> ApiKey | None:
        """Who hands in a request, within their rate; None is a person without a key. Raises `Rejected`."""
        headers = connection.headers
        if "authorization" in headers:
            key = self.key_for(headers, "submit")
            per_second = key.requests_per_second or self._limits.key_per_second
            self._take("key " + key.name, per_second, key.burst or self._limits.key_burst)
            return key
        if not self._limits.anonymous_is_allowed:
            raise Rejected("requests need an API key here; send `Authorization: Bearer gk_...`", slug="key-required")
        self.count_anonymous(connection)
        return None

    def count_anonymous(self, connection: HTTPConnection) -> None:
        """Take one from the address's allowance. Raises `RateLimited`. The counter page calls this too."""
        self._take(self.address(connection), self._limits.anonymous_per_second, self._limits.anonymous_burst)

    def count_look(self, connection: HTTPConnection) -> None:
        """Take one from the address's allowance of look-ups while somebody types. Raises `RateLimited`."""
        self._take("look " + self.address(connection), LOOKS_PER_SECOND, LOOKS_BURST)

    def address(self, connection: HTTPConnection) -> str:
        """The address that limits go by."""
        return address_of(connection, self._limits.trusted_proxies)

    def _take(self, sender: str, per_second: float, burst: int) -> None:
        wait_seconds = self._buckets.take(sender, per_second, burst, time.monotonic())
        if wait_seconds:
            raise RateLimited(wait_seconds)


def address_of(connection: HTTPConnection, trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The address that is limited: the last one in the chain that is not a proxy we trust; of IPv6 its /64.

    X-Forwarded-For counts only when the peer is such a proxy: anybody can write anything into it.
    """
    address = connection.client.host if connection.client else ""
    if trusted:
        forwarded = ",".join(connection.headers.getlist("x-forwarded-for")).split(",")
        for hop in reversed(forwarded[-FORWARDED_MAX:]):
            if not hop.strip() or not _is_in(address, trusted):
                break
            address = hop.strip()
    return _network(address)


def _is_in(address: str, networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(IPv6Network((parsed, IPV6_PREFIX_BITS), strict=False))
