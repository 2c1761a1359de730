"""What the NLU measures beside its requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry
    from turnscope.instrument.metrics import Counter, Gauge, Histogram


@dataclass(frozen=True)
class NluInstruments:
    """The NLU's own instruments, by their names in the contract."""

    parses: Counter
    out_of_scope: Counter
    degraded: Counter
    confidence: Histogram
    margin: Histogram
    stage_duration: Histogram
    pool_connections: Gauge
    pool_limit: Gauge

    @classmethod
    def of(cls, telemetry: Telemetry) -> NluInstruments:
        """Take them from `telemetry`."""
        return cls(
            parses=telemetry.counter("nlu_parses_total"),
            out_of_scope=telemetry.counter("nlu_out_of_scope_total"),
            degraded=telemetry.counter("nlu_degraded_parses_total"),
            confidence=telemetry.histogram("nlu_confidence"),
            margin=telemetry.histogram("nlu_margin"),
            stage_duration=telemetry.histogram("nlu_stage_duration_seconds"),
            pool_connections=telemetry.gauge("db_pool_connections"),
            pool_limit=telemetry.gauge("db_pool_connections_limit"),
        )
