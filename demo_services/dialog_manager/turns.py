"""One turn from claim to stored answer, whole or streamed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from demo_services.dialog_manager.acts import Act, DegradedReason
from demo_services.dialog_manager.bodies import TurnBody
from demo_services.dialog_manager.domain import Limits, conclude, decide, settle
from demo_services.dialog_manager.instruments import DialogInstruments
from demo_services.dialog_manager.moves import Move
from demo_services.dialog_manager.ports import (
    Answer,
    Claim,
    Knowledge,
    NotAdmitted,
    Store,
    StoreDown,
    Usage,
)
from demo_services.dialog_manager.replies import plain_reply
from demo_services.dialog_manager.speaker import Speaker, Spoken

if TYPE_CHECKING:
    from opentelemetry.trace import Span

    from turnscope.instrument import Telemetry


class Turns:
    """Runs claimed turns. It remembers nothing: another replica may take a session's next turn."""

    def __init__(
        self,
        telemetry: Telemetry,
        instruments: DialogInstruments,
        store: Store,
        knowledge: Knowledge,
        speaker: Speaker,
        limits: Limits,
    ) -> None:
        self._telemetry = telemetry
        self._instruments = instruments
        self._store = store
        self._knowledge = knowledge
        self._speaker = speaker
        self._limits = limits

    async def answer(self, claim: Claim, body: TurnBody) -> Answer:
        """The whole answer. Raises StoreDown, and NotAdmitted if the claim was lost."""
        async with _Held(self._store, claim) as held:
            move = await self._move(claim, body)
            spoken = await self._speaker.say(
                move.act or Act.ASK_TASK, plain_reply(move), body.model
            )
            answer = await self._finish(claim, move, spoken)
            held.done = True
            return answer

    async def stream(self, claim: Claim, body: TurnBody) -> AsyncGenerator[str | Answer, None]:
        """Pieces of the reply, the answer last; no answer where storing it failed."""
        async with _Held(self._store, claim) as held:
            move = await self._move(claim, body)
            pieces = self._speaker.stream(move.act or Act.ASK_TASK, plain_reply(move), body.model)
            spoken = Spoken("", Usage())
            async with aclosing(pieces):
                async for piece in pieces:
                    if isinstance(piece, Spoken):
                        spoken = piece
                    else:
                        yield piece
            try:
                answer = await self._finish(claim, move, spoken)
            except (StoreDown, NotAdmitted):
                # The reply is said but not remembered. A stream that ends without its answer is a
                # failed turn to the gateway, which is what this one is.
                self._telemetry.log.warning("answer not stored", extra={"error_flag": True})
                return
            held.done = True
            yield answer

    async def _move(self, claim: Claim, body: TurnBody) -> Move:
        heard = body.parse.heard() if body.parse else None
        with self._telemetry.tracer.start_as_current_span("dialog.policy") as span:
            move = decide(claim.state, heard, body.text, self._limits)
            if move.lookup:
                move = conclude(move, await self._knowledge.look_up(move.lookup))
            move = settle(claim.state, move)
            _describe(span, move)
            return move

    async def _finish(self, claim: Claim, move: Move, spoken: Spoken) -> Answer:
        degraded = move.degraded or (DegradedReason.MODEL if spoken.model_down else None)
        answer = answer_of(replace(move, degraded=degraded), spoken)
        state = (
            move.state if move.act is Act.REPEAT else replace(move.state, last_reply=spoken.text)
        )
        await self._store.finish_turn(claim, state, answer)
        self._instruments.count_turn(move)
        self._telemetry.log.info(
            "turn decided",
            extra={
                "dialog_act": str(move.act),
                "dialog_outcome": move.outcome and str(move.outcome),
                "fallback": move.fallback is not None,
                "model_name": spoken.usage.model_name,
                "tokens_used": spoken.usage.tokens_in + spoken.usage.tokens_out,
                "error_flag": degraded is not None,
            },
        )
        return answer


def answer_of(move: Move, spoken: Spoken) -> Answer:
    """A TurnAnswer. `intent` is the task that was worked on, null where nothing was understood."""
    return {
        "reply": spoken.text,
        "act": move.act,
        "intent": None if move.fallback else move.intent,
        "outcome": move.outcome,
        "fallback": move.fallback is not None,
        "repair": move.repair is not None,
        "handoff": move.act is Act.HAND_OFF,
        "degraded": move.degraded is not None,
        "degraded_reason": move.degraded,
        "model_name": spoken.usage.model_name,
        "tokens_in": spoken.usage.tokens_in,
        "tokens_out": spoken.usage.tokens_out,
        "cost_usd": spoken.usage.cost_usd,
        "missing_slots": list(move.missing),
    }


def _describe(span: Span, move: Move) -> None:
    span.set_attribute("conversation.dialog.act", str(move.act))
    span.set_attribute("conversation.fallback", move.fallback is not None)
    span.set_attribute("conversation.repair", move.repair is not None)
    span.set_attribute("dialog.missing_slots", len(move.missing))
    if move.outcome:
        span.set_attribute("conversation.outcome", str(move.outcome))


class _Held:
    """Gives the claim back if the block is left, or cancelled, before `done` was set."""

    def __init__(self, store: Store, claim: Claim) -> None:
        self._store = store
        self._claim = claim
        self.done = False

    async def __aenter__(self) -> _Held:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.done:
            return
        try:
            await asyncio.shield(self._store.release_turn(self._claim))
        except StoreDown:
            return  # the claim runs out by itself
