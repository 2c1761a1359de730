"""Carries the identity of a turn: as baggage between services, onto every span and log record."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from opentelemetry import baggage
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor

SESSION = "gen_ai.conversation.id"
TURN = "conversation.turn.id"
TURN_INDEX = "conversation.turn.index"
USER = "enduser.pseudo.id"
SOURCE = "conversation.source_id"

LOG_FIELDS: Mapping[str, str] = {
    SESSION: "session_id",
    TURN: "turn_id",
    TURN_INDEX: "turn_index",
    USER: "user_id",
    SOURCE: "source_id",
}
"""Baggage key -> the plain name people search logs for."""


def with_identity(identity: Mapping[str, str], context: Context | None = None) -> Context:
    """`context` with the given identity keys as baggage."""
    for key, value in identity.items():
        context = baggage.set_baggage(key, value, context)
    return context if context is not None else Context()


def identity_of(context: Context | None = None) -> dict[str, str | int]:
    """The identity keys in a context's baggage; the turn index is an int.

    Foreign baggage is ignored: only the keys above ever reach a span or a log record.
    """
    found: dict[str, str | int] = {}
    for key, value in baggage.get_all(context).items():
        if key not in LOG_FIELDS or not isinstance(value, str):
            continue
        if key != TURN_INDEX:
            found[key] = value
        elif value.isdecimal():
            found[key] = int(value)
    return found


class IdentitySpanProcessor(SpanProcessor):
    """Copies the identity of the turn onto every span as it starts."""

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set the identity attributes that the parent context carries."""
        span.set_attributes(identity_of(parent_context))

    def on_end(self, span: ReadableSpan) -> None:
        """Nothing to do: the attributes are set at the start."""

    def shutdown(self) -> None:
        """Nothing to release."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Nothing waits."""
        return True


class IdentityFilter(logging.Filter):
    """Puts the identity of the turn onto every log record that does not carry its own."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Set the fields; keep the record."""
        for key, value in identity_of().items():
            name = LOG_FIELDS[key]
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
