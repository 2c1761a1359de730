"""Wires the NLU's routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from anyio import CapacityLimiter
from fastapi import FastAPI

from demo_services.common.errors import Refusal, install_error_handlers
from demo_services.nlu.adapters.affect import AffectReader
from demo_services.nlu.adapters.intent_model import Embedder
from demo_services.nlu.entities import EntityFinder, Products
from demo_services.nlu.instruments import NluInstruments
from demo_services.nlu.parsing import Parser
from demo_services.nlu.readiness import Catalogues, Training
from demo_services.nlu.requests import ParseAnswer, ParseRequest
from demo_services.nlu.settings import NluSettings

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry


async def _nothing_to_close() -> None:
    return None


def create_app(
    settings: NluSettings,
    telemetry: Telemetry,
    *,
    embedder: Embedder,
    embedding_name: str,
    affect: AffectReader,
    catalogues: Catalogues,
    products: Products,
    instruments: NluInstruments | None = None,
    close: Callable[[], Awaitable[None]] = _nothing_to_close,
) -> FastAPI:
    """The NLU's web application; `close` is awaited when it stops."""
    training = Training(
        catalogues, embedder, embedding_name, telemetry, retry_s=settings.training_retry_s
    )
    finder = EntityFinder(
        products,
        telemetry,
        timeout_s=settings.lookup_timeout_s,
        least_score=settings.product_least_score,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        task = asyncio.create_task(training.run())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await close()

    app = FastAPI(title="Turnscope demo: nlu", lifespan=lifespan)
    parser = Parser(
        embedder=embedder,
        affect=affect,
        finder=finder,
        telemetry=telemetry,
        instruments=instruments or NluInstruments.of(telemetry),
        workers=CapacityLimiter(settings.cpu_workers),
    )
    install_error_handlers(app, telemetry)
    telemetry.instrument(app)

    @app.post("/parse")
    async def parse(request: ParseRequest) -> ParseAnswer:
        if training.model is None:
            raise Refusal(503, "not_ready", f"Not trained yet: waiting for {training.waiting_for}.")
        return await parser.parse(request.text, training.model)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        if training.model is None:
            raise Refusal(503, "not_ready", f"Not trained yet: waiting for {training.waiting_for}.")
        return {"status": "ok", "model_version": training.model.version}

    return app
