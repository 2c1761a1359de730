"""Exemplars as promises: what is offered is marked, so that the sampler keeps its trace."""

from __future__ import annotations

import time
from collections.abc import Callable

from opentelemetry import trace

MARK = "conversation.exemplar"


class ExemplarGovernor:
    """Offers at most one exemplar a series and bucket an interval, and marks the span it names.

    The mark is set while the span still records; a span that has ended, or that is not sampled, is
    never offered. Memory is bounded by the number of series and buckets.
    """

    def __init__(self, interval_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval_s = interval_s
        self._clock = clock
        self._offered: dict[tuple[object, ...], float] = {}

    def offer(self, *place: object) -> dict[str, str] | None:
        """Exemplar labels for the series and bucket named by `place`, or None."""
        span = trace.get_current_span()
        context = span.get_span_context()
        if not (span.is_recording() and context.trace_flags.sampled):
            return None
        now = self._clock()
        last = self._offered.get(place)
        if last is not None and now - last < self._interval_s:
            return None
        self._offered[place] = now
        span.set_attribute(MARK, True)
        return {
            "trace_id": trace.format_trace_id(context.trace_id),
            "span_id": trace.format_span_id(context.span_id),
        }
