"""Is every mail one that any relay and any reader understands, and is every address one that we may connect to?"""

import asyncio
import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.policy import default
from email.utils import parseaddr
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from libs.privacy.links import link_key
from services.notifier.channels.addresses import checked_address, is_public
from services.notifier.channels.email import Email, Envelope, Relay, ascii_address
from services.notifier.channels.links import Links
from services.notifier.channels.mime import Mailbox, multipart
from services.notifier.channels.smtp import named
from services.notifier.channels.templates import Templates
from services.notifier.channels.webhook_secret import secret_for
from services.notifier.letter import Away, Limits, Taken, Undeliverable
from services.notifier.rules import language_for
from tests.unit.test_notifier_templates import EVERYTHING

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
LINK_KEY = link_key(b"m" * 32)
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=300)


def read(content: bytes) -> Any:
    return message_from_bytes(content, policy=default)


def decoded(words: str) -> str:
    return str(make_header(decode_header(words)))


def lines_of(part: Any) -> str:
    """The part's text. A line ends with CRLF in a mail; the library turns it into LF in most texts, not in all."""
    return str(part.get_content()).replace("\r\n", "\n").rstrip("\n")


@example(text="", html="\n0", subject="0")
@given(text=TEXT, html=TEXT, subject=st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1))
def test_a_mail_reads_back_as_it_was_written(text: str, html: str, subject: str) -> None:
    content = multipart([("Subject", subject)], "0123456789abcdef" * 2, text, html)
    mail = read(content)
    assert content.isascii()
    assert max(len(line) for line in content.split(b"\r\n")) <= 998  # RFC 5321, section 4.5.3.1.6
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert str(mail["Subject"]).split() == subject.split()
    plain, marked_up = mail.iter_parts()
    assert lines_of(plain) == text.rstrip("\n")
    assert lines_of(marked_up) == html.rstrip("\n")


def test_a_header_cannot_become_two() -> None:
    mail = read(multipart([("Subject", "one\r\nBcc: everybody@citizen.example")], "b" * 32, "x", "x"))
    assert mail["Bcc"] is None


LONG = "Métropole de la Vallée de l’Ombre, direction de l’espace public, de la voirie et de l’éclairage"


@pytest.mark.parametrize(
    "text", [LONG * 3, "é" * 200, "plain words of a long subject " * 12, "=?utf-8?q?not_a_word?=", "é"]
)
@pytest.mark.parametrize("name", ["Subject", "X-A-Header-With-A-Rather-Long-Name"])
def test_a_long_header_is_folded_into_words_of_75_characters(text: str, name: str) -> None:
    content = multipart([(name, text.strip())], "b" * 32, "x", "x")
    lines = content.partition(b"MIME-Version")[0].decode().split("\r\n")
    assert all(len(line) <= 76 and line.strip() for line in lines[:-1])
    assert all(len(word) <= 75 for line in lines for word in line.split() if word.startswith("=?"))
    assert str(read(content)[name]) == text.strip()


@pytest.mark.parametrize(
    "name", ["Guichet", LONG, "Mairie d'Évry", 'Roads, "Works" <x>', "=?utf-8?b?YQ==?=", "é" * 100, ""]
)
def test_a_sender_with_a_long_name_is_one_that_every_reader_understands(name: str) -> None:
    content = multipart([("From", Mailbox("guichet@town.example", name))], "b" * 32, "x", "x")
    words = re.findall(rb"=\?utf-8\?\S+\?=", content)
    assert all(len(word) <= 75 for word in words)
    assert all(len(line) <= 76 for line in content.partition(b"MIME-Version")[0].split(b"\r\n"))
    written, address = parseaddr(message_from_bytes(content)["From"])
    assert address == "guichet@town.example"
    assert decoded(written) == name  # word by word: the library's newer parser puts blanks between those of a name


def a_channel() -> Email:
    relay = Relay(
        host="127.0.0.1",
        port=9,
        tls="none",
        username=None,
        password=None,
        ca_file=None,
        seconds_max=1.0,
        mails_per_connection_max=10,
    )
    stamp = Envelope(sender="guichet@town.example", sender_name="Guichet")
    links = Links(public_url="https://guichet.example", key=LINK_KEY, days=90)
    return Email(relay, stamp, links, Templates(), Limits(1, 1, 1), lambda: NOW)


def a_notice(**changes: Any) -> Taken:
    number = UUID("019ab0c2-7000-8000-8000-000000000001")
    fields: dict[str, Any] = {
        "notice_id": number,
        "event_id": number,
        "request_id": number,
        "audience": "citizen",
        "kind": "routed",
        "channel": "email",
        "recipient": "f" * 64,
        "language": "fr",
        "destination": "smtp",
        "address": None,
        "sealed": {},
        "facts": {name: EVERYTHING[name] for name in EVERYTHING if name not in {"link", "note", "description"}},
        "directory_version": "v",
        "attempts": 1,
        "sender": number,
        "gone_reason": None,
    }
    return Taken(**(fields | changes))


CONTACT = {"contact": orjson.dumps({"email": "anna@citizen.example", "token": "secret-token"})}


def test_a_mail_says_what_it_is_and_to_which_request_it_belongs() -> None:
    letter = a_channel().write(a_notice(), CONTACT)
    mail = read(letter.content)
    assert letter.message_id == mail["Message-ID"] == "<019ab0c2-7000-8000-8000-000000000001@town.example>"
    assert mail["References"] == mail["In-Reply-To"] == "<019ab0c2-7000-8000-8000-000000000001@town.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "fr"
    assert mail["List-Id"] is None
    assert mail["To"] == letter.address == "anna@citizen.example"
    assert "https://guichet.example/r/secret-token" in mail.get_body(("plain",)).get_content()


def test_the_same_notice_keeps_its_message_id_at_every_attempt() -> None:
    first, second = (a_channel().write(a_notice(attempts=attempts), CONTACT) for attempts in (1, 2))
    assert first.message_id == second.message_id


def test_a_department_never_sees_the_citizens_link() -> None:
    notice = a_notice(audience="department", kind="new_request", address="roads@metro.example")
    letter = a_channel().write(notice, {"description": b"a hole"})
    assert b"/r/" not in letter.content
    assert b"a hole" in letter.content


@pytest.mark.parametrize("contact", [b"{}", b"not json", b'{"email": 5}'])
def test_a_contact_without_an_address_cannot_be_told(contact: bytes) -> None:
    with pytest.raises(Undeliverable):
        a_channel().write(a_notice(), {"contact": contact})


def test_a_relay_that_is_away_is_an_answer_of_its_own() -> None:
    async def open_line() -> None:
        async with a_channel().line("smtp"):
            raise AssertionError

    with pytest.raises(Away, match="relay-away"):
        asyncio.run(open_line())


@pytest.mark.parametrize(
    ("given_", "sent"),
    [
        ("anna@citizen.example", "anna@citizen.example"),
        ("anna@mairie-évry.example", "anna@xn--mairie-vry-h7a.example"),
        ("anna@straße.example", "anna@xn--strae-oqa.example"),
        ("an\u200bna@citizen.example\ufeff", "anna@citizen.example"),  # accepted before the doors took such marks out
    ],
)
def test_a_domain_is_written_as_dns_knows_it(given_: str, sent: str) -> None:
    assert ascii_address(given_) == sent


@pytest.mark.parametrize("address", ["", "anna", "@citizen.example", "änna@citizen.example"])
def test_an_address_no_relay_would_take_is_told_at_once(address: str) -> None:
    with pytest.raises(Undeliverable):
        ascii_address(address)


def test_a_reason_never_repeats_what_a_server_said() -> None:
    assert named("smtp", ConnectionResetError("anna@citizen.example")) == "smtp ConnectionResetError"


HIDDEN: tuple[str, ...] = (
    "127.0.0.1",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
)
HIDDEN += ("255.255.255.255", "192.0.2.1", "198.18.0.1", "240.0.0.1", "::1", "::", "fe80::1", "fc00::1", "fec0::1")
HIDDEN += ("ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1")
HIDDEN += ("64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:4136:e378:8000:63bf:80ff:fffe")


@pytest.mark.parametrize("address", HIDDEN)
def test_an_address_of_our_own_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_an_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "::1"])
async def test_no_spelling_of_a_private_address_gets_through(host: str) -> None:
    with pytest.raises(Away):
        await checked_address(host, 443, may_be_private=False)


def test_each_endpoint_has_a_secret_of_its_own() -> None:
    secrets = {
        secret_for(key, url) for key in (b"a" * 32, b"b" * 32) for url in ("https://a.example", "https://b.example")
    }
    assert len(secrets) == 4
    assert all(secret.startswith("whsec_") for secret in secrets)


@pytest.mark.parametrize(
    ("asked", "spoken", "language"),
    [
        ("sv", ("fr",), "sv"),
        ("fr-CA", ("en",), "fr"),
        ("de", ("fr", "en"), "fr"),
        (None, ("sv", "en"), "sv"),
        ("de", ("de",), "en"),
        ("de", (), "en"),
    ],
)
def test_who_asks_in_a_language_we_cannot_write_gets_the_territorys(
    asked: str | None, spoken: tuple[str, ...], language: str
) -> None:
    assert language_for(asked, spoken) == language
