"""Where do secrets that outlive a process come from? Each from one file that holds 32 bytes in base64."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from libs.privacy.errors import KeyFileInvalid

KEY_BYTES = 32  # AES-256, HMAC-SHA-256 and an Ed25519 seed all take exactly this many.
KEY_FILE_BYTES_MAX = 1_024  # A key is 44 characters; anything much larger is another file named by mistake.


def create_key(path: Path) -> bytes:
    """Write a new random key to `path`, readable by its owner only, and return it.

    The file appears whole or not at all, and one that exists is never overwritten (`FileExistsError`): losing a
    master key loses everything sealed under it.
    """
    key = secrets.token_bytes(KEY_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(key) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)  # unlike a rename, a link refuses to replace a file
    finally:
        draft.unlink()
    return key


def load_key(path: Path) -> bytes:
    """The key in `path`; `KeyFileInvalid` when there is none. The message never shows what the file holds."""
    try:
        with path.open("rb") as file:
            text = file.read(KEY_FILE_BYTES_MAX)
    except OSError as error:
        raise KeyFileInvalid(
            f"{path}: cannot be read ({error.strerror}); create the key or name another file"
        ) from error
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        raise KeyFileInvalid(f"{path}: is not base64; it must hold {KEY_BYTES} bytes in base64") from error
    if len(key) != KEY_BYTES:
        raise KeyFileInvalid(f"{path}: holds {len(key)} bytes; it must hold {KEY_BYTES} bytes in base64")
    return key
