"""Where does a password come from that stands in no environment? From a file that holds nothing else."""

from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

FILE_BYTES_MAX = 1_024  # a password is shorter; anything larger is another file named by mistake


def password_in(file: Path) -> str:
    """What stands in the file, without the end of its line. ValueError with a sentence that never shows it."""
    try:
        with file.open("rb") as opened:
            text = opened.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise ValueError(
            f"{file} cannot be read ({error.strerror}); put the password into it or name another file"
        ) from error
    password = text.decode(errors="replace").rstrip("\r\n")
    if not password or len(text) > FILE_BYTES_MAX or "\n" in password:
        raise ValueError(f"{file} does not hold one line with a password; put the password into it")
    return password


def with_password(dsn: str, file: Path | None) -> str:
    """A database's address with the password of this file in it; as it is without a file."""
    if file is None:
        return dsn
    parts = urlsplit(dsn)
    holder, _, place = parts.netloc.rpartition("@")
    user = holder.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password_in(file), safe='')}@{place}"))
