"""What the NLU reads from the environment, once."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class NluSettings(BaseSettings):
    """Settings of the NLU."""

    model_config = SettingsConfigDict(env_prefix="NLU_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8001, ge=1, le=65535, description="Port to listen on.")
    database_url: SecretStr = Field(
        default=SecretStr("postgresql+psycopg://turnscope@127.0.0.1:5433/turnscope"),
        description="SQLAlchemy URL of the database that holds catalogue and products.",
    )
    pool_size: int = Field(default=5, ge=1, le=50, description="Database connections kept open.")
    lookup_timeout_s: float = Field(
        default=2.0,
        gt=0,
        le=30,
        description="Longest wait for the product look-up of a parse, seconds.",
    )
    training_retry_s: float = Field(
        default=1.0, gt=0, le=60, description="Pause between tries to read the catalogue, seconds."
    )
    cpu_workers: int = Field(
        default=2, ge=1, le=32, description="Messages that are embedded and classified at once."
    )
    model_threads: int = Field(
        default=1, ge=1, le=16, description="Threads the embedding model uses for one message."
    )
    max_tokens: int = Field(
        default=128, ge=16, le=256, description="Tokens of a message that are read; more are cut."
    )
    product_least_score: float = Field(
        default=0.55,
        ge=0.3,
        le=1,
        description="Least trigram similarity at which a product counts as named.",
    )
