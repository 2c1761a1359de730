"""Every variable that docker-compose.yml sets is one that its reader knows."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic_settings import BaseSettings

from demo_services.dialog_manager.settings import DialogSettings
from demo_services.gateway.settings import GatewaySettings
from demo_services.knowledge_base.settings import KnowledgeBaseSettings
from demo_services.model_inference.settings import ModelSettings
from demo_services.nlu.settings import NluSettings
from turnscope.deployment.endpoints import Endpoints
from turnscope.instrument.settings import TelemetrySettings
from turnscope.load.trickle import TrickleSettings

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[2]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
)["services"]

READERS: dict[str, list[type[BaseSettings]]] = {
    "gateway": [GatewaySettings, TelemetrySettings],
    "nlu": [NluSettings, TelemetrySettings],
    "dialog_manager": [DialogSettings, TelemetrySettings],
    "model_inference": [ModelSettings, TelemetrySettings],
    "knowledge_base": [KnowledgeBaseSettings],
    "demo_traffic": [TrickleSettings],
    "tools": [Endpoints],
}
# Read by the OpenTelemetry SDK, the healthcheck and the command line, which have no settings class.
READ_ELSEWHERE = {
    "GATEWAY_API_KEY",
    "GATEWAY_LOAD_KEY",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PROBE_URL",
    "TURNSCOPE_PSEUDONYM_KEY",
}
CONFIGS = {
    "collector": ["collector/config.yaml"],
    "loki": ["loki/config.yaml"],
    "tempo": ["tempo/config.yaml"],
    "grafana": [
        "grafana/grafana.ini",
        "grafana/provisioning/datasources/stores.yaml",
        "grafana/provisioning/dashboards/turnscope.yaml",
    ],
}


def _names_read_by(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    return {
        str(field.validation_alias or f"{prefix}{name}").upper()
        for name, field in settings.model_fields.items()
    }


@pytest.mark.parametrize("service", sorted(READERS))
def test_a_service_knows_every_variable_it_is_given(service: str) -> None:
    known = READ_ELSEWHERE.union(*map(_names_read_by, READERS[service]))
    assert set(SERVICES[service]["environment"]) <= known


@pytest.mark.parametrize("service", sorted(READERS))
def test_a_service_is_given_what_has_no_default(service: str) -> None:
    for settings in READERS[service]:
        prefix = settings.model_config.get("env_prefix", "")
        required = {
            str(field.validation_alias or f"{prefix}{name}").upper()
            for name, field in settings.model_fields.items()
            if field.is_required()
        }
        assert required <= set(SERVICES[service]["environment"])


def _names_read_in(paths: list[str]) -> set[str]:
    text = "".join((ROOT / path).read_text(encoding="utf-8") for path in paths)
    return set(re.findall(r"(?<!\$)\$\{(?:env:)?([A-Z_]+)", text))


def _names_given_to(engine: str) -> set[str]:
    """Without those that Grafana and the Go runtime take by themselves."""
    names = SERVICES[engine]["environment"]
    return {name for name in names if not name.startswith("GF_") and name != "GOMEMLIMIT"}


@pytest.mark.parametrize("engine", sorted(CONFIGS))
def test_an_engines_configuration_reads_every_variable_it_is_given(engine: str) -> None:
    assert _names_given_to(engine) <= _names_read_in(CONFIGS[engine])


def test_grafana_is_given_every_variable_of_its_files() -> None:
    # It has no defaults there: one that is missing becomes an empty address.
    assert _names_read_in(CONFIGS["grafana"]) <= _names_given_to("grafana")
