"""Which knobs does audit have?"""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from libs.ledger.note import KEY_NAME, Verifier
from libs.privacy.keyfile import load_key
from libs.service.settings import ServiceSettings


class Settings(ServiceSettings):
    """Everything that can be set for audit alone, as AUDIT_ variables."""

    model_config = SettingsConfigDict(env_prefix="AUDIT_")

    http_port: int = Field(8083, ge=0, le=65_535, description="Where history, proofs and checkpoints are served.")
    key_file: Path = Field(description="The key that signs checkpoints: an Ed25519 seed, 32 bytes in base64.")
    origin: str = Field(
        "guichet.example/audit",
        description="The log's name in every checkpoint, like an address without its scheme. Never change it.",
    )
    former_verifier_keys: tuple[str, ...] = Field(
        (), description="Verifier keys (name+id+key) that signed earlier checkpoints of this log, as a JSON list."
    )
    checkpoint_seconds: float = Field(
        1.0, ge=0.1, le=3_600, description="Pause between looking for news to sign. tlog-tiles advises one second."
    )

    @field_validator("key_file")
    @classmethod
    def _holds_a_key(cls, path: Path) -> Path:
        load_key(path)
        return path

    @field_validator("origin")
    @classmethod
    def _is_a_key_name(cls, origin: str) -> str:
        if not KEY_NAME.fullmatch(origin):
            raise ValueError("an origin is not empty and has neither spaces nor plus signs, like ville.example/audit")
        return origin

    @field_validator("former_verifier_keys")
    @classmethod
    def _are_verifier_keys(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            Verifier.from_text(text)
        return texts
