"""Which knobs does compose.yaml itself have, beside the services' own settings?

Compose puts them into the file before anything runs, so it is compose that complains about a port that is no number;
the job `settings` checks all the rest.
"""

from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.service.settings import SHARED_PREFIX


class ComposeSettings(BaseSettings):
    """Everything in deploy/compose.yaml that a deployer may change without editing it."""

    model_config = SettingsConfigDict(env_prefix=SHARED_PREFIX, extra="forbid", frozen=True)

    publish_address: IPv4Address | IPv6Address = Field(
        IPv4Address("127.0.0.1"),
        description="this machine's address on which intake is published; 0.0.0.0 is every one. Put TLS in front of it",
    )
    publish_port: int = Field(8080, ge=1, le=65_535, description="the port there")
    secrets_folder: Path | None = Field(
        None, description="a folder of this machine with secrets of your own, beginning with / or ./; see README.md"
    )
    packs_folder: Path | None = Field(
        None, description="a folder of this machine with territory packs of your own, beginning with / or ./"
    )
    backup_folder: Path | None = Field(
        None, description="a folder of this machine for backups, beginning with / or ./; user 10001 must write there"
    )
    territories: str = Field(
        "val-de-brume bordeaux-metropole",
        pattern=r"^[a-z0-9][a-z0-9-]*( [a-z0-9][a-z0-9-]*)*$",
        description="packs that are published at the first start, names separated by one space",
    )

    python_image: str = Field("python:3.11-slim-bookworm", description="what our own image is built on")
    kafka_image: str = Field("apache/kafka:4.3.1", description="the image of Kafka")
    postgres_image: str = Field(
        "postgres:17", description="the image of PostgreSQL; a new major version needs a restore"
    )
    mailpit_image: str = Field("axllent/mailpit:v1.27.11", description="the image of Mailpit, in profile demo")

    kafka_heap_mib: int = Field(512, ge=256, description="Kafka's Java heap, MiB")
    kafka_memory_mib: int = Field(1_024, ge=512, description="memory that Kafka's container may take, MiB")
    postgres_memory_mib: int = Field(1_024, ge=256, description="memory that PostgreSQL's container may take, MiB")
    service_memory_mib: int = Field(512, ge=256, description="memory that each service's container may take, MiB")

    demo_requests: int = Field(1_000, ge=1, description="requests of the sample load, in profile demo")
    demo_rate: float = Field(10.0, ge=0.1, description="of these, requests a second")
    demo_mail_port: int = Field(
        8025, ge=1, le=65_535, description="port on 127.0.0.1 for Mailpit's page, in profile demo"
    )
