"""How does a letter become the bytes of a mail?

Put together by hand: the standard library's EmailMessage took 2.3 ms for each of our letters on the machine of the
README, more than everything else that is done for a notice. The tests read the result back with the library's parser.
"""

import base64
import binascii
from collections.abc import Sequence

CRLF = "\r\n"
HEADER_LINE_BYTES_MAX = 76  # RFC 2047, section 2
# An encoded word is 75 characters at most, 12 of them “=?utf-8?b?” and “?=”; 45 bytes are 60 characters of base64.
WORD_BYTES_MAX = 45


def multipart(headers: Sequence[tuple[str, str]], boundary: str, text: str, html: str) -> bytes:
    """A mail with the same content as text and as HTML. `boundary` must occur in neither; a UUID's digits do not."""
    head = "".join(f"{name}: {encoded(value)}{CRLF}" for name, value in headers)
    parts = "".join(
        f"--{boundary}{CRLF}Content-Type: {kind}; charset=utf-8{CRLF}"
        f"Content-Transfer-Encoding: quoted-printable{CRLF}{CRLF}{_quoted(content)}{CRLF}"
        for kind, content in (("text/plain", text), ("text/html", html))
    )
    kind = f'Content-Type: multipart/alternative; boundary="{boundary}"'
    return f"{head}MIME-Version: 1.0{CRLF}{kind}{CRLF}{CRLF}{parts}--{boundary}--{CRLF}".encode("ascii")


def encoded(value: str) -> str:
    """A header's value; what is not plain ASCII becomes encoded words (RFC 2047), one to a line, no character cut."""
    if value.isascii() and value.isprintable():
        return value
    words: list[bytes] = [b""]
    for character in value:
        piece = character.encode()
        if len(words[-1]) + len(piece) > WORD_BYTES_MAX:
            words.append(b"")
        words[-1] += piece
    return f"{CRLF} ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def _quoted(content: str) -> str:
    """Quoted-printable: lines of 76 characters at most, ASCII only, so that any relay passes it on unchanged."""
    lines = content.replace("\r\n", "\n").replace("\r", "\n")
    return binascii.b2a_qp(lines.encode(), istext=True).decode("ascii").replace("\n", CRLF)
