"""What telemetry reads from the environment, once."""

from __future__ import annotations

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TelemetrySettings(BaseSettings):
    """Settings of `turnscope.instrument`; the standard OTEL_* variables keep their own names."""

    model_config = SettingsConfigDict(env_prefix="TURNSCOPE_", frozen=True)

    pseudonym_key: str = Field(
        default="",
        description="Key of the user pseudonyms (HMAC-SHA256). Empty: a random one for this "
        "process, so that pseudonyms do not survive a restart.",
    )
    propagate_to: str = Field(
        default="",
        description="Hosts (host or host:port, separated by commas) that receive trace context and "
        "baggage. Every other host gets neither.",
    )
    texts: bool = Field(
        default=True,
        description="Whether turn_finished carries the redacted texts of user and bot.",
    )
    exemplar_interval_s: float = Field(
        default=2.0,
        ge=0.0,
        le=300.0,
        description="Seconds in which one series and bucket offers at most one exemplar: the "
        "scrape interval.",
    )
    export_interval_ms: int = Field(
        default=500,
        ge=10,
        le=60_000,
        description="Milliseconds between two exports of spans and log records.",
    )
    export_queue_size: int = Field(
        default=20_000,
        ge=512,
        le=1_000_000,
        description="Spans, and log records, that wait in memory for the collector; at 20 turns a "
        "second a service makes about 200 spans a second.",
    )
    environment: str = Field(
        default="demo", description="The resource attribute deployment.environment.name."
    )
    service_version: str = Field(
        default="0.1.0", description="The resource attribute service.version."
    )

    @field_validator("propagate_to")
    @classmethod
    def _without_blanks(cls, value: str) -> str:
        return ",".join(part.strip() for part in value.split(",") if part.strip())

    @property
    def propagation_hosts(self) -> frozenset[str]:
        """`propagate_to` as a set of lower-case host or host:port strings."""
        return frozenset(self.propagate_to.lower().split(",")) - {""}
