"""What native mode reads from the environment, once."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NativeSettings(BaseSettings):
    """Settings of native mode. Ports are of their own: turnscope.deployment.ports."""

    model_config = SettingsConfigDict(env_prefix="", frozen=True, extra="ignore")

    turnscope_state: Path | None = Field(
        default=None,
        description="Data, logs and process control; empty: .turnscope in the checkout.",
    )
    turnscope_cache: Path | None = Field(
        default=None,
        description="Built engines, shared by all checkouts; empty: turnscope in the user's cache.",
    )
    xdg_cache_home: Path | None = Field(
        default=None, description="The user's cache folder; empty: ~/.cache."
    )
    demo_traffic: Literal["on", "off"] = Field(
        default="on", description="Whether made-up conversations are held while the stack runs."
    )
    grafana_home: Path | None = Field(
        default=None, description="An unpacked Grafana, which is then started too; empty: none is."
    )
    deployment_environment: str = Field(
        default="demo",
        min_length=1,
        description="The resource attribute deployment.environment.name.",
    )
    sampling_percent: float = Field(
        default=100.0, ge=0, le=100, description="Share of ordinary traces that is kept."
    )
    up_timeout_s: float = Field(
        default=180.0, gt=0, le=3600, description="Seconds `make up` waits for the parts to answer."
    )

    @property
    def cache(self) -> Path:
        """The cache folder, made absolute; it need not exist."""
        if self.turnscope_cache:
            return self.turnscope_cache.expanduser().absolute()
        parent = self.xdg_cache_home or Path("~/.cache")
        return parent.expanduser().absolute() / "turnscope"
