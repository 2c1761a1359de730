"""The service in this process, over a scripted model that does not wait."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient

from demo_services.model_inference.adapters.prices import read_prices
from demo_services.model_inference.adapters.scripted import Script, ScriptedBackend
from demo_services.model_inference.app import create_app
from demo_services.model_inference.domain import Backend
from demo_services.model_inference.settings import PACKAGED_PRICES, ModelSettings
from turnscope.instrument import Telemetry
from turnscope.instrument.in_memory import InMemoryTelemetry


class Stage:
    """A client of the service, and what the service said of itself."""

    def __init__(self, client: TestClient, telemetry: InMemoryTelemetry) -> None:
        self.client = client
        self.telemetry = telemetry

    def ask(self, text: str = "Hello there", **fields: Any) -> Any:
        """POST one user message; keyword arguments are further fields of the body."""
        body = {"model": "scripted", "messages": [{"role": "user", "content": text}], **fields}
        return self.client.post("/v1/chat/completions", json=body)

    def stream(self, text: str = "Hello there", **fields: Any) -> list[Any]:
        """The data of each event of a streamed answer, parsed; "[DONE]" stays text."""
        lines = self.ask(text, stream=True, **fields).text.splitlines()
        data = [line.removeprefix("data: ") for line in lines if line]
        return [one if one == "[DONE]" else json.loads(one) for one in data]

    def sample(self, name: str, **labels: str) -> float | None:
        """The present value of a Prometheus series."""
        return self.telemetry.registry.get_sample_value(name, labels)

    def span(self) -> Any:
        """The newest generation span."""
        return [s for s in self.telemetry.spans() if s.name.startswith("chat ")][-1]


def instant(**script: Any) -> ScriptedBackend:
    """A scripted model that answers at once."""
    return ScriptedBackend(Script(first_token_s=0, token_s=0, **script))


@contextmanager
def open_stage(backends: Sequence[Backend], **settings: Any) -> Iterator[Stage]:
    """The service over `backends`, started."""
    telemetry = Telemetry.in_memory("model_inference")
    app = create_app(ModelSettings(**settings), telemetry, backends, read_prices(PACKAGED_PRICES))
    with TestClient(app) as client:
        yield Stage(client, telemetry)
