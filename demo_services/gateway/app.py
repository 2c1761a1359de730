"""Wires the gateway's routes."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import Depends, FastAPI, Request

from demo_services.common.errors import Refusal, install_error_handlers, plain_form
from demo_services.common.event_stream import EventStream
from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from demo_services.gateway.guard import Guard
from demo_services.gateway.instruments import GatewayInstruments
from demo_services.gateway.requests import ChatRequest, FeedbackRequest
from demo_services.gateway.settings import GatewaySettings
from demo_services.gateway.turns import Conversation, Event, refusal_of

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry


def create_app(
    settings: GatewaySettings, telemetry: Telemetry, nlu: Neighbour, dialog: Neighbour
) -> FastAPI:
    """The gateway's web application."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await nlu.aclose()
        await dialog.aclose()

    app = FastAPI(title="Turnscope demo: gateway", lifespan=lifespan)
    instruments = GatewayInstruments.of(telemetry)
    guard = Guard(settings)
    conversation = Conversation(telemetry, instruments, nlu, dialog)

    def refused_form(status: int, reason: str, message: str) -> dict[str, Any]:
        if 400 <= status < 500:
            instruments.refused.inc(reason=reason)
        return plain_form(status, reason, message)

    install_error_handlers(app, telemetry, refused_form)
    telemetry.instrument(app)

    def admit(request: Request) -> None:
        guard.admit(request.headers.get("authorization"))

    def check_length(body: ChatRequest) -> None:
        if len(body.message) > settings.message_limit:
            raise Refusal(
                422,
                "invalid_request",
                f"message: at most {settings.message_limit} characters, {len(body.message)} given.",
            )

    @app.post("/v1/chat", dependencies=[Depends(admit)])
    async def chat(body: ChatRequest) -> dict[str, Any]:
        check_length(body)
        return (await conversation.answer(body)).as_json()

    @app.post("/v1/chat/stream", dependencies=[Depends(admit)])
    async def chat_stream(body: ChatRequest) -> EventStream:
        check_length(body)
        events = await conversation.open_stream(body, conversation.scope(body, streamed=True))
        return EventStream(_as_sse(events))

    @app.post("/v1/feedback", status_code=202, dependencies=[Depends(admit)])
    async def feedback(body: FeedbackRequest) -> dict[str, str]:
        scope = "turn" if body.turn_id else "session"
        instruments.feedback.inc(scope=scope, rating=body.rating or body.thumbs)
        telemetry.emit(
            "feedback_given",
            session_id=str(body.session_id),
            turn_id=str(body.turn_id) if body.turn_id else None,
            rating=body.rating,
            thumbs=body.thumbs,
            comment=body.comment,
        )
        return {"status": "noted"}

    @app.post("/v1/sessions/{session_id}/end", dependencies=[Depends(admit)])
    async def end_session(session_id: UUID) -> dict[str, Any]:
        try:
            ended = await dialog.post_json(f"/sessions/{session_id}/end", {})
        except NeighbourRefused as refused:
            raise refusal_of(refused) from None
        except NeighbourDown:
            raise Refusal(
                503, "unavailable", "The session cannot be ended right now; try again in a minute."
            ) from None
        told = {name: ended[name] for name in ("session_id", "outcome", "turns")}
        if ended["ended_now"]:
            telemetry.emit("session_ended", **told)
        return told

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    return app


async def _as_sse(events: AsyncGenerator[Event, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        async for name, data in events:
            yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
