"""Is a mail shown as it was meant, however it is written?"""

from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from libs.operate.mailbox.read import detail, summary
from libs.operate.mailbox.store import Mail

WHEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def mail(content: bytes) -> Mail:
    return Mail(7, WHEN, ("a@x.example", "b@x.example"), content)


def test_a_mail_is_summed_up_with_the_fields_of_mailpit() -> None:
    message = EmailMessage()
    message["Subject"] = "Votre demande a été reçue"
    message["Message-ID"] = "<1@guichet.example>"
    message.set_content("Bonjour")
    assert summary(mail(message.as_bytes())) == {
        "ID": "7",
        "MessageID": "1@guichet.example",
        "To": [{"Address": "a@x.example"}, {"Address": "b@x.example"}],
        "Subject": "Votre demande a été reçue",
        "Created": "2026-11-23T10:00:00Z",
    }


def test_the_plain_text_is_shown_where_there_are_two() -> None:
    message = EmailMessage()
    message.set_content("nid-de-poule à Mérignac")
    message.add_alternative("<p>html</p>", subtype="html")
    found = detail(mail(message.as_bytes()))
    assert found["Text"].strip() == "nid-de-poule à Mérignac"
    assert found["Headers"]["MIME-Version"] == ["1.0"]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"Subject: =?nonsense?Q?x?=\r\n\r\nbody",
        b"Content-Type: text/plain; charset=klingon\r\n\r\n\xff\xff",
        b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n",
        b"To: <<<>>>@@\r\nFrom: \xe9\r\nDate: never\r\nMessage-ID: <<<\r\n\r\nbody",
        b"Content-Transfer-Encoding: base64\r\n\r\n!!!",
    ],
)
def test_a_malformed_mail_is_shown_all_the_same(content: bytes) -> None:
    assert detail(mail(content))["ID"] == "7"
