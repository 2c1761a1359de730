"""Wires the dialog manager's routes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from demo_services.common.errors import Refusal, install_error_handlers, plain_form
from demo_services.common.event_stream import EventStream
from demo_services.dialog_manager.bodies import OpenBody, TurnBody
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.ports import (
    Answer,
    Claim,
    Knowledge,
    Model,
    NotAdmitted,
    Store,
    StoreDown,
)
from demo_services.dialog_manager.settings import DialogSettings
from demo_services.dialog_manager.speaker import Speaker
from demo_services.dialog_manager.sweep import sweep_idle_sessions
from demo_services.dialog_manager.turns import Turns

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry

_REFUSALS = {
    "unknown_session": (404, "There is no such session."),
    "unknown_turn": (404, "This turn was not opened; POST /turns/open comes first."),
    "session_ended": (409, "This session has ended."),
    "turn_in_progress": (409, "A turn of this session is being answered."),
    "foreign_turn": (422, "This turn id belongs to another session."),
}
_DATABASE_DOWN = "The dialog manager cannot reach its database right now."


def create_app(
    settings: DialogSettings,
    telemetry: Telemetry,
    instruments: DialogInstruments,
    *,
    store: Store,
    knowledge: Knowledge,
    model: Model,
    closing: Sequence[Callable[[], Awaitable[None]]] = (),
) -> FastAPI:
    """The dialog manager's web application; `closing` is awaited in turn when it stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        sweep = asyncio.create_task(sweep_idle_sessions(settings, telemetry, instruments, store))
        yield
        sweep.cancel()
        for close in closing:
            await close()

    app = FastAPI(title="Turnscope demo: dialog_manager", lifespan=lifespan)
    install_error_handlers(app, telemetry)
    telemetry.instrument(app)
    speaker = Speaker(model, instruments, settings.model_tokens)
    turns = Turns(telemetry, instruments, store, knowledge, speaker, settings.limits)

    @app.exception_handler(StoreDown)
    async def refuse_without_store(_request: object, _error: StoreDown) -> JSONResponse:
        telemetry.log.warning("database gave no answer", extra={"error_flag": True})
        return JSONResponse(plain_form(503, "database_down", _DATABASE_DOWN), 503)

    @app.exception_handler(NotAdmitted)
    async def refuse_turn(_request: object, error: NotAdmitted) -> JSONResponse:
        status, message = _REFUSALS[error.reason]
        return JSONResponse(plain_form(status, error.reason, message), status)

    @app.post("/turns/open")
    async def open_turn(body: OpenBody) -> dict[str, Any]:
        opened = await store.open_turn(
            str(body.session_id),
            str(body.turn_id),
            new_session=body.new_session,
            user_id=body.user_id,
            source_id=body.source_id,
        )
        if opened.began:
            instruments.sessions_started.inc()
        return {"turn_index": opened.turn_index, "answer": opened.answer}

    @app.post("/turns")
    async def answer_turn(body: TurnBody) -> Answer:
        claim = await store.claim_turn(str(body.session_id), str(body.turn_id))
        return await turns.answer(claim, body) if isinstance(claim, Claim) else claim

    @app.post("/turns/stream", response_model=None)
    async def stream_turn(body: TurnBody) -> Response:
        claim = await store.claim_turn(str(body.session_id), str(body.turn_id))
        if isinstance(claim, Claim):
            return EventStream(_as_events(turns.stream(claim, body)))
        return EventStream(_repeated(claim))

    @app.post("/sessions/{session_id}/end")
    async def end_session(session_id: UUID) -> dict[str, Any]:
        ended = await store.end_session(str(session_id))
        if ended.now:
            instruments.count_end(ended.outcome)
        return {
            "session_id": ended.session_id,
            "outcome": ended.outcome,
            "turns": ended.turns,
            "ended_now": ended.now,
        }

    @app.get("/sessions/{session_id}")
    async def read_session(session_id: UUID) -> dict[str, Any]:
        return await store.read_session(str(session_id))

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        try:
            await store.check()
        except StoreDown:
            raise Refusal(503, "database_down", _DATABASE_DOWN) from None
        return {"status": "ok"}

    return app


async def _as_events(pieces: AsyncGenerator[str | Answer, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(pieces):
        async for piece in pieces:
            yield (
                _event("token", {"text": piece})
                if isinstance(piece, str)
                else _event("answer", piece)
            )


async def _repeated(answer: Answer) -> AsyncGenerator[bytes, None]:
    yield _event("answer", answer)


def _event(name: str, data: dict[str, Any]) -> bytes:
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
