"""Where everything listens. One offset moves all ports, so that two checkouts run side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def _port(default: int, what: str) -> Any:
    return Field(default=default, ge=1, le=65535, description=f"{what} (PORT_OFFSET is added).")


class Ports(BaseSettings):
    """Ports on 127.0.0.1. A variable that is set is taken as it is; the offset moves the others."""

    model_config = SettingsConfigDict(env_prefix="", env_file=None, frozen=True, extra="ignore")

    gateway_port: int = _port(8000, "gateway")
    nlu_port: int = _port(8001, "nlu")
    dialog_port: int = _port(8002, "dialog_manager")
    model_port: int = _port(8003, "model_inference")
    kb_port: int = _port(8004, "knowledge_base")
    prometheus_port: int = _port(9090, "Prometheus")
    alertmanager_port: int = _port(9093, "Alertmanager")
    loki_port: int = _port(3100, "Loki, HTTP")
    loki_grpc_port: int = _port(9095, "Loki, gRPC")
    traces_port: int = _port(16686, "Jaeger or Tempo, HTTP")
    traces_otlp_port: int = _port(4327, "Jaeger or Tempo, OTLP gRPC")
    traces_grpc_port: int = _port(16685, "Jaeger or Tempo, gRPC")
    traces_admin_port: int = _port(14269, "Jaeger, admin")
    otlp_grpc_port: int = _port(4317, "Collector, OTLP gRPC")
    otlp_http_port: int = _port(4318, "Collector, OTLP HTTP")
    collector_health_port: int = _port(13133, "Collector, health")
    collector_metrics_port: int = _port(8888, "Collector, its own metrics")
    postgres_port: int = _port(5433, "PostgreSQL")
    grafana_port: int = _port(3000, "Grafana")

    @model_validator(mode="before")
    @classmethod
    def _move_by_offset(cls, values: dict[str, Any]) -> dict[str, Any]:
        offset = _Offset().port_offset
        moved = {
            name: int(field.default) + offset
            for name, field in cls.model_fields.items()
            if name not in values
        }
        return {**values, **moved}

    def items(self) -> Iterator[tuple[str, int]]:
        """(variable, port) pairs, such as ("GATEWAY_PORT", 8000)."""
        for name in type(self).model_fields:
            yield name.upper(), getattr(self, name)


class _Offset(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="", frozen=True, extra="ignore")

    port_offset: int = Field(
        default=0, ge=0, le=45_000, description="Added to every port that is not set by itself."
    )
