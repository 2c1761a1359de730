"""A running stack, as the tests see it: started by the same command a newcomer types."""

from __future__ import annotations

import os
import subprocess
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from turnscope.deployment.endpoints import Endpoints
from turnscope.stores import Stores

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Stack:
    """Addresses, keys and read clients of the stack under test."""

    endpoints: Endpoints
    stores: Stores
    api_key: str
    load_key: str
    environment: dict[str, str]

    def post(self, path: str, body: dict[str, Any], *, key: str | None = None) -> httpx.Response:
        """A request to the gateway, with the load key unless another is given."""
        return httpx.post(
            f"{self.endpoints.gateway_url}{path}",
            json=body,
            headers={"Authorization": f"Bearer {key or self.load_key}"},
            timeout=60,
            trust_env=False,
        )

    def say(self, message: str, **fields: Any) -> dict[str, Any]:
        """One turn with the scripted model; the gateway's answer."""
        response = self.post("/v1/chat", {"message": message, "model": "scripted", **fields})
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer

    def command(self, *words: str, timeout: float = 180) -> subprocess.CompletedProcess[str]:
        """`scripts/turnscope ...` against this stack."""
        return subprocess.run(
            [str(ROOT / "scripts/turnscope"), *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
        )

    def events(self, name: str, **fields: str) -> list[Any]:
        """Log lines of one declared event in the last hour."""
        from turnscope.stores.loki import where

        now = time.time_ns()
        query = where(event_name=name, **fields)
        return list(self.stores.logs.lines(query, now - 3600 * 10**9, now + 10**9))


def new_id() -> str:
    return str(uuid.uuid4())


def merged_environment(**values: str) -> dict[str, str]:
    """The environment of this process with some variables set."""
    return {**os.environ, **values}
