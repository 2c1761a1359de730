"""What the dialog manager reads from the environment, once."""

from __future__ import annotations

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from demo_services.dialog_manager.domain import Limits


class DialogSettings(BaseSettings):
    """Settings of the dialog manager."""

    model_config = SettingsConfigDict(env_prefix="DIALOG_", frozen=True)

    host: str = Field(default="127.0.0.1", description="Address to listen on.")
    port: int = Field(default=8002, ge=1, le=65535, description="Port to listen on.")
    database_url: SecretStr = Field(
        default=SecretStr("postgresql+psycopg://turnscope@127.0.0.1:5433/turnscope"),
        description="SQLAlchemy URL of the database with the schema dialog.",
    )
    pool_size: int = Field(default=8, ge=1, le=100, description="Database connections at most.")
    pool_wait_s: float = Field(
        default=2.0, gt=0, le=30, description="Seconds to wait for a free database connection."
    )
    statement_timeout_ms: int = Field(
        default=3000, ge=100, le=60_000, description="Milliseconds a database statement may take."
    )
    model_url: str = Field(
        default="http://127.0.0.1:8003", description="Base URL of the model service."
    )
    model: str = Field(
        default="smollm2", description="Model that words replies where a request names none."
    )
    model_timeout_s: float = Field(
        default=10.0, gt=0, le=120, description="Seconds a model may take for one wording."
    )
    model_tokens: int = Field(
        default=60, ge=8, le=500, description="Tokens a wording may have at most."
    )
    kb_url: str = Field(
        default="http://127.0.0.1:8004", description="Base URL of the knowledge base."
    )
    kb_timeout_s: float = Field(
        default=2.0, gt=0, le=30, description="Seconds a look-up may take with its retries."
    )
    turn_timeout_s: float = Field(
        default=30.0,
        ge=1,
        le=300,
        description="Seconds a turn may run; a claim that is older may be taken over.",
    )
    open_timeout_s: float = Field(
        default=10.0,
        ge=1,
        le=60,
        description="Seconds between opening a turn and running it; later another turn may begin.",
    )
    idle_timeout_s: float = Field(
        default=1800.0,
        ge=10,
        description="Seconds without a turn after which a session is ended as it stands.",
    )
    sweep_interval_s: float = Field(
        default=60.0, ge=1, le=3600, description="Seconds between two looks for idle sessions."
    )
    least_confidence: float = Field(
        default=0.4, ge=0, le=1, description="Below this confidence an intent is not acted on."
    )
    least_margin: float = Field(
        default=0.08,
        ge=0,
        le=1,
        description="Below this lead over the second intent the user is asked which one it is.",
    )
    least_entity_score: float = Field(
        default=0.5, ge=0, le=1, description="Below this score an entity is not believed."
    )

    @model_validator(mode="after")
    def _fit_into_the_turn(self) -> Self:
        waits = self.kb_timeout_s + self.model_timeout_s
        if waits >= self.turn_timeout_s:
            raise ValueError(
                f"DIALOG_KB_TIMEOUT_S and DIALOG_MODEL_TIMEOUT_S take {waits:g} s together, which "
                f"has to be less than DIALOG_TURN_TIMEOUT_S ({self.turn_timeout_s:g} s)"
            )
        return self

    @property
    def limits(self) -> Limits:
        """The thresholds as the policy takes them."""
        return Limits(self.least_confidence, self.least_margin, self.least_entity_score)
