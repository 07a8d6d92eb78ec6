"""Is every address that mail can reach taken, however it was copied, and every other one told apart?"""

import pytest

from libs.directory.endpoints import as_email, as_webhook
from libs.mailbox import NoHost, Unreachable, host_in_ascii, in_ascii, tidied


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("lena@citizen.example", "lena@citizen.example"),
        ("le\u200bna@citizen.example", "lena@citizen.example"),
        ("\ufefflena@citizen.example", "lena@citizen.example"),
        ("lena@citi\u00adzen.example\u2060", "lena@citizen.example"),
        ("\u202alena@citizen.example\u202c", "lena@citizen.example"),
        (" lena@citizen.example\u00a0", "lena@citizen.example"),
        ("ｌｅｎａ＠citizen．example", "lena@citizen.example"),
        ("o'neil+mairie_1@citizen.example", "o'neil+mairie_1@citizen.example"),
        ("lena@Straße.example", "lena@xn--strae-oqa.example"),
        ("lena@xn--strae-oqa.example", "lena@xn--strae-oqa.example"),
        ("lena@mairie-e\u0301vry.example", "lena@xn--mairie-vry-h7a.example"),
        ("lena@Δήμος.example", "lena@xn--jxalzmp.example"),
        ("agent@mairie.local", "agent@mairie.local"),
    ],
)
def test_an_address_is_written_as_mail_servers_know_it(typed: str, sent: str) -> None:
    assert in_ascii(typed) == sent
    assert in_ascii(tidied(typed)) == sent


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        *((each, "form") for each in ("", "lena", "@citizen.example", "lena@", "a@b@citizen.example", "a b@x.example")),
        *((each, "form") for each in ("a..b@x.example", ".a@x.example", "a.@x.example", '"a b"@x.example')),
        *(
            (each, "form")
            for each in ("a@[127.0.0.1]", "A <a@x.example>", "a@x.example,b@x.example", "a\u00a0b@x.example")
        ),
        *((each, "form") for each in ("a@x.example\nBcc: b@x.example", "x" * 65 + "@x.example", "a\\b@x.example")),
        *((each, "letters") for each in ("rené@x.example", "rene\u0301@x.example", "🙂@x.example", "анна@x.example")),
        *(
            (each, "domain")
            for each in ("a@x", "a@localhost", "a@x.invalid", "a@x.onion", "a@x.example.", "a@.x.example")
        ),
        *((each, "domain") for each in ("a@x..example", "a@-x.example", "a@x-.example", "a@x_y.example", "a@10.0.0.1")),
        *(
            (each, "domain")
            for each in ("a@" + "x" * 64 + ".example", "a@xn--zz.example", "a@☃.example", "a@xn--n3h.example")
        ),
        ("a@" + ".".join(["x" * 60] * 5), "domain"),
        ("abcd@" + ".".join(["x" * 62] * 4), "form"),  # DNS could hold it, a mail's path cannot
    ],
)
def test_an_address_that_no_mail_reaches_is_told_apart(typed: str, fault: str) -> None:
    with pytest.raises(Unreachable) as caught:
        in_ascii(typed)
    assert caught.value.fault == fault


@pytest.mark.parametrize("name", ["", "a..b", "a b", "a_b", "-a", "x" * 64, "☃", "xn--zz"])
def test_what_dns_cannot_hold_is_no_host(name: str) -> None:
    with pytest.raises(NoHost):
        host_in_ascii(name)


def test_a_pack_names_only_endpoints_that_can_be_reached() -> None:
    assert as_email("voirie@mairie-évry.example\u200b") == "voirie@mairie-évry.example"
    assert as_webhook("https://straße.example/hook") == "https://straße.example/hook"
    assert as_webhook("https://hooks:8443/a") == "https://hooks:8443/a"
    for address in ("éclairage@mairie.example", "voirie@mairie", "voirie@☃.example"):
        with pytest.raises(ValueError, match=r"works@town\.example"):
            as_email(address)
    for address in ("https://☃.example/", "https://xn--zz.example/", "https://a_b.example/"):
        with pytest.raises(ValueError, match="names a host"):
            as_webhook(address)
