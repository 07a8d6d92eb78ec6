"""Is PostgreSQL's address written in words that our client understands?

Addresses are copied from programs that use libpq. What libpq alone understands, asyncpg hands to the server as a
setting of the session, which refuses it with a sentence about something else.
"""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

SCHEMES = ("postgresql://", "postgres://")
HOST = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^:/\[\]]*)(:\d{1,5})?")  # several, separated by commas, may be tried in turn
EXAMPLE = "postgresql://user:password@host:port/database"
CONNECT_TIMEOUT = "connect_timeout"
CONNECT_SECONDS_DEFAULT = 3.0  # a door that waits longer is a door that hangs
CONNECT_SECONDS_MAX = 30.0
# https://www.postgresql.org/docs/current/libpq-connect.html, less what asyncpg reads itself or the server takes.
LIBPQ_ALONE = frozenset(
    {
        *("keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout"),
        *("hostaddr", "fallback_application_name", "replication", "gssencmode", "gssdelegation", "sslcompression"),
        *("sslcrldir", "sslsni", "sslcertmode", "requirepeer", "require_auth", "channel_binding", "load_balance_hosts"),
        *("requiressl", "min_protocol_version", "max_protocol_version", "scram_client_key", "scram_server_key"),
        *("oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope", "servicefile"),
    }
)


def checked(dsn: str) -> str:
    """The address as it is. ValueError with a sentence that names the word and shows no password."""
    if not dsn.startswith(SCHEMES):
        raise ValueError(f"it must begin with postgresql://; write it as {EXAMPLE}")
    parts = urlsplit(dsn)
    if not all(HOST.fullmatch(host) for host in parts.netloc.rpartition("@")[2].split(",")):
        raise ValueError(f"it is no address; write it as {EXAMPLE}, special characters as %XX")
    words = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(LIBPQ_ALONE & words.keys())
    if unknown:
        raise ValueError(
            f"{', '.join(unknown)}: only clients that use libpq understand this; take it out of the address "
            "(each of our statements has a limit of 30 s, after which a dead connection is given up)"
        )
    _connect_seconds(words)
    return dsn


def for_asyncpg(dsn: str) -> tuple[str, float]:
    """The address without what asyncpg takes as an argument, and how many seconds connecting may take."""
    parts = urlsplit(dsn)
    words = parse_qsl(parts.query, keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in words if name != CONNECT_TIMEOUT], safe="/")
    return urlunsplit(parts._replace(query=kept)), _connect_seconds(dict(words))


def _connect_seconds(words: dict[str, str]) -> float:
    """libpq: 0 or less waits without end, which nothing here does."""
    if CONNECT_TIMEOUT not in words:
        return CONNECT_SECONDS_DEFAULT
    try:
        seconds = int(words[CONNECT_TIMEOUT])
    except ValueError as error:
        raise ValueError(f"{CONNECT_TIMEOUT} is a number of seconds, 1 to {CONNECT_SECONDS_MAX:.0f}") from error
    return CONNECT_SECONDS_MAX if seconds <= 0 else min(float(seconds), CONNECT_SECONDS_MAX)
