"""Does `check --online` find the address that leads nowhere, asking a real name server, and say when there is none?"""

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.query
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from libs.operate import endpoints
from libs.operate.output import Away
from tests.unit import directory_packs as packs
from tests.unit.directory_packs import files

ZONE = {
    ("town.fr.", "MX"): "10 mail.town.fr.",
    ("null.fr.", "MX"): "0 .",
    ("plain.fr.", "A"): "192.0.2.1",
    ("six.fr.", "AAAA"): "2001:db8::1",
    ("hooks.fr.", "A"): "192.0.2.2",
    ("xn--strae-oqa.fr.", "A"): "192.0.2.3",
}
NAMES = {name for name, _ in ZONE}


def answer(query: dns.message.Message) -> dns.message.Message:
    reply = dns.message.make_response(query)
    name, kind = query.question[0].name.to_text(), dns.rdatatype.to_text(query.question[0].rdtype)
    if (name, kind) in ZONE:
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", kind, ZONE[name, kind]))
    elif name not in NAMES:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    return reply


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A name server on the loopback that knows six names."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = ["127.0.0.1"]
        resolver.port = server.getsockname()[1]
        monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        endpoints.takes_mail.cache_clear()
        endpoints.has_address.cache_clear()
        yield
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", server.getsockname())
        thread.join()


def serve(server: socket.socket) -> None:
    while True:
        wire, where = server.recvfrom(4096)
        if not wire:
            return
        server.sendto(answer(dns.message.from_wire(wire)).to_wire(), where)


@pytest.mark.parametrize(
    ("host", "takes"),
    [
        ("town.fr", True),
        ("plain.fr", True),  # no exchanger, but an address
        ("six.fr", True),
        ("null.fr", False),  # says itself that it takes none
        ("gone.fr", False),
        ("town.example", False),
    ],
)
def test_mail_is_taken_where_dns_says_so(name_server: None, host: str, takes: bool) -> None:
    assert endpoints.takes_mail(host) is takes


def test_an_address_that_leads_nowhere_is_told_on_its_line(name_server: None) -> None:
    rows = packs.DEPARTMENTS.replace("aval.example,", "town.fr,https://hooks.fr/in").replace("bourg.example", "gone.fr")
    rows = rows.replace("crete.example,", "town.fr,https://gone.fr/in").replace("douve.example", "plain.fr")
    rows = "\n".join(row for row in rows.splitlines() if "metro.example" not in row and "state.example" not in row)
    found = endpoints.unresolved(files(departments=rows))
    assert [(one.code, one.line, one.message) for one in found] == [
        ("endpoint-unresolved", 3, "no server takes mail for gone.fr"),
        ("endpoint-unresolved", 4, "the name gone.fr leads to no address"),
    ]


def test_without_a_name_server_nothing_is_blamed_on_the_pack(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = []
    monkeypatch.setattr(dns.resolver, "default_resolver", resolver)
    endpoints.takes_mail.cache_clear()
    with pytest.raises(Away, match="No name server answers"):
        endpoints.unresolved(files(departments=packs.DEPARTMENTS.replace("aval.example", "nowhere.fr")))


def test_a_name_is_asked_for_as_the_notifier_will_write_it(name_server: None) -> None:
    assert endpoints.has_address("straße.fr")
    assert not endpoints.has_address("☃.fr")
