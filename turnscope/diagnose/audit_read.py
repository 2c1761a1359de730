"""What an audit reads of each store. Times are seconds since the Unix epoch."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from turnscope.diagnose.audit_compare import OUTCOMES, SeenTurn
from turnscope.diagnose.counters import Bounds, Window, total_growth
from turnscope.stores.loki import Loki, where
from turnscope.stores.prometheus import Prometheus
from turnscope.stores.traces import TraceStore
from turnscope.stores.warehouse import Warehouse

NS_PER_S = 10**9
# Traces are searched by the start of the root span; longer than any turn's time-out.
LONGEST_TURN_SECONDS = 120
# How far back the last value before the window is looked for: a pause of scraping this long.
LOOKBACK_SECONDS = 3600
# And ahead, for the first value after the window: several scrapes of 2 s.
LOOKAHEAD_SECONDS = 30


def answered_turns(warehouse: Warehouse, start: float, end: float) -> list[SeenTurn]:
    """The turns whose answer the dialog manager stored."""
    first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(end, UTC)
    return [
        SeenTurn(turn.turn_id, turn.finished_at.timestamp())
        for turn in warehouse.answered_turns(first, last)
    ]


def finished_events(logs: Loki, start: float, end: float) -> list[SeenTurn]:
    """The turn_finished events of whatever service writes them."""
    lines = logs.lines(where(event_name="turn_finished"), _ns(start), _ns(end))
    return [
        SeenTurn(
            line.labels.get("turn_id", ""),
            line.timestamp_ns / NS_PER_S,
            line.labels.get("outcome"),
        )
        for line in lines
    ]


def turn_traces(traces: TraceStore, start: float, end: float) -> list[SeenTurn]:
    """The spans that hold a whole turn, all that ended in the given time among them."""
    found = traces.search(
        _ns(start - LONGEST_TURN_SECONDS),
        _ns(end),
        {"conversation.turn.outcome": OUTCOMES},
        select=["conversation.turn.id"],
    )
    return [
        SeenTurn(
            str(span.attributes.get("conversation.turn.id", "")),
            span.end_ns / NS_PER_S,
            str(span.attributes["conversation.turn.outcome"]),
        )
        for span in found
    ]


def counted_turns(metrics: Prometheus, window: Window) -> Mapping[str, Bounds]:
    """Turns counted in the window, by outcome."""
    return _growth_by(metrics, "conversation_turns_total", "outcome", window)


def refused_requests(metrics: Prometheus, window: Window) -> Mapping[str, Bounds]:
    """Requests refused in the window, by reason; reasons that never occurred are left out."""
    found = _growth_by(metrics, "conversation_requests_refused_total", "reason", window)
    return {reason: count for reason, count in found.items() if count.upper != 0}


def _growth_by(
    metrics: Prometheus, metric: str, label: str, window: Window
) -> Mapping[str, Bounds]:
    series = metrics.raw(metric, window.start - LOOKBACK_SECONDS, window.end + LOOKAHEAD_SECONDS)
    values: Iterable[str] = sorted({each.labels.get(label, "") for each in series})
    return {
        value: total_growth(
            (each.points for each in series if each.labels.get(label, "") == value), window
        )
        for value in values
    }


def _ns(seconds: float) -> int:
    return round(seconds * NS_PER_S)
