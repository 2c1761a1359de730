"""What the demo traffic reads from the environment, once."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class TrickleSettings(BaseSettings):
    """Where the demo traffic goes and how dense it is."""

    model_config = SettingsConfigDict(env_prefix="TRICKLE_", frozen=True)

    gateway_url: str = Field(default="http://127.0.0.1:8000", description="Address of the gateway.")
    key: SecretStr = Field(
        default=SecretStr(""),
        description="Bearer key for the gateway; GATEWAY_LOAD_KEY is meant for this.",
    )
    mean_period_s: float = Field(
        default=20.0,
        gt=0,
        le=86_400,
        description="Seconds between the starts of two sessions, on average.",
    )
    mean_think_s: float = Field(
        default=3.0,
        ge=0,
        le=600,
        description="Seconds a user takes before the next message, on average.",
    )
    model: str | None = Field(
        default="smollm2", description="Model asked for; empty for the gateway's own."
    )
    at_once: int = Field(
        default=4,
        ge=1,
        le=64,
        description="Sessions that may run at the same time; more are left out.",
    )
    seed: int | None = Field(
        default=None, description="Seed of the chances, for the same traffic again."
    )
