"""Addresses of the running stack, as the command line and the tests need them."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from turnscope.deployment.ports import Ports


class Endpoints(BaseSettings):
    """Base addresses. Compose's tools container gets them from its environment."""

    model_config = SettingsConfigDict(env_prefix="", frozen=True, extra="ignore")

    gateway_url: str = Field(description="The gateway.")
    prometheus_url: str = Field(description="Prometheus.")
    alertmanager_url: str = Field(description="Alertmanager.")
    loki_url: str = Field(description="Loki.")
    traces_url: str = Field(description="Tempo or Jaeger, HTTP.")
    traces_kind: str = Field(default="jaeger", description="tempo or jaeger.")
    collector_url: str = Field(description="The collector's OTLP receiver, HTTP.")
    collector_health_url: str = Field(description="The collector's health check.")
    grafana_url: str = Field(default="", description="Grafana; empty where none runs.")
    database_url: str = Field(description="PostgreSQL, as a libpq URI.")
    sampling_percent: float = Field(
        default=100.0, ge=0, le=100, description="Share of ordinary traces that is kept."
    )


def local_endpoints(ports: Ports, secrets: dict[str, str], *, traces_kind: str) -> Endpoints:
    """The addresses of native mode: everything on 127.0.0.1. What the environment sets wins."""

    def at(port: int) -> str:
        return f"http://127.0.0.1:{port}"

    password = secrets.get("POSTGRES_PASSWORD", "")
    return Endpoints(
        gateway_url=at(ports.gateway_port),
        prometheus_url=at(ports.prometheus_port),
        alertmanager_url=at(ports.alertmanager_port),
        loki_url=at(ports.loki_port),
        traces_url=at(ports.traces_port),
        traces_kind=traces_kind,
        collector_url=at(ports.otlp_http_port),
        collector_health_url=at(ports.collector_health_port),
        database_url=f"postgresql://turnscope:{password}@127.0.0.1:{ports.postgres_port}/turnscope",
    )
