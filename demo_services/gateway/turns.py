"""The way of one turn through the neighbours, whole or streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from opentelemetry import trace

from demo_services.common.errors import Refusal
from demo_services.common.http_client import Neighbour, NeighbourDown, NeighbourRefused
from demo_services.gateway.domain import NO_ANSWER, Answer, event_fields, tokens_of
from demo_services.gateway.instruments import GatewayInstruments
from demo_services.gateway.requests import ChatRequest

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry
    from turnscope.instrument.turn import Turn

Event = tuple[str, dict[str, Any]]

_REFUSALS = {
    (404, None): ("unknown_session", "There is no such session; leave session_id out to open one."),
    (409, "session_ended"): ("session_ended", "This session has ended; open a new one."),
    (409, None): ("turn_in_progress", "This turn, or another of its session, is being answered."),
}


@dataclass
class _Progress:
    """What is known of a turn so far."""

    turn_index: int | None = None
    parse: dict[str, Any] | None = None


class Conversation:
    """Answers turns by asking nlu and dialog_manager, and reports each through the turn scope."""

    def __init__(
        self,
        telemetry: Telemetry,
        instruments: GatewayInstruments,
        nlu: Neighbour,
        dialog: Neighbour,
    ) -> None:
        self._telemetry = telemetry
        self._instruments = instruments
        self._nlu = nlu
        self._dialog = dialog

    def scope(self, request: ChatRequest, *, streamed: bool = False) -> Turn:
        """The turn scope of a request."""
        return self._telemetry.turn(
            session_id=str(request.session_id) if request.session_id else None,
            turn_id=str(request.turn_id) if request.turn_id else None,
            user_id=request.user_id,
            user_query=request.message,
            source_id=request.source_id,
            streamed=streamed,
        )

    async def answer(self, request: ChatRequest) -> Answer:
        """The whole answer. Raises Refusal where the request is no turn."""
        with self.scope(request) as turn:
            progress = _Progress()
            try:
                repeated = await self._open(request, turn, progress)
                if repeated is not None:
                    return self._repeat(turn, progress, repeated)
                await self._understand(request, progress)
                reply = await self._dialog.post_json(
                    "/turns", self._question(request, turn, progress)
                )
            except NeighbourDown as down:
                return self._give_up(turn, progress, down.reason)
            except NeighbourRefused as refused:
                turn.discard()
                raise refusal_of(refused) from None
            return self._finish(turn, progress, reply)

    async def open_stream(self, request: ChatRequest, turn: Turn) -> AsyncGenerator[Event, None]:
        """Opens the turn, while a refusal can still have a status; returns its events."""
        progress = _Progress()
        with turn.carried():
            try:
                repeated = await self._open(request, turn, progress)
            except NeighbourRefused as refused:
                raise refusal_of(refused) from None
            except NeighbourDown as down:
                reason = down.reason
                return self._whole(turn, lambda: self._give_up(turn, progress, reason))
        if repeated is not None:
            return self._whole(turn, lambda: self._repeat(turn, progress, repeated))
        return self._stream(request, turn, progress)

    async def _whole(self, turn: Turn, finish: Callable[[], Answer]) -> AsyncGenerator[Event, None]:
        with turn:
            yield "answer", finish().as_json()

    async def _stream(
        self, request: ChatRequest, turn: Turn, progress: _Progress
    ) -> AsyncGenerator[Event, None]:
        with turn:
            try:
                await self._understand(request, progress)
                question = self._question(request, turn, progress)
                first = True
                async with aclosing(self._dialog.stream_sse("/turns/stream", question)) as events:
                    async for name, data in events:
                        if name == "answer":
                            yield "answer", self._finish(turn, progress, data).as_json()
                            return
                        if first:
                            first = False
                            self._instruments.first_token.observe(turn.elapsed_s)
                            turn.record(first_token_ms=round(turn.elapsed_s * 1000, 3))
                        yield "token", data
                reason = "broken_stream"
            except NeighbourDown as down:
                reason = down.reason
            except NeighbourRefused:
                # Too late for a status: the stream has begun.
                reason = "refused"
            except (asyncio.CancelledError, GeneratorExit):
                turn.failed("client_gone")
                raise
            yield "answer", self._give_up(turn, progress, reason).as_json()

    async def _open(
        self, request: ChatRequest, turn: Turn, progress: _Progress
    ) -> dict[str, Any] | None:
        """Registers the turn; returns its first answer if it was answered before.

        Raises NeighbourDown, NeighbourRefused.
        """
        body = {
            "session_id": turn.session_id,
            "turn_id": turn.turn_id,
            "new_session": request.session_id is None,
            "user_id": self._telemetry.pseudonym(request.user_id) if request.user_id else None,
            "source_id": request.source_id,
        }
        opened = await self._dialog.post_json("/turns/open", body)
        progress.turn_index = int(opened["turn_index"])
        turn.number(progress.turn_index)
        answer = opened.get("answer")
        return answer if isinstance(answer, dict) else None

    async def _understand(self, request: ChatRequest, progress: _Progress) -> None:
        """A parse, or None: the dialog manager has an honest answer for a turn not understood."""
        try:
            progress.parse = await self._nlu.post_json("/parse", {"text": request.message})
        except (NeighbourDown, NeighbourRefused):
            progress.parse = None

    def _question(self, request: ChatRequest, turn: Turn, progress: _Progress) -> dict[str, Any]:
        return {
            "session_id": turn.session_id,
            "turn_id": turn.turn_id,
            "text": request.message,
            "parse": progress.parse,
            "model": request.model,
        }

    def _finish(self, turn: Turn, progress: _Progress, reply: dict[str, Any]) -> Answer:
        degraded = bool(reply.get("degraded")) or progress.parse is None
        turn.answered(
            reply["reply"],
            model_name=reply.get("model_name"),
            tokens_used=tokens_of(reply),
            degraded=degraded,
            **event_fields(progress.parse, reply),
        )
        if reply.get("outcome"):
            # An outcome in an answer has ended the session.
            self._telemetry.emit(
                "session_ended",
                session_id=turn.session_id,
                outcome=reply["outcome"],
                turns=progress.turn_index,
            )
        return self._answer(turn, progress, reply, degraded=degraded)

    def _repeat(self, turn: Turn, progress: _Progress, reply: dict[str, Any]) -> Answer:
        turn.discard()
        self._instruments.repeated.inc()
        return self._answer(
            turn, progress, reply, degraded=bool(reply.get("degraded")), repeated=True
        )

    def _give_up(self, turn: Turn, progress: _Progress, reason: str) -> Answer:
        turn.failed(reason)
        return self._answer(turn, progress, {"reply": NO_ANSWER}, degraded=True)

    def _answer(
        self,
        turn: Turn,
        progress: _Progress,
        reply: dict[str, Any],
        *,
        degraded: bool,
        repeated: bool = False,
    ) -> Answer:
        context = trace.get_current_span().get_span_context()
        settled = "degraded" if degraded else "answered"
        return Answer(
            reply=reply["reply"],
            session_id=turn.session_id,
            turn_id=turn.turn_id,
            turn_index=progress.turn_index,
            trace_id=trace.format_trace_id(context.trace_id),
            intent=reply.get("intent"),
            outcome=reply.get("outcome"),
            turn_outcome=settled if repeated else turn.outcome,
            degraded=degraded,
            model_name=reply.get("model_name"),
            tokens_used=tokens_of(reply),
            latency_ms=round(turn.elapsed_s * 1000, 1),
        )


def refusal_of(refused: NeighbourRefused) -> Refusal:
    """What a client is told when the dialog manager refuses."""
    reason = refused.body.get("error", {}).get("reason")
    known = _REFUSALS.get((refused.status, reason)) or _REFUSALS.get((refused.status, None))
    if known is None:
        return Refusal(422, "invalid_request", "The dialog manager does not take this turn.")
    return Refusal(refused.status, *known)
