"""Which knobs does the router have? Only where it listens: what it decides comes from the directory."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Environment variables ROUTER_…"""

    model_config = SettingsConfigDict(env_prefix="ROUTER_")

    http_port: int = Field(8081, ge=1, le=65535, description="port to listen on")
