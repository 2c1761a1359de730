"""A compose project of its own: ports, secrets and volumes, removed afterwards."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from compose_project import ROOT, START_SECONDS, ComposeProject

from turnscope.deployment.secrets import load_secrets


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ComposeProject]:
    """Everything up and healthy, from empty volumes."""
    secrets_file = tmp_path_factory.mktemp("secrets") / "secrets.env"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TURNSCOPE_SECRETS", str(secrets_file))
        secrets = load_secrets(ROOT)
    names = [f"{n}_PORT" for n in ("GATEWAY", "GRAFANA", "PROMETHEUS", "OTLP_GRPC", "OTLP_HTTP")]
    started = ComposeProject(secrets_file, secrets, {name: _free_port() for name in names})
    try:
        started.compose("up", "--detach", "--build", "--wait", seconds=START_SECONDS)
        yield started
    finally:
        started.compose("down", "--volumes", "--timeout", "10", seconds=180)
