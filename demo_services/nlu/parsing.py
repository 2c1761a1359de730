"""One message from text to answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from anyio import CapacityLimiter, to_thread
from opentelemetry.trace import Span

from demo_services.nlu.adapters.affect import Affect, AffectReader
from demo_services.nlu.adapters.intent_model import Embedder, for_embedding
from demo_services.nlu.domain.results import Classification
from demo_services.nlu.entities import Entities, EntityFinder
from demo_services.nlu.instruments import NluInstruments
from demo_services.nlu.requests import EntityAnswer, ParseAnswer
from demo_services.nlu.training import TrainedModel

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry


@dataclass(frozen=True)
class Parser:
    """Everything a parse needs; `workers` bounds how many messages are embedded at once."""

    embedder: Embedder
    affect: AffectReader
    finder: EntityFinder
    telemetry: Telemetry
    instruments: NluInstruments
    workers: CapacityLimiter

    async def parse(self, text: str, model: TrainedModel) -> ParseAnswer:
        """What `text` says. The database's part runs beside the CPU's."""
        started = time.perf_counter()
        (classified, affect), entities = await asyncio.gather(
            to_thread.run_sync(self._understand, text, model, limiter=self.workers),
            self._find_entities(text),
        )
        self._count(classified, entities)
        self.telemetry.log.info(
            "message parsed",
            extra={
                "intent": classified.intent,
                "confidence": round(classified.confidence, 4),
                "out_of_scope": classified.out_of_scope,
                "latency_ms": round((time.perf_counter() - started) * 1000, 3),
            },
        )
        return ParseAnswer(
            intent=classified.intent,
            confidence=round(classified.confidence, 4),
            runner_up=classified.runner_up,
            margin=round(classified.margin, 4),
            out_of_scope=classified.out_of_scope,
            entities=[EntityAnswer(**vars(entity)) for entity in entities.entities],
            sentiment=affect.sentiment,
            language=affect.language,
            model_version=model.version,
            degraded=entities.failure is not None,
        )

    def _understand(self, text: str, model: TrainedModel) -> tuple[Classification, Affect]:
        with self._stage("embed", "nlu.embed"):
            vector = self.embedder.embed([for_embedding(text)])[0]
        with self._stage("classify", "nlu.classify") as span:
            classified = model.intents.classify(vector)
            span.set_attribute("nlu.intent", classified.intent)
            span.set_attribute("nlu.runner_up", classified.runner_up)
            span.set_attribute("nlu.confidence", round(classified.confidence, 4))
            span.set_attribute("nlu.margin", round(classified.margin, 4))
            span.set_attribute("nlu.out_of_scope", classified.out_of_scope)
        with self._timed("affect"):
            affect = self.affect.read(text)
        return classified, affect

    async def _find_entities(self, text: str) -> Entities:
        with self._stage("entities", "nlu.entities") as span:
            entities = await self.finder.find(text)
            span.set_attribute("nlu.degraded", entities.failure is not None)
            kinds = sorted({entity.type.value for entity in entities.entities})
            span.set_attribute("nlu.entity_types", kinds)
        return entities

    def _count(self, classified: Classification, entities: Entities) -> None:
        self.instruments.parses.inc(intent=classified.intent)
        self.instruments.confidence.observe(classified.confidence)
        self.instruments.margin.observe(classified.margin)
        if classified.out_of_scope:
            self.instruments.out_of_scope.inc()
        if entities.failure:
            self.instruments.degraded.inc(reason=entities.failure)

    @contextmanager
    def _stage(self, stage: str, span_name: str) -> Iterator[Span]:
        """A span, and a duration observed while it is current, so that it can be the exemplar."""
        with self.telemetry.tracer.start_as_current_span(span_name) as span, self._timed(stage):
            yield span

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.instruments.stage_duration.observe(time.perf_counter() - started, stage=stage)
