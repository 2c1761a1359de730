"""The turn scope: one user message and its answer, as the door of an assistant sees it."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Token
from types import TracebackType
from typing import Literal

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import StatusCode

from turnscope.instrument.context import SESSION, SOURCE, TURN, TURN_INDEX, USER, with_identity
from turnscope.instrument.metrics import Counter, Histogram

Outcome = Literal["answered", "degraded", "failed"]


class Turn:
    """Gives all inside it the turn's identity; counts, times and reports the turn at its end.

    A turn that is left without `answered` or `discard` has failed. `discard` makes the request no
    turn at all: refused, or a repetition of one that was answered before.
    """

    def __init__(
        self,
        *,
        turns: Counter,
        duration: Histogram,
        intents: Counter,
        emit: Callable[..., None],
        session_id: str | None = None,
        turn_id: str | None = None,
        user_pseudonym: str | None = None,
        user_query: str | None = None,
        source_id: str | None = None,
        turn_index: int | None = None,
        streamed: bool = False,
    ) -> None:
        self.session_id = session_id or str(uuid.uuid4())
        self.turn_id = turn_id or str(uuid.uuid4())
        self._turns, self._duration, self._intents, self._emit = turns, duration, intents, emit
        self._identity = {SESSION: self.session_id, TURN: self.turn_id}
        if user_pseudonym:
            self._identity[USER] = user_pseudonym
        if source_id:
            self._identity[SOURCE] = source_id
        if turn_index is not None:
            self._identity[TURN_INDEX] = str(turn_index)
        self._fields: dict[str, object] = {"user_query": user_query, "streamed": streamed}
        self._outcome: Outcome = "failed"
        self._discarded = False
        self._started = time.perf_counter()
        self._tokens: list[Token[Context]] = []

    @property
    def elapsed_s(self) -> float:
        """Seconds since the turn began."""
        return time.perf_counter() - self._started

    @property
    def outcome(self) -> Outcome:
        """How the turn ended, or would end if it were left now."""
        return self._outcome

    def __enter__(self) -> Turn:
        self._carry_identity()
        return self

    @contextmanager
    def carried(self) -> Iterator[None]:
        """Gives the block the turn's identity without ending the turn.

        For what has to happen before a streamed answer begins: the stream is produced in another
        context, so it enters the turn again by itself.
        """
        outside = len(self._tokens)
        self._carry_identity()
        try:
            yield
        finally:
            self._release(outside)

    def _release(self, keep: int = 0) -> None:
        while len(self._tokens) > keep:
            otel_context.detach(self._tokens.pop())

    def _carry_identity(self) -> None:
        self._tokens.append(otel_context.attach(with_identity(self._identity)))
        span = trace.get_current_span()
        for key, value in self._identity.items():
            span.set_attribute(key, int(value) if key == TURN_INDEX else value)

    def number(self, turn_index: int) -> None:
        """Set the turn's place in its session, from 1, once it is known."""
        self._identity[TURN_INDEX] = str(turn_index)
        self._carry_identity()

    def record(self, **fields: object) -> None:
        """Add fields of the turn_finished event (see the contract)."""
        self._fields.update(fields)

    def answered(
        self,
        bot_response: str,
        *,
        model_name: str | None = None,
        tokens_used: int | None = None,
        degraded: bool = False,
        **fields: object,
    ) -> None:
        """The user has an answer; `degraded` if it had to do without something it needed."""
        self._outcome = "degraded" if degraded else "answered"
        self.record(
            bot_response=bot_response, model_name=model_name, tokens_used=tokens_used, **fields
        )

    def failed(self, reason: str) -> None:
        """The user has no answer of the assistant; `reason` is one of a bounded set of words."""
        self._outcome = "failed"
        self.record(degraded_reason=reason)

    def discard(self) -> None:
        """This request is no turn: nothing is counted and no event is written."""
        self._discarded = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is not None:
                self._outcome = "failed"
                self._fields.setdefault("degraded_reason", kind.__name__)
            if not self._discarded:
                self._report()
        finally:
            self._release()

    def _report(self) -> None:
        elapsed = self.elapsed_s
        span = trace.get_current_span()
        span.set_attribute("conversation.turn.outcome", self._outcome)
        if self._outcome == "failed":
            span.set_status(StatusCode.ERROR)
        self._duration.observe(elapsed, outcome=self._outcome)
        self._turns.inc(outcome=self._outcome)
        if self._fields.get("intent"):
            self._intents.inc(intent=self._fields["intent"])
        self._emit(
            "turn_finished",
            outcome=self._outcome,
            error_flag=self._outcome != "answered",
            latency_ms=round(elapsed * 1000, 3),
            **self._fields,
        )
