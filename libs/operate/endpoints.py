"""Do the addresses of a pack's departments lead to a server? Asked of DNS, and only when somebody wants to know."""

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlsplit

import dns.exception
import dns.inet
import dns.resolver

from libs.directory import Finding, parse_pack
from libs.mailbox import NoHost, host_in_ascii
from libs.operate.output import Away, progress_bar

ANSWER_SECONDS_MAX = 5.0  # for one name; a name server that is there answers in a tenth of it
# Names that stand for nobody by agreement (RFC 2606, RFC 6761): no name server is asked about them.
NOBODY = ("example", "invalid", "test", "localhost", "example.com", "example.net", "example.org")


def unresolved(files: Mapping[str, str]) -> list[Finding]:
    """One finding for each address that leads nowhere. `Away` when no name server answers."""
    departments = parse_pack(files).departments
    findings = []
    with progress_bar() as bar:
        task = bar.add_task("Asking DNS", total=len(departments))
        for entry in departments:
            if entry["email"] and not takes_mail(host := entry["email"].rpartition("@")[2]):
                findings.append(entry.found("endpoint-unresolved", f"no server takes mail for {host}"))
            if entry["webhook"] and not has_address(host := urlsplit(entry["webhook"]).hostname or ""):
                findings.append(entry.found("endpoint-unresolved", f"the name {host} leads to no address"))
            bar.advance(task)
    return findings


@lru_cache(10_000)  # a town has many departments and one mail server
def takes_mail(host: str) -> bool:
    """A mail exchanger, or, as RFC 5321 allows, an address of the domain's own; a null MX (RFC 7505) takes none."""
    if _is_nobody(host):
        return False
    exchangers = _ask(host, "MX")
    if exchangers:
        return any(record.split()[-1] != "." for record in exchangers)
    return has_address(host)


@lru_cache(10_000)
def has_address(host: str) -> bool:
    """An IPv4 or IPv6 address; a host that is one needs no name server."""
    if dns.inet.is_address(host):
        return True
    return not _is_nobody(host) and bool(_ask(host, "A") or _ask(host, "AAAA"))


def _is_nobody(host: str) -> bool:
    name = host.lower().rstrip(".")
    return any(name == reserved or name.endswith(f".{reserved}") for reserved in NOBODY)


def _ask(host: str, kind: str) -> list[str]:
    """The records as text, none for a name that does not exist."""
    try:
        # By the same rules as the notifier's; the resolver's own are those of IDNA 2003.
        found = dns.resolver.resolve(host_in_ascii(host), kind, lifetime=ANSWER_SECONDS_MAX, search=False)
        return [record.to_text() for record in found]
    except (NoHost, dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.resolver.NoResolverConfiguration, dns.resolver.NoNameservers, dns.exception.Timeout) as error:
        raise Away(f"No name server answers for {host} ({type(error).__name__}); try again with a network.") from error
