"""What model_inference measures beside its requests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from demo_services.model_inference.domain import FailureReason

if TYPE_CHECKING:
    from turnscope.instrument import Telemetry
    from turnscope.instrument.metrics import Counter, Gauge, Histogram


@dataclass(frozen=True)
class ModelInstruments:
    """The service's own instruments, by their names in the contract."""

    first_token: Histogram
    per_token: Histogram
    duration: Histogram
    tokens: Histogram
    cost: Counter
    errors: Counter
    clients_gone: Counter
    in_progress: Gauge

    @classmethod
    def of(cls, telemetry: Telemetry, models: Iterable[str]) -> ModelInstruments:
        """Take them from `telemetry`, with the counters of `models` at 0."""
        made = cls(
            first_token=telemetry.histogram("gen_ai_server_time_to_first_token_seconds"),
            per_token=telemetry.histogram("gen_ai_server_time_per_output_token_seconds"),
            duration=telemetry.histogram("gen_ai_server_request_duration_seconds"),
            tokens=telemetry.histogram("gen_ai_client_token_usage"),
            cost=telemetry.counter("conversation_model_cost_usd_total"),
            errors=telemetry.counter("conversation_model_errors_total"),
            clients_gone=telemetry.counter("conversation_model_clients_gone_total"),
            in_progress=telemetry.gauge("conversation_model_requests_in_progress"),
        )
        # A series that begins at 1 shows no rise: it begins at 0 before the first request.
        for model in models:
            made.cost.inc(0, gen_ai_request_model=model)
            made.clients_gone.inc(0, gen_ai_request_model=model)
            made.in_progress.set(0, gen_ai_request_model=model)
            for reason in get_args(FailureReason):
                made.errors.inc(0, gen_ai_request_model=model, reason=reason)
        return made
