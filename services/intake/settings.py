"""Which knobs does intake have?"""

from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated

from pydantic import Field, StringConstraints
from pydantic_settings import SettingsConfigDict

from libs.service.settings import ServiceSettings

# What browsers send as Origin: no path, not even a slash; one that never matches would only look like a setting.
Origin = Annotated[
    str, StringConstraints(pattern=r"^(\*|https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?)$")
]


class Settings(ServiceSettings):
    """Everything that can be set for intake alone, as INTAKE_ variables."""

    model_config = SettingsConfigDict(env_prefix="INTAKE_")

    http_port: int = Field(8080, ge=1, le=65_535, description="port of the counter page and the HTTP interface")
    audit_url: str = Field(
        "http://127.0.0.1:8083", description="where the public reaches audit, for links to histories"
    )
    keys_file: Path | None = Field(
        None, description="API keys, a JSON list that `guichet keys` writes; re-read when it changes. None: no keys."
    )
    anonymous_is_allowed: bool = Field(True, description="whether requests are taken without an API key")
    anonymous_requests_per_minute: float = Field(
        30.0, gt=0, description="requests a minute that one address may hand in without a key"
    )
    anonymous_burst: int = Field(20, ge=1, description="how many of those requests may come at once")
    key_requests_per_second: float = Field(
        5_000.0, gt=0, description="requests a second for a key that names no limit of its own"
    )
    key_burst: int = Field(10_000, ge=1, description="how many of those requests may come at once")
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = Field(
        (), description="networks whose X-Forwarded-For is believed, as a JSON list. None by default"
    )
    cors_origins: tuple[Origin, ...] = Field(
        (),
        description="origins (scheme, host, port) whose pages may call the HTTP interface from a browser, as "
        "a JSON list; `*` is any. None by default; never with cookies",
    )
    body_bytes_max: int = Field(
        131_072,
        ge=1_024,
        description="largest body of a request; the longest fields take less, in a form's writing too",
    )
    body_seconds_max: float = Field(10.0, gt=0, description="how long a body may take to arrive")
    session_minutes: int = Field(
        60, ge=5, le=720, description="how long a person at a desk stays logged in without doing anything"
    )
    group_requests_max: int = Field(200, ge=1, description="how many requests are committed in one transaction")
    queue_requests_max: int = Field(
        5_000, ge=1, description="how many requests may wait for their commit; the next is answered 503"
    )
