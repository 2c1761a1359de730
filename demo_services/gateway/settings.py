"""What the gateway reads from the environment, once."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class GatewaySettings(BaseSettings):
    """Settings of the gateway."""

    model_config = SettingsConfigDict(env_prefix="GATEWAY_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8000, ge=1, le=65535, description="Port to listen on.")
    api_key: str = Field(
        min_length=16, description="Bearer key of ordinary clients; generated at the first start."
    )
    load_key: str = Field(
        default="",
        description="Bearer key of load generators and replays, with a rate limit of its own; "
        "empty: there is none.",
    )
    rate_limit: str = Field(
        default="20/second",
        description="Requests an ordinary key may make, as `<count>/<second|minute|hour>`.",
    )
    load_rate_limit: str = Field(
        default="2000/second", description="Requests the load key may make."
    )
    rate_limit_storage: str = Field(
        default="memory://",
        description="Where rates are counted: memory:// a process, or a store that replicas share "
        "(an address as the `limits` library takes it).",
    )
    message_limit: int = Field(
        default=2000, ge=1, le=20_000, description="Longest user message, in characters."
    )
    nlu_url: str = Field(default="http://127.0.0.1:8001", description="Base address of nlu.")
    dialog_url: str = Field(
        default="http://127.0.0.1:8002", description="Base address of dialog_manager."
    )
    nlu_timeout_s: float = Field(
        default=3.0, gt=0, le=60, description="Longest wait for a parse, retries included, seconds."
    )
    turn_timeout_s: float = Field(
        default=20.0, gt=0, le=120, description="Longest wait for an answer, seconds."
    )
