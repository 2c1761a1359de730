"""What the knowledge base reads from the environment, once."""

from __future__ import annotations

import datetime

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KnowledgeBaseSettings(BaseSettings):
    """Settings of the knowledge base."""

    model_config = SettingsConfigDict(env_prefix="KB_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8004, ge=1, le=65535, description="Port to listen on.")
    delay_ms: float = Field(
        default=15.0, ge=0.0, le=60_000.0, description="Milliseconds an answer takes at least."
    )
    jitter_ms: float = Field(
        default=10.0,
        ge=0.0,
        le=60_000.0,
        description="Up to this many milliseconds are added to the delay, evenly spread.",
    )
    error_rate: float = Field(
        default=0.0, ge=0.0, le=1.0, description="Share of requests that are answered with 503."
    )
    seed: int = Field(default=7, description="Seed of the jitter and of the failing requests.")
    today: datetime.date | None = Field(
        default=None,
        description="The day that order dates are counted from (ISO 8601). Empty: the real day.",
    )
