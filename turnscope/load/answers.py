"""What the gateway gives back, as this package reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class GatewayError(Exception):
    """A call to the gateway that brought no answer; the text is one sentence for the terminal.

    `status` is the HTTP status, None when no response came; `reason` is the gateway's own word for
    it. `retry_after` is in seconds.
    """

    def __init__(
        self,
        sentence: str,
        *,
        status: int | None = None,
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.reason = reason
        self.retry_after = retry_after

    @property
    def is_passing(self) -> bool:
        """True when the same call may well succeed a little later."""
        if self.reason == "turn_in_progress":
            return True
        return self.status is None or self.status in {408, 425, 429, 502, 503, 504}


@dataclass(frozen=True)
class Answer:
    """One answered turn. `latency_ms` is the gateway's own measure; `turn_index` counts from 1."""

    reply: str
    session_id: str
    turn_id: str
    turn_index: int
    trace_id: str
    intent: str | None
    outcome: str | None
    turn_outcome: str
    degraded: bool
    model_name: str | None
    tokens_used: int
    latency_ms: float

    @property
    def failed(self) -> bool:
        return self.turn_outcome == "failed"

    @property
    def ends_session(self) -> bool:
        """True when the assistant itself has closed the conversation."""
        return self.outcome is not None


def read_answer(fields: Mapping[str, Any]) -> Answer:
    """Build an Answer; KeyError or TypeError when the object is not one."""
    return Answer(
        reply=str(fields["reply"]),
        session_id=str(fields["session_id"]),
        turn_id=str(fields["turn_id"]),
        turn_index=int(fields.get("turn_index") or 0),
        trace_id=str(fields.get("trace_id") or ""),
        intent=fields.get("intent"),
        outcome=fields.get("outcome"),
        turn_outcome=str(fields.get("turn_outcome") or "answered"),
        degraded=bool(fields.get("degraded")),
        model_name=fields.get("model_name"),
        tokens_used=int(fields.get("tokens_used") or 0),
        latency_ms=float(fields.get("latency_ms") or 0.0),
    )
