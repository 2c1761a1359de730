"""What model_inference reads from the environment, once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PACKAGED_PRICES = Path(__file__).with_name("prices.yaml")

Names = Annotated[tuple[str, ...], NoDecode]


class ModelSettings(BaseSettings):
    """Settings of model_inference."""

    model_config = SettingsConfigDict(env_prefix="MODEL_", frozen=True, populate_by_name=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8003, ge=1, le=65535, description="Port to listen on.")
    offered: Annotated[tuple[Literal["smollm2", "scripted"], ...], NoDecode] = Field(
        default=("smollm2", "scripted"),
        description="Models to offer beside an upstream's, separated by commas: smollm2, scripted.",
    )
    prices_file: Path = Field(
        default=PACKAGED_PRICES,
        description="Price table: YAML, US dollars for a million input and output tokens a model.",
    )
    max_tokens: int = Field(
        default=256,
        ge=1,
        le=8192,
        description="Longest answer, whatever a request asks for, tokens.",
    )
    default_tokens: int = Field(
        default=96, ge=1, le=8192, description="Longest answer of a request that sets none, tokens."
    )
    prompt_limit: int = Field(
        default=16_000, ge=1, le=1_000_000, description="Longest prompt, in characters."
    )

    # One: llama.cpp's threads wait for each other spinning. On two cores that the rest of the stack
    # kept busy, one thread gave 25 to 55 tokens a second and two gave 1 to 14.
    smollm2_threads: int = Field(
        default=1, ge=1, le=64, description="Threads that compute SmolLM2's answers."
    )
    smollm2_context: int = Field(
        default=2048, ge=256, le=8192, description="SmolLM2's prompt and answer together, tokens."
    )
    smollm2_queue: int = Field(
        default=8, ge=0, le=1000, description="Requests that may wait for SmolLM2; more get 429."
    )

    # 133 ms and 7 ms: measured for SmolLM2-135M (Q4_1) on two x86-64 cores.
    scripted_first_token_s: float = Field(
        default=0.133,
        ge=0,
        le=60,
        description="The scripted model's wait for its first token, seconds.",
    )
    scripted_token_s: float = Field(
        default=0.007,
        ge=0,
        le=10,
        description="The scripted model's wait for each further token, seconds.",
    )
    scripted_error_rate: float = Field(
        default=0.0, ge=0, le=1, description="Share of the scripted model's answers that fail."
    )
    scripted_seed: int = Field(default=1, description="Decides which scripted answers fail.")

    upstream_url: str = Field(
        default="",
        validation_alias="OPENAI_BASE_URL",
        description="Base address of an OpenAI-compatible service, with its /v1; empty: none.",
    )
    upstream_key: SecretStr = Field(
        default=SecretStr(""),
        validation_alias="OPENAI_API_KEY",
        description="Bearer key of that service.",
    )
    upstream_models: Names = Field(
        default=(), description="Names of the upstream's models to offer, separated by commas."
    )
    upstream_provider: str = Field(
        default="openai",
        description="gen_ai.provider.name of the upstream, as the conventions list it.",
    )
    upstream_timeout_s: float = Field(
        default=30.0, gt=0, le=600, description="Longest silence of the upstream, seconds."
    )

    @field_validator("offered", "upstream_models", mode="before")
    @classmethod
    def _split(cls, given: object) -> object:
        if not isinstance(given, str):
            return given
        return tuple(part.strip() for part in given.split(",") if part.strip())

    @model_validator(mode="after")
    def _know_the_models(self) -> Self:
        if self.upstream_url and not self.upstream_models:
            raise ValueError(
                "OPENAI_BASE_URL is set but MODEL_UPSTREAM_MODELS names none of its models"
            )
        if not self.upstream_url and self.upstream_models:
            raise ValueError("MODEL_UPSTREAM_MODELS is set but OPENAI_BASE_URL is not")
        if not self.offered and not self.upstream_models:
            raise ValueError(
                "MODEL_OFFERED is empty and there is no upstream: nothing would answer"
            )
        return self
