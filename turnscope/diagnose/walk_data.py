"""The chain of a walk as data for programs. Durations are milliseconds, times ISO 8601 in UTC."""

from datetime import UTC, datetime
from typing import Any

from turnscope.diagnose.chain import METRIC, Chain
from turnscope.diagnose.waterfall import Line, error_of, statement_of, target_of, waterfall_of
from turnscope.stores.loki import LogLine
from turnscope.stores.model import Trace
from turnscope.stores.prometheus import Exemplar

NS_PER_MS = 1e6
NS_PER_S = 1e9


def as_data(chain: Chain) -> dict[str, Any]:
    """Number, trace, log lines and missing links; null where there is none."""
    return {
        "number": _number(chain.number) if chain.number else None,
        "trace": _trace(chain.trace) if chain.trace else None,
        "log_lines": [_log_line(line) for line in chain.lines],
        "missing": [
            {
                "link": missing.link,
                "looked_for": missing.looked_for,
                "where": missing.where,
                "advice": missing.advice,
            }
            for missing in chain.missing
        ],
    }


def iso(seconds: float) -> str:
    """The moment in UTC to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")


def _number(number: Exemplar) -> dict[str, Any]:
    return {
        "metric": METRIC,
        "labels": {key: value for key, value in number.series.items() if key != "__name__"},
        "value": number.value,
        "at": iso(number.at),
        "trace_id": number.trace_id,
        "span_id": number.span_id,
    }


def _trace(trace: Trace) -> dict[str, Any]:
    return {
        "trace_id": trace.trace_id,
        "start": iso(trace.start_ns / NS_PER_S),
        "complete": trace.complete,
        "spans": [_span(line) for line in waterfall_of(trace).lines],
    }


def _span(line: Line) -> dict[str, Any]:
    span = line.span
    return {
        "span_id": span.span_id,
        "parent_id": span.parent_id,
        "service": span.service,
        "name": span.name,
        "depth": line.depth,
        "offset_ms": line.offset_ns / NS_PER_MS,
        "duration_ms": line.duration_ns / NS_PER_MS,
        "self_ms": line.self_ns / NS_PER_MS,
        "clock_shift_ms": line.shift_ns / NS_PER_MS,
        "error": error_of(span),
        "statement": statement_of(span),
        "target": target_of(span),
    }


def _log_line(line: LogLine) -> dict[str, Any]:
    return {
        "at": iso(line.timestamp_ns / NS_PER_S),
        "service": line.service,
        "level": line.level,
        "message": line.body,
        "span_id": line.labels.get("span_id"),
        "event": line.labels.get("event_name"),
    }
