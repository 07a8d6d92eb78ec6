"""How can two events be seen to concern the same person, without anyone seeing the person?"""

import hmac
import unicodedata


def pseudonym(secret: bytes, text: str) -> str:
    """HMAC-SHA-256 in hexadecimal of `text`, after what people write differently for the same thing is evened out.

    Without the secret it cannot be reversed by trying all numbers or addresses, as a plain hash could.
    """
    evened = unicodedata.normalize("NFC", text).strip().casefold()
    return hmac.digest(secret, evened.encode(), "sha256").hex()
