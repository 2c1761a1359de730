"""A gateway of the tests: answers as the real one does, and remembers what it was sent."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from rich.console import Console


@dataclass
class FakeGateway:
    """`refusals` are given out first, one a call; an exception among them is raised."""

    gateway_url: str = "http://127.0.0.1:8000"
    turns: list[dict[str, Any]] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    feedback: list[dict[str, Any]] = field(default_factory=list)
    keys: set[str | None] = field(default_factory=set)
    refusals: list[httpx.Response | Exception] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self._handle)

    def _handle(self, request: httpx.Request) -> httpx.Response:
        self.keys.add(request.headers.get("authorization"))
        if self.refusals:
            refusal = self.refusals.pop(0)
            if isinstance(refusal, Exception):
                raise refusal
            return refusal
        body = json.loads(request.content)
        path = request.url.path
        if path == "/v1/feedback":
            self.feedback.append(body)
            return httpx.Response(200, json={})
        if path.endswith("/end"):
            self.ended.append(path.split("/")[3])
            return httpx.Response(
                200, json={"session_id": "s", "outcome": "resolved", "turns": len(self.turns)}
            )
        self.turns.append(body)
        answer = self._answer(body)
        if path == "/v1/chat":
            return httpx.Response(200, json=answer)
        pieces = [f'event: token\ndata: {{"text": "{word}"}}\n\n' for word in ("It is ", "there.")]
        last = f"event: answer\ndata: {json.dumps(answer)}\n\n"
        return httpx.Response(200, text="".join([*pieces, last]))

    def _answer(self, body: dict[str, Any]) -> dict[str, Any]:
        index = len(self.turns)
        return {
            "reply": "It is there.",
            "session_id": body.get("session_id", "session-1"),
            "turn_id": body.get("turn_id", f"turn-{index}"),
            "turn_index": index,
            "trace_id": f"{index:032x}",
            "intent": "order_status",
            "outcome": None,
            "turn_outcome": "answered",
            "degraded": False,
            "model_name": "scripted",
            "tokens_used": 12,
            "latency_ms": 41.7,
            **self.changes,
        }


@pytest.fixture
def gateway() -> FakeGateway:
    return FakeGateway()


@pytest.fixture
def console() -> Console:
    """Not a terminal: plain text, which the fixture `said` reads back."""
    return Console(file=io.StringIO(), width=200)


@pytest.fixture
def said(console: Console) -> Callable[[], str]:
    """Gives everything printed so far."""
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue
