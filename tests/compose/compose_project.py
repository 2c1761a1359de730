"""`docker compose` for the tests."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
NAME = "turnscope-test"
# The first start downloads and builds the images.
START_SECONDS = 1800


@dataclass(frozen=True)
class ComposeProject:
    """A running compose project."""

    secrets_file: Path
    secrets: dict[str, str]
    ports: dict[str, int]

    def url(self, service: str, path: str) -> str:
        """Address of a published service, `path` included."""
        return f"http://127.0.0.1:{self.ports[f'{service.upper()}_PORT']}{path}"

    def compose(self, *words: str, seconds: float = 120) -> str:
        """Standard output of `docker compose ...`; where it fails, the error has its last words."""
        done = self._run(words, seconds)
        assert done.returncode == 0, f"docker compose {' '.join(words)}: {done.stderr[-2000:]}"
        return done.stdout

    def succeeds(self, *words: str) -> bool:
        """Whether `turnscope ...`, run inside the network, ends with 0."""
        return self._run(("run", "--rm", "tools", *words), 120).returncode == 0

    def _run(self, words: tuple[str, ...], seconds: float) -> subprocess.CompletedProcess[str]:
        files = ["--env-file", "versions.env", "--env-file", str(self.secrets_file)]
        return subprocess.run(
            ["docker", "compose", "--project-name", NAME, *files, *words],
            cwd=ROOT,
            env={**os.environ, **{name: str(port) for name, port in self.ports.items()}},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def containers(self) -> dict[str, dict[str, Any]]:
        """What `docker inspect` says, a service."""
        ids = self.compose("ps", "--all", "--quiet").split()
        done = subprocess.run(
            ["docker", "inspect", *ids], capture_output=True, text=True, check=True, timeout=60
        )
        return {
            each["Config"]["Labels"]["com.docker.compose.service"]: each
            for each in json.loads(done.stdout)
        }
