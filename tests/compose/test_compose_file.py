"""docker-compose.yml and Dockerfile against the rules they promise; needs no engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.contract

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]

DEMO_SERVICES = {
    "demo_traffic",
    "dialog_manager",
    "gateway",
    "knowledge_base",
    "model_inference",
    "nlu",
}
# Why a service has no healthcheck of its own.
UNPROBED = {
    "collector": "its image holds one binary and nothing to probe with: collector_probe does it",
    "collector_queue": "ends at once",
    "demo_traffic": "serves nothing; where it fails, the turn rate shows it",
    "database": "ends when the schema is applied",
    "tools": "runs one command",
}
# What a person opens; the stores behind Grafana are reached through it.
PUBLISHED = {"collector", "gateway", "grafana", "prometheus"}
SECRETS = {
    "GATEWAY_API_KEY",
    "GATEWAY_LOAD_KEY",
    "GRAFANA_DB_PASSWORD",
    "GRAFANA_PASSWORD",
    "POSTGRES_PASSWORD",
    "TURNSCOPE_PSEUDONYM_KEY",
}

each_service = pytest.mark.parametrize("name", sorted(SERVICES))


def _pinned_versions() -> dict[str, str]:
    lines = (ROOT / "versions.env").read_text(encoding="utf-8").splitlines()
    pairs = (tuple(line.split("=", 1)) for line in lines if line and not line.startswith("#"))
    return dict(pairs)


def _awaited_by(name: str) -> set[str]:
    """Every service that must be up before `name` starts, directly or through another."""
    direct = set(SERVICES[name].get("depends_on", {}))
    return direct.union(*(_awaited_by(other) for other in direct))


@each_service
def test_an_image_is_built_here_or_pinned_in_versions_env(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        assert service["image"].endswith(":local")
        assert service["build"]["args"]["PYTHON_VERSION"] == "${PYTHON_VERSION-}"
        return
    pin = re.fullmatch(r"[a-z0-9./-]+:\$\{([A-Z_]+_VERSION)-\}", service["image"])
    assert pin, f"{name}: {service['image']} does not take its tag from versions.env"
    assert pin.group(1) in _pinned_versions()


def test_no_pin_moves_by_itself() -> None:
    assert not [k for k, value in _pinned_versions().items() if not value or "latest" in value]


def test_only_the_doors_are_published_and_only_on_loopback() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert set(published) == PUBLISHED
    for name, ports in published.items():
        for port in ports:
            assert re.fullmatch(r"127\.0\.0\.1:\$\{[A-Z_]+_PORT:-\d+\}:\d+", port), (name, port)


@each_service
def test_a_service_runs_without_root_and_without_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["read_only"] is True
    assert "privileged" not in service
    assert "build" in service or re.fullmatch(r"[1-9]\d*:\d+", service["user"])


def test_the_images_built_here_end_as_a_user_without_rights() -> None:
    stages = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    final = {stage.split(" AS ")[1].split()[0]: stage for stage in stages if " AS " in stage}
    for target in ("service", "tools"):
        users = re.findall(r"^USER (\S+)$", final[target], flags=re.M)
        assert users, target
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", users[-1]), target


@each_service
def test_a_service_has_limits(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}
    assert service["stop_grace_period"]


@each_service
def test_a_service_is_probed_or_has_a_reason_not_to_be(name: str) -> None:
    assert ("healthcheck" in SERVICES[name]) != (name in UNPROBED)


def test_no_probe_needs_a_shell() -> None:
    probes = [s["healthcheck"]["test"][0] for s in SERVICES.values() if "healthcheck" in s]
    assert set(probes) == {"CMD"}


@each_service
def test_a_service_waits_for_what_can_be_known(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other], other
        elif wait["condition"] == "service_completed_successfully":
            assert SERVICES[other]["restart"] == "no", other
        else:
            assert (name, other) == ("collector_probe", "collector")


def test_the_demo_answers_whether_or_not_it_is_watched() -> None:
    watchers = set(SERVICES) - DEMO_SERVICES - {"postgres", "database"}
    for name in sorted(DEMO_SERVICES):
        assert not _awaited_by(name) & watchers, name


@each_service
def test_every_mounted_path_exists_or_is_a_declared_volume(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source, _, rest = mount.partition(":")
        if source.startswith("."):
            assert (ROOT / source).exists(), mount
            assert rest.endswith(":ro"), mount
        else:
            assert source in COMPOSE["volumes"], mount


def test_every_variable_is_a_pin_a_secret_or_has_a_default() -> None:
    known = SECRETS | set(_pinned_versions())
    for variable, default in re.findall(r"\$\{([A-Z_]+)(:?[-?][^}]*)\}", TEXT):
        if variable in known:
            assert default == "-" or default.startswith(":?"), variable
        else:
            assert re.fullmatch(r":-.+", default), variable


def test_a_plain_docker_compose_up_names_make_up_in_one_line() -> None:
    demands = re.findall(r"\$\{[A-Z_]+:?\?([^}]*)\}", TEXT)
    assert len(demands) == 1
    assert demands[0].startswith("run make up")


def test_the_build_context_lets_in_only_what_is_named() -> None:
    rules = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [rule for rule in rules if rule and not rule.startswith("#")]
    assert rules[0] == "*"
    assert not [rule for rule in rules if rule.startswith("!.")]
