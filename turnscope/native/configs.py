"""What engines read that differs by mode: targets and addresses, beside copies of the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from turnscope.native.checkout import Checkout


def write_configs(checkout: Checkout) -> None:
    """Bring <state>/config to what the checkout and the ports say."""
    ports, configs = checkout.ports, checkout.state.configs
    prometheus = _copy(checkout, "prometheus")
    traces = ports.traces_port if checkout.tempo else ports.traces_admin_port
    engines = {
        "collector": ports.collector_metrics_port,
        "prometheus": ports.prometheus_port,
        "alertmanager": ports.alertmanager_port,
        "loki": ports.loki_port,
        checkout.traces_kind: traces,
    }
    services = {
        "gateway": ports.gateway_port,
        "nlu": ports.nlu_port,
        "dialog_manager": ports.dialog_port,
        "model_inference": ports.model_port,
    }
    _write_targets(prometheus / "targets.yml", engines)
    _write_targets(configs / "scrape_targets.yml", services)
    _copy(checkout, "alertmanager")


def _copy(checkout: Checkout, name: str) -> Path:
    """Mirror <root>/<name>; what is the same stays untouched, for those who watch it."""
    source, target = checkout.root / name, checkout.state.configs / name
    wanted = {
        path.relative_to(source): path.read_bytes()
        for path in source.rglob("*")
        if path.is_file() and not path.name.startswith("targets.") and "tests" not in path.parts
    }
    for path in [path for path in target.rglob("*") if path.is_file()]:
        if path.relative_to(target) not in wanted and path.name != "targets.yml":
            path.unlink()
    for relative, content in wanted.items():
        _write(target / relative, content)
    return target


def _write_targets(path: Path, ports: dict[str, int]) -> None:
    groups: list[dict[str, Any]] = [
        {"targets": [f"127.0.0.1:{port}"], "labels": {"job": job}} for job, port in ports.items()
    ]
    _write(path, yaml.safe_dump(groups, sort_keys=False).encode())


def _write(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Replaced, not rewritten: a reader that watches it would see half of it.
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)
