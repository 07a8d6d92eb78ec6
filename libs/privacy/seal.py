"""How is what is personal kept from everyone but those who hold the request's key?

AES-256-GCM under a key of that request alone. The request and the field are authenticated with the text, so that a
sealed contact cannot be passed off as another request's, or as a description. A request's key is itself kept wrapped
by the master key in the same way.
"""

import base64
import binascii
import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.privacy.errors import Erased, Unreadable
from libs.privacy.keyfile import KEY_BYTES
from libs.privacy.keyfile import create_key as create_master_key
from libs.privacy.keyfile import load_key as load_master_key

__all__ = ["create_master_key", "load_master_key", "new_key", "seal", "unseal", "unwrap", "wrap"]

VERSION = "v1"
# 96 random bits, as GCM wants them. NIST SP 800-38D allows 2**32 of these under one key: a request's key seals a
# handful of texts, and the master key wraps one key for each request, so it lasts for four thousand million requests.
NONCE_BYTES = 12
TAG_BYTES = 16
FIELD_OF_A_KEY = "key"  # what a wrapped key is authenticated as; no event has a sealed field of this name


def new_key() -> bytes:
    return os.urandom(KEY_BYTES)


def seal(key: bytes, request_id: UUID, field: str, plaintext: bytes) -> str:
    """`v1.<nonce>.<ciphertext>`, both in base64url without padding; never twice the same."""
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, plaintext, _bound_to(request_id, field))
    return f"{VERSION}.{_text(nonce)}.{_text(ciphertext)}"


def unseal(key: bytes | None, request_id: UUID, field: str, sealed: str) -> bytes:
    """What was sealed.

    `Erased` when there is no key any more; `Unreadable` when there is one but it does not open this text: damaged,
    or sealed for another field, another request or under another key (GCM cannot tell which, and must not).
    """
    if key is None:
        raise Erased(f"the key of request {request_id} was erased; its {field} cannot be read any more")
    nonce, ciphertext = _parts(sealed, field)
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, _bound_to(request_id, field))
    except InvalidTag as error:
        raise Unreadable(
            f"the sealed {field} of request {request_id} is damaged or was sealed for something else"
        ) from error


def wrap(master: bytes, request_id: UUID, key: bytes) -> bytes:
    """`key`, sealed by the master key for this request: nonce, then ciphertext with its tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(master).encrypt(nonce, key, _bound_to(request_id, FIELD_OF_A_KEY))


def unwrap(master: bytes, request_id: UUID, wrapped: bytes) -> bytes:
    if len(wrapped) != NONCE_BYTES + KEY_BYTES + TAG_BYTES:
        raise Unreadable(f"the stored key of request {request_id} has {len(wrapped)} bytes; it is damaged")
    try:
        return AESGCM(master).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _bound_to(request_id, FIELD_OF_A_KEY)
        )
    except InvalidTag as error:
        raise Unreadable(
            f"the key of request {request_id} does not open: it is damaged, or this is not the master key it was "
            "wrapped with (check the file named by GUICHET_MASTER_KEY_FILE)"
        ) from error


def _bound_to(request_id: UUID, field: str) -> bytes:
    return f"{request_id}/{field}".encode()


def _parts(sealed: str, field: str) -> tuple[bytes, bytes]:
    version, _, rest = sealed.partition(".")
    nonce_text, _, ciphertext_text = rest.partition(".")
    if version != VERSION:
        raise Unreadable(f"the sealed {field} is not of version {VERSION}, the only one known here")
    try:
        nonce, ciphertext = _bytes(nonce_text), _bytes(ciphertext_text)
    except (binascii.Error, ValueError) as error:
        raise Unreadable(f"the sealed {field} is not base64url") from error
    if len(nonce) != NONCE_BYTES or len(ciphertext) < TAG_BYTES:
        raise Unreadable(f"the sealed {field} is cut short")
    return nonce, ciphertext


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
