"""The environment of the programs, rendered in full: `up` in another shell changes nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from turnscope.native.checkout import Checkout

_KEPT = ("HOME", "USER", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_SERVICES = ("GATEWAY_", "NLU_", "DIALOG_", "MODEL_", "KB_", "TRICKLE_", "TURNSCOPE_", "OTEL_")
# Read by native mode itself; a service that got them would restart when they move.
_OURS = ("TURNSCOPE_STATE", "TURNSCOPE_CACHE", "TURNSCOPE_SECRETS", "TURNSCOPE_ROOT")


def base_environment(checkout: Checkout, inherited: Mapping[str, str]) -> dict[str, str]:
    """What every program gets. TURNSCOPE_STATE marks the processes of this checkout."""
    kept = {name: inherited[name] for name in _KEPT if name in inherited}
    folders = [str(Path(sys.executable).parent), os.defpath, "/usr/local/bin", "/usr/sbin", "/sbin"]
    return {**kept, "PATH": ":".join(folders), "TURNSCOPE_STATE": str(checkout.state.path)}


def service_environment(checkout: Checkout, inherited: Mapping[str, str]) -> dict[str, str]:
    """What every Python service gets beside its own: telemetry, and what the user set."""
    ports = checkout.ports
    chosen = {
        name: value
        for name, value in inherited.items()
        if name.startswith(_SERVICES) and name not in _OURS
    }
    proxies = {
        name: inherited[name]
        for upper in _PROXIES
        for name in (upper, upper.lower())
        if name in inherited
    }
    neighbours = (ports.nlu_port, ports.dialog_port, ports.model_port)
    return {
        **base_environment(checkout, inherited),
        **proxies,
        # A proxy is for upstream models; neighbours are on this machine.
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": checkout.local(ports.otlp_http_port),
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "TURNSCOPE_ENVIRONMENT": checkout.settings.deployment_environment,
        "TURNSCOPE_PSEUDONYM_KEY": checkout.secrets["TURNSCOPE_PSEUDONYM_KEY"],
        "TURNSCOPE_PROPAGATE_TO": ",".join(f"127.0.0.1:{port}" for port in neighbours),
        **chosen,
    }
