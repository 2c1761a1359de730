"""Spans for the tests of diagnose; times in nanoseconds from 0."""

from typing import Any

from turnscope.stores.model import Span, Trace

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def span(
    span_id: str,
    parent: str | None,
    start: int,
    end: int,
    service: str = "gateway",
    **others: Any,
) -> Span:
    return Span(TRACE_ID, span_id, parent, service, f"span {span_id}", start, end, **others)


def trace(*spans: Span) -> Trace:
    return Trace.of(TRACE_ID, spans)
