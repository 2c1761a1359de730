"""What the gateway measures beside its turns, which the turn scope counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry
    from turnscope.instrument.metrics import Counter, Histogram


@dataclass(frozen=True)
class GatewayInstruments:
    """The gateway's own instruments, by their names in the contract."""

    refused: Counter
    repeated: Counter
    feedback: Counter
    first_token: Histogram

    @classmethod
    def of(cls, telemetry: Telemetry) -> GatewayInstruments:
        """Take them from `telemetry`."""
        return cls(
            refused=telemetry.counter("conversation_requests_refused_total"),
            repeated=telemetry.counter("conversation_turns_repeated_total"),
            feedback=telemetry.counter("conversation_feedback_total"),
            first_token=telemetry.histogram("conversation_turn_first_token_seconds"),
        )
