"""What the gateway decides by itself: an answer's shape, and what to say when nobody answers."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

NO_ANSWER = (
    "I am sorry, I cannot answer right now because a part of me is not reachable. "
    "Please try again in a minute."
)
"""What a user reads when the dialog manager gave no answer."""


@dataclass(frozen=True)
class Answer:
    """What a client gets for a turn. `latency_ms` counts from the request's arrival."""

    reply: str
    session_id: str
    turn_id: str
    turn_index: int | None
    trace_id: str
    intent: str | None
    outcome: str | None
    turn_outcome: str
    degraded: bool
    model_name: str | None
    tokens_used: int
    latency_ms: float

    def as_json(self) -> dict[str, Any]:
        """The JSON object of the interface."""
        return asdict(self)


def event_fields(parse: dict[str, Any] | None, reply: dict[str, Any]) -> dict[str, Any]:
    """The fields of turn_finished that NLU and dialog manager know."""
    understood = parse or {}
    return {
        "intent": understood.get("intent"),
        "confidence": understood.get("confidence"),
        "margin": understood.get("margin"),
        "out_of_scope": understood.get("out_of_scope"),
        "sentiment": understood.get("sentiment"),
        "language": understood.get("language"),
        "dialog_act": reply.get("act"),
        "dialog_outcome": reply.get("outcome"),
        "fallback": reply.get("fallback"),
        "repair": reply.get("repair"),
        "handoff": reply.get("handoff"),
        "cost_usd": reply.get("cost_usd"),
        "degraded_reason": reply.get("degraded_reason"),
    }


def tokens_of(reply: dict[str, Any]) -> int:
    """Tokens of prompt and answer together."""
    return int(reply.get("tokens_in") or 0) + int(reply.get("tokens_out") or 0)
