"""The NLU with its models and stores played by small stand-ins."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np
from fastapi.testclient import TestClient
from numpy.typing import NDArray
from sqlalchemy.exc import OperationalError

from demo_services.nlu.adapters.affect import Affect
from demo_services.nlu.app import create_app
from demo_services.nlu.catalogue import Catalogue, Part, Utterance
from demo_services.nlu.domain.phrases import ProductHit
from demo_services.nlu.settings import NluSettings
from turnscope.instrument import Telemetry
from turnscope.instrument.in_memory import InMemoryTelemetry

HEADPHONES = ProductHit("headphones", "AUD-000003", "Headphones", 1.0)

_TRAINING = {
    "order_status": ["where is my order", "order status", "status of my order", "check my order"],
    "refund_status": ["where is my refund", "refund status", "when comes the refund", "my refund"],
    "greeting": ["hello", "hello there", "hi hello", "hello assistant"],
    None: ["weather in rome", "the weather tomorrow", "tell a joke", "joke about weather"],
}
CATALOGUE = Catalogue(
    version="7",
    digest="0",
    intents={name: name for name in _TRAINING if name},
    utterances=tuple(
        Utterance(text, intent, Part.TRAIN) for intent, texts in _TRAINING.items() for text in texts
    ),
    synonyms={"earbuds": "headphones"},
)


class WordHashEmbedder:
    """A text's vector counts its words, each in a place given by its checksum."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.zeros((len(texts), 128), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().replace("?", "").split():
                row[crc32(word.encode()) % 128] += 1
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


class CalmReader:
    def read(self, text: str) -> Affect:
        return Affect(sentiment=0.0, language="en")


@dataclass
class Shelves:
    """Product look-ups from memory; `failing` raises what a lost database raises."""

    hits: list[ProductHit] = field(default_factory=lambda: [HEADPHONES])
    failing: bool = False
    slow_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    async def synonyms(self, words: Sequence[str]) -> dict[str, str]:
        await asyncio.sleep(self.slow_s)
        if self.failing:
            raise OperationalError("SELECT 1", {}, ConnectionRefusedError("no server"))
        self.asked.append("synonyms")
        return {word: CATALOGUE.synonyms[word] for word in words if word in CATALOGUE.synonyms}

    async def products(self, phrases: Sequence[str]) -> list[ProductHit]:
        self.asked.append("products")
        return [hit for hit in self.hits if hit.phrase in phrases]


@dataclass
class Library:
    """Answers a read with the next of `answers`, and with the last one from then on."""

    answers: list[Catalogue | Exception | None]

    async def read(self) -> Catalogue | None:
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


@dataclass
class Stage:
    client: TestClient
    telemetry: InMemoryTelemetry
    shelves: Shelves

    def wait_until_ready(self) -> None:
        ends_at = time.monotonic() + 10
        while self.client.get("/healthz").status_code != 200:
            assert time.monotonic() < ends_at, "the service never became ready"
            time.sleep(0.01)

    def metric(self, name: str, **labels: str) -> float:
        return self.telemetry.registry.get_sample_value(name, labels) or 0.0

    def attributes_of(self, span_name: str) -> dict[str, object]:
        spans = [span for span in self.telemetry.spans() if span.name == span_name]
        assert len(spans) == 1, [span.name for span in self.telemetry.spans()]
        return dict(spans[0].attributes or {})


@contextmanager
def raised_stage(
    *answers: Catalogue | Exception | None, shelves: Shelves | None = None, ready: bool = True
) -> Iterator[Stage]:
    """The running application; with `ready` it has been trained."""
    telemetry = Telemetry.in_memory("nlu")
    shelves = shelves or Shelves()
    app = create_app(
        NluSettings(training_retry_s=0.01, lookup_timeout_s=0.2),
        telemetry,
        embedder=WordHashEmbedder(),
        embedding_name="words",
        affect=CalmReader(),
        catalogues=Library(list(answers) or [CATALOGUE]),
        products=shelves,
    )
    with TestClient(app) as client:
        stage = Stage(client, telemetry, shelves)
        if ready:
            stage.wait_until_ready()
        yield stage
