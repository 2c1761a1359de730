"""Wires the routes of model_inference."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from demo_services.common.errors import Refusal, install_error_handlers
from demo_services.common.event_stream import EventStream
from demo_services.model_inference import wire
from demo_services.model_inference.domain import (
    Backend,
    Finish,
    Generation,
    GenerationFailed,
    PriceTable,
    Prompt,
    Token,
)
from demo_services.model_inference.instruments import ModelInstruments
from demo_services.model_inference.settings import ModelSettings
from demo_services.model_inference.watch import GenerationWatch

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

T = TypeVar("T")

# Nobody reads this answer; the number is nginx' for a client that closed the connection.
_CLIENT_GONE = 499


def create_app(
    settings: ModelSettings,
    telemetry: Telemetry,
    backends: Sequence[Backend],
    prices: PriceTable,
) -> FastAPI:
    """The service over `backends`; the first one to name a model answers for it."""
    by_model: dict[str, Backend] = {}
    for backend in backends:
        for model in backend.models:
            by_model.setdefault(model, backend)
    watch = GenerationWatch(telemetry, ModelInstruments.of(telemetry, by_model), prices)
    started_at = int(time.time())

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for backend in backends:
            await backend.start()
        yield
        for backend in backends:
            await backend.stop()

    app = FastAPI(title="Turnscope demo: model_inference", lifespan=lifespan)
    install_error_handlers(
        app,
        telemetry,
        wire.error_form,
        wrong_input_status=400,
        # A character takes up to 12 bytes in JSON (an escaped pair); the rest is the envelope.
        most_body_bytes=12 * settings.prompt_limit + 64 * 1024,
    )
    telemetry.instrument(app)

    @app.post("/v1/chat/completions", response_model=None)
    async def complete(body: wire.ChatRequest, request: Request) -> Response:
        backend = _backend_of(body.model, by_model)
        prompt = _prompt_of(body, settings)
        completion_id = wire.new_completion_id()
        items = watch.watch(backend, prompt, completion_id, streamed=body.stream)
        completion = wire.Completion(completion_id, body.model)
        if not body.stream:
            return await _while_asked_for(request, _answer_whole(items, completion))
        include_usage = body.stream_options is not None and body.stream_options.include_usage
        events = _answer_in_events(items, completion, include_usage=include_usage)
        # Waited for before the status is sent: what fails until here still gets its own status.
        opening = await _while_asked_for(request, _next(events))
        return opening if isinstance(opening, Response) else EventStream(events, opening)

    @app.get("/v1/models")
    async def models() -> dict[str, Any]:
        return wire.model_list(by_model, started_at)

    @app.get("/healthz")
    async def healthz() -> JSONResponse:
        reasons = [reason for backend in backends if (reason := backend.not_ready())]
        if reasons:
            return JSONResponse({"status": "not ready", "reason": "; ".join(reasons)}, 503)
        return JSONResponse({"status": "ok"})

    return app


def _backend_of(model: str, by_model: dict[str, Backend]) -> Backend:
    if model not in by_model:
        there_are = ", ".join(by_model)
        raise Refusal(404, "model_not_found", f"There is no such model; there are: {there_are}.")
    return by_model[model]


def _prompt_of(body: wire.ChatRequest, settings: ModelSettings) -> Prompt:
    prompt = body.prompt(default_tokens=settings.default_tokens, most_tokens=settings.max_tokens)
    length = sum(len(message.content) for message in prompt.messages)
    if length > settings.prompt_limit:
        raise Refusal(
            400,
            "context_length_exceeded",
            f"messages: at most {settings.prompt_limit} characters together, {length} given.",
        )
    return prompt


async def _while_asked_for(request: Request, work: Coroutine[Any, Any, T]) -> T | Response:
    """The result of `work`, which is cancelled if the client goes away meanwhile."""
    asked = asyncio.create_task(work)
    gone = asyncio.create_task(_until_gone(request))
    try:
        await asyncio.wait({asked, gone}, return_when=asyncio.FIRST_COMPLETED)
        return asked.result() if asked.done() else Response(status_code=_CLIENT_GONE)
    except GenerationFailed as failure:
        headers = {"Retry-After": "1"} if failure.status == 429 else None
        raise Refusal(failure.status, failure.reason, failure.message, headers) from failure
    finally:
        for task in (asked, gone):
            task.cancel()
        await asyncio.gather(asked, gone, return_exceptions=True)


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _answer_whole(items: Generation, completion: wire.Completion) -> Response:
    text: list[str] = []
    finish: Finish | None = None
    async with aclosing(items):
        async for item in items:
            if isinstance(item, Finish):
                finish = item
            else:
                text.append(item.text)
    assert finish is not None, "a generation ends with a Finish or raises"
    return JSONResponse(completion.whole("".join(text), finish))


async def _next(events: AsyncGenerator[bytes, None]) -> bytes:
    return await anext(events)


async def _answer_in_events(
    items: Generation, completion: wire.Completion, *, include_usage: bool
) -> AsyncGenerator[bytes, None]:
    """Raises GenerationFailed before its first event; a later failure becomes an event."""
    async with aclosing(items):
        item: Token | Finish | None = await anext(items)
        yield completion.opening()
        try:
            while isinstance(item, Token):
                yield completion.token(item)
                item = await anext(items, None)
        except GenerationFailed as failure:
            # The status is out; an error event without [DONE] is how OpenAI's clients are told.
            yield wire.event(wire.error_form(failure.status, failure.reason, failure.message))
            return
        assert item is not None, "a generation ends with a Finish or raises"
        yield completion.closing(item)
        if include_usage:
            yield completion.usage(item)
        yield wire.DONE
