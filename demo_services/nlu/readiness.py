"""Trains when the catalogue is there, and tells whether that has happened."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Protocol

from anyio import to_thread
from sqlalchemy.exc import SQLAlchemyError

from demo_services.nlu.adapters.intent_model import Embedder
from demo_services.nlu.catalogue import Catalogue
from demo_services.nlu.deadline import Deadline
from demo_services.nlu.training import TrainedModel, train_model

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

_READ_LIMIT_S = 10.0


class Catalogues(Protocol):
    """Where the catalogue is read; SQLAlchemyError where that fails."""

    async def read(self) -> Catalogue | None:
        """The catalogue, None before it is loaded."""
        ...


class Training:
    """The model once it is there, and until then the reason why it is not."""

    def __init__(
        self,
        catalogues: Catalogues,
        embedder: Embedder,
        embedding_name: str,
        telemetry: Telemetry,
        *,
        retry_s: float,
    ) -> None:
        self._catalogues = catalogues
        self._embedder = embedder
        self._embedding_name = embedding_name
        self._telemetry = telemetry
        self._retry_s = retry_s
        self._deadline = Deadline(_READ_LIMIT_S)
        self.model: TrainedModel | None = None
        self.waiting_for = "the first look at the catalogue"

    async def run(self) -> None:
        """Read and train, as often as it takes; ends when the model is there."""
        while True:
            before = self.waiting_for
            try:
                catalogue = await self._deadline.keep(self._catalogues.read())
            except (SQLAlchemyError, OSError) as error:
                self.waiting_for = f"the database ({type(error).__name__})"
            else:
                if catalogue is not None and catalogue.intents:
                    await self._train(catalogue)
                    return
                self.waiting_for = "a catalogue in the database"
            if self.waiting_for != before:
                self._telemetry.log.warning("waiting for %s", self.waiting_for)
            await asyncio.sleep(self._retry_s)

    async def _train(self, catalogue: Catalogue) -> None:
        self.waiting_for = "the end of the training"
        started = time.monotonic()
        self.model = await to_thread.run_sync(
            train_model, catalogue, self._embedder, self._embedding_name
        )
        self._telemetry.log.info(
            "trained on %d intents as %s",
            len(catalogue.intents),
            self.model.version,
            extra={"latency_ms": round((time.monotonic() - started) * 1000, 1)},
        )
