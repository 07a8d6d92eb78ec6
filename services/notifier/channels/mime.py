"""How does a letter become the bytes of a mail?

Put together by hand: the standard library's EmailMessage took 2.3 ms for each of our letters on the machine of the
README, more than everything else that is done for a notice. The tests read the result back with the library's parser.
"""

import base64
import binascii
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import formataddr

CRLF = "\r\n"
# RFC 2047, section 2: of a line with an encoded word; RFC 5322 asks for 78 of any other.
HEADER_LINE_CHARACTERS_MAX = 76
# Each encoded word of ours is a line of its own after a blank, so it has the 75 characters that RFC 2047 allows.
WORD = "=?utf-8?b?{}?="
WORD_BEGINS = "=?"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Who a mail is from or to: an ASCII address, and the name beside it if there is one."""

    address: str
    name: str = ""


Header = tuple[str, str | Mailbox]


def multipart(headers: Sequence[Header], boundary: str, text: str, html: str) -> bytes:
    """A mail with the same content as text and as HTML. `boundary` must occur in neither; a UUID's digits do not."""
    head = "".join(_header(*header) for header in headers)
    parts = "".join(
        f"--{boundary}{CRLF}Content-Type: {kind}; charset=utf-8{CRLF}"
        f"Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}{_quoted(content)}{CRLF}"
        for kind, content in (("text/plain", text), ("text/html", html))
    )
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"'
    return f"{head}MIME-Version: 1.0{CRLF}{kind}{CRLF}{CRLF}{parts}--{boundary}--{CRLF}".encode("ascii")


def _header(name: str, value: str | Mailbox) -> str:
    column = len(name) + 2
    return f"{name}: {_mailbox(value, column) if isinstance(value, Mailbox) else encoded(value, column)}{CRLF}"


def _mailbox(mailbox: Mailbox, column: int) -> str:
    """The name is quoted while it is plain, else encoded; in neither form does it hide another address."""
    if not mailbox.name or _is_plain(mailbox.name):
        return formataddr((mailbox.name, mailbox.address))
    return f"{encoded(mailbox.name, column)}{CRLF} <{mailbox.address}>"


def encoded(value: str, column: int = 0) -> str:
    """A text of a header, of whose first line so many characters are taken: folded at its blanks while it is plain,
    else in encoded words (RFC 2047), one to a line, no character cut."""
    if not _is_plain(value):
        return f"{CRLF} ".join(WORD.format(base64.b64encode(piece).decode()) for piece in _pieces(value, column))
    if len(value) <= HEADER_LINE_CHARACTERS_MAX - column:
        return value
    lines = textwrap.wrap(
        value,
        HEADER_LINE_CHARACTERS_MAX,
        initial_indent=" " * column,
        subsequent_indent=" ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    return CRLF.join(lines)[column:]


def _is_plain(value: str) -> bool:
    """Whether readers take it as it stands: they decode what looks like an encoded word, and fold blanks into one."""
    return value.isascii() and value.isprintable() and WORD_BEGINS not in value and value == " ".join(value.split())


def _pieces(value: str, column: int) -> Iterator[bytes]:
    """As much of a text as fits into each encoded word; the first shares its line with the header's name."""
    piece, room = b"", _bytes_within(HEADER_LINE_CHARACTERS_MAX - column)
    for character in value:
        more = character.encode()
        if len(piece) + len(more) > room:
            yield piece
            piece, room = b"", _bytes_within(HEADER_LINE_CHARACTERS_MAX - 1)
        piece += more
    yield piece


def _bytes_within(characters: int) -> int:
    """How many bytes an encoded word of so many characters holds: base64 makes four of three."""
    return (characters - len(WORD.format(""))) // 4 * 3


def _quoted(content: str) -> str:
    """Quoted-printable: lines of 76 characters at most, ASCII only, so that any relay passes it on unchanged."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode(), istext=True).decode("ascii").replace("\n", CRLF)
