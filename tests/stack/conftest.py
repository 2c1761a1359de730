"""Starts one stack for all stack tests: native mode on ports of its own, or Compose mode.

Compose mode is chosen by TURNSCOPE_TEST_MODE=compose (`make test-compose`).
"""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import ROOT, Stack, merged_environment

from turnscope.deployment.endpoints import local_endpoints
from turnscope.deployment.ports import Ports
from turnscope.deployment.secrets import read_secrets
from turnscope.stores import open_stores

# The engines may have to be compiled first.
START_SECONDS = 45 * 60


def _free_offset() -> int:
    """An offset under which every port of the stack is free."""
    ports = [port for _, port in Ports().items()]
    for offset in random.sample(range(2000, 30_000, 50), 200):
        if all(_is_free(port + offset) for port in ports):
            return offset
    raise RuntimeError("no free range of ports: is another stack running?")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _environment(folder: Path) -> dict[str, str]:
    mode = os.environ.get("TURNSCOPE_TEST_MODE", "native")
    return merged_environment(
        MODE=mode,
        PORT_OFFSET=str(_free_offset()),
        TURNSCOPE_STATE=str(folder / "state"),
        TURNSCOPE_SECRETS=str(folder / "secrets.env"),
        DEMO_TRAFFIC="off",
        COMPOSE_PROJECT_NAME="turnscope-test-stack",
        # Opens what is otherwise closed to the host, for the tests to look into.
        COMPOSE_EXTRA_FILE="tests/compose/publish.yml",
    )


def _traces_kind(folder: Path) -> str:
    running = folder / "state" / "running.json"
    return json.loads(running.read_text())["traces_kind"] if running.exists() else "tempo"


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    environment = _environment(folder)
    words = [str(ROOT / "scripts/turnscope")]
    try:
        # Its output is shown live: a first start compiles for minutes.
        started = subprocess.run([*words, "up"], cwd=ROOT, env=environment, timeout=START_SECONDS)
        assert started.returncode == 0, "`make up` failed; its output is above"
        started_mode = (folder / "state" / "mode").read_text().strip()
        assert started_mode == environment["MODE"], f"{started_mode} mode was started"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("PORT_OFFSET", environment["PORT_OFFSET"])
            patch.setenv("TURNSCOPE_SECRETS", environment["TURNSCOPE_SECRETS"])
            secrets = read_secrets(ROOT)
            endpoints = local_endpoints(Ports(), secrets, traces_kind=_traces_kind(folder))
        with open_stores(endpoints) as stores:
            yield Stack(
                endpoints,
                stores,
                secrets["GATEWAY_API_KEY"],
                secrets["GATEWAY_LOAD_KEY"],
                environment,
            )
    finally:
        subprocess.run([*words, "reset", "--force"], cwd=ROOT, env=environment, timeout=300)
