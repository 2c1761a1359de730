"""What the dialog manager counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo_services.dialog_manager.acts import Act, Outcome
from demo_services.dialog_manager.moves import Move

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry
    from turnscope.instrument.metrics import Counter, Gauge


@dataclass(frozen=True)
class DialogInstruments:
    """The service's own instruments, by their names in the contract."""

    acts: Counter
    fallbacks: Counter
    repairs: Counter
    handoffs: Counter
    sessions_started: Counter
    sessions_ended: Counter
    wordings_rejected: Counter
    pool: Gauge
    pool_limit: Gauge

    @classmethod
    def of(cls, telemetry: Telemetry) -> DialogInstruments:
        """Take them from `telemetry`."""
        return cls(
            acts=telemetry.counter("dialog_acts_total"),
            fallbacks=telemetry.counter("conversation_fallbacks_total"),
            repairs=telemetry.counter("conversation_repairs_total"),
            handoffs=telemetry.counter("conversation_handoffs_total"),
            sessions_started=telemetry.counter("conversation_sessions_started_total"),
            sessions_ended=telemetry.counter("conversation_sessions_ended_total"),
            wordings_rejected=telemetry.counter("dialog_wording_rejected_total"),
            pool=telemetry.gauge("db_pool_connections"),
            pool_limit=telemetry.gauge("db_pool_connections_limit"),
        )

    def count_turn(self, move: Move) -> None:
        """Count a turn whose answer is stored; before that it may still be tried again."""
        self.acts.inc(act=move.act)
        if move.fallback:
            self.fallbacks.inc(reason=move.fallback)
        if move.repair:
            self.repairs.inc(kind=move.repair)
        if move.handoff and move.act is Act.HAND_OFF:
            self.handoffs.inc(reason=move.handoff)
        if move.outcome:
            self.count_end(move.outcome)

    def count_end(self, outcome: Outcome) -> None:
        """Count a session that ended."""
        self.sessions_ended.inc(outcome=outcome)

    def show_pool(self, used: int, idle: int) -> None:
        """Show what the database connections do."""
        self.pool.set(used, state="used")
        self.pool.set(idle, state="idle")
