"""Which knobs does the notifier have?"""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict

from libs.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables NOTIFIER_…"""

    model_config = SettingsConfigDict(env_prefix="NOTIFIER_")

    http_port: int = Field(8082, ge=1, le=65535, description="port to listen on")

    smtp_host: str = Field("127.0.0.1", description="the mail relay that takes all our mail")
    smtp_port: int = Field(1025, ge=1, le=65535, description="the relay's port")
    smtp_tls: Literal["none", "starttls", "implicit"] = Field(
        "none", description="how the relay is reached: none only on a network you trust; starttls (587); implicit (465)"
    )
    smtp_ca_file: Path | None = Field(None, description="who signed the relay's certificate; else the system's list")
    smtp_username: str | None = Field(None, description="our user at the relay, when it asks for one")
    smtp_password: SecretStr | None = Field(None, description="that user's password")
    smtp_password_file: Path | None = Field(
        None, description="a file with that password, in place of NOTIFIER_SMTP_PASSWORD"
    )
    smtp_seconds_max: float = Field(30.0, gt=0, le=300, description="how long the relay may take for one answer")
    smtp_mails_per_connection: int = Field(
        100, ge=1, description="then a new connection is made; many relays end one after some hundred mails"
    )
    mail_from: str = Field(
        "guichet@guichet.example",
        pattern=r"^[!-?A-~]+@[A-Za-z0-9.-]+$",
        description="the address our mails come from; its domain is also that of their Message-IDs",
    )
    mail_from_name: str = Field("Guichet", max_length=100, description="the name beside that address")
    link_days: int = Field(
        90, ge=1, le=3_650, description="how long a department can answer by the link in its mail, without a login"
    )
    received_delay_seconds: float = Field(
        60.0,
        ge=0,
        le=3_600,
        description="how long “received” waits for the decision, whose mail then says both; 0: two mails",
    )
    map_url: str = Field(
        "https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=18/{lat}/{lon}",
        description="the map that a department's mail links to, {lat} and {lon} being the place; empty: none",
    )

    email_lanes: int = Field(4, ge=1, le=50, description="connections to the relay at once")
    email_group_notices: int = Field(
        8, ge=1, le=16, description="mails marked as being sent together: times lanes, what a crash leaves in doubt"
    )
    email_unknown_outcome: Literal["hold", "resend"] = Field(
        "hold", description="a mail that may have left when we crashed: hold it and say so, or send it again"
    )

    webhook_lanes: int = Field(16, ge=1, le=200, description="connections to departments' systems at once")
    webhook_lanes_per_endpoint: int = Field(2, ge=1, le=50, description="of these, to one endpoint")
    webhook_group_notices: int = Field(8, ge=1, le=16, description="webhooks that one connection carries in a row")
    webhook_seconds_max: float = Field(
        15.0, gt=0, le=120, description="how long a webhook may take until its status is here"
    )
    webhook_names: Literal["notice", "event"] = Field(
        "notice",
        description="what webhooks are called: by their own names, or by those of events, which older receivers know",
    )
    webhook_may_be_private: bool = Field(
        False,
        description="true lets webhooks reach private and loopback addresses: departments on our own network",
    )
    webhook_may_be_plain: bool = Field(False, description="true lets webhooks go to http:// as well")

    keep_days: int = Field(
        120, ge=91, description="how long settled notices are kept; longer than the topics they came from (90 days)"
    )
