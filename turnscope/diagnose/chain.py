"""The chain from a number to its trace to its log lines, followed through the stores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from turnscope.diagnose.clock import Clock
from turnscope.stores import Stores
from turnscope.stores.loki import LogLine, where
from turnscope.stores.model import Trace, trace_id_of
from turnscope.stores.prometheus import Exemplar

METRIC = "conversation_turn_duration_seconds"
# The buckets of a classic histogram, and the one series of a native histogram.
EXEMPLARS = f'{{__name__=~"{METRIC}(_bucket)?"}}'
RECENT_SECONDS = 900.0
# An answer is visible in every store within 5 s at P95; this is patience for the slowest.
PATIENCE_SECONDS = 15.0
PAUSE_SECONDS = 0.5
# Log lines arrive in batches, so the first of them is no sign that all are there.
LOGS_SETTLE_SECONDS = 5.0
AROUND_TRACE_SECONDS = 60
NS_PER_S = 10**9

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class MissingLink:
    """Where the chain broke: which link, what was looked for, in which store, and what to do."""

    link: str
    looked_for: str
    where: str
    advice: str

    def __str__(self) -> str:
        return (
            f"Missing link: the {self.link}. Looked for {self.looked_for} in {self.where}. "
            f"{self.advice}"
        )


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found. `number` is None for a trace that no exemplar names, which is no fault."""

    number: Exemplar | None
    trace: Trace | None
    lines: tuple[LogLine, ...]
    missing: tuple[MissingLink, ...]


def follow(stores: Stores, trace_id: str | None, clock: Clock) -> Chain:
    """The chain of the slowest recent turn, or of the trace given.

    Raises StoreError when a store does not answer, ValueError when the text is no trace id.
    """
    number = None if trace_id is not None else slowest_recent(stores, clock.now())
    if number is None and trace_id is None:
        return Chain(None, None, (), (_no_number(stores),))
    wanted = trace_id_of(number.trace_id if number is not None else trace_id or "")
    trace = _patiently(
        lambda: stores.traces.get(wanted), lambda found: _all_there(found, clock), clock
    )
    missing = []
    if trace is None:
        missing.append(_no_trace(stores, wanted, number))
    elif number is None:
        number = exemplar_of(stores, trace)
    elif number.span_id not in trace.by_id:
        missing.append(_no_span(stores, wanted, number))
    lines = _log_lines(stores, wanted, trace, clock)
    if not lines:
        missing.append(_no_lines(stores, wanted))
    return Chain(number, trace, lines, tuple(missing))


def slowest_recent(stores: Stores, now: float) -> Exemplar | None:
    """The exemplar with the highest turn duration of the last 15 minutes."""
    found = stores.metrics.exemplars(EXEMPLARS, now - RECENT_SECONDS, now)
    named = [exemplar for exemplar in found if exemplar.trace_id]
    return max(named, key=lambda exemplar: exemplar.value, default=None)


def exemplar_of(stores: Stores, trace: Trace) -> Exemplar | None:
    """The exemplar that names this trace, if there is one."""
    start = trace.start_ns / NS_PER_S - AROUND_TRACE_SECONDS
    end = trace.end_ns / NS_PER_S + AROUND_TRACE_SECONDS
    found = stores.metrics.exemplars(EXEMPLARS, start, end)
    naming = [each for each in found if each.trace_id == trace.trace_id]
    return max(naming, key=lambda exemplar: exemplar.value, default=None)


def _log_lines(
    stores: Stores, trace_id: str, trace: Trace | None, clock: Clock
) -> tuple[LogLine, ...]:
    around = AROUND_TRACE_SECONDS * NS_PER_S
    now_ns = int(clock.now() * NS_PER_S)
    start = (trace.start_ns if trace else now_ns - int(RECENT_SECONDS * NS_PER_S)) - around
    end = (trace.end_ns if trace else now_ns) + around
    if trace is not None:
        age = clock.now() - trace.end_ns / NS_PER_S
        clock.sleep(min(LOGS_SETTLE_SECONDS, max(0.0, LOGS_SETTLE_SECONDS - age)))
    query = where(trace_id=trace_id)
    # Without its trace nothing says that lines will come.
    enough: Callable[[object], bool] = bool if trace is not None else lambda _: True
    return _patiently(lambda: tuple(stores.logs.lines(query, start, end)), enough, clock)


def _all_there(trace: Trace | None, clock: Clock) -> bool:
    """Whether waiting can bring no more. A caller's own span may be missing for ever: not ours."""
    if trace is None:
        return False
    return trace.complete or clock.now() - trace.end_ns / NS_PER_S > PATIENCE_SECONDS


def _patiently(look: Callable[[], T], enough: Callable[[T], object], clock: Clock) -> T:
    """The first look that is enough, or the last one when patience ends."""
    deadline = clock.now() + PATIENCE_SECONDS
    while not enough(found := look()) and clock.now() < deadline:
        clock.sleep(PAUSE_SECONDS)
    return found


def _no_number(stores: Stores) -> MissingLink:
    return MissingLink(
        "number",
        f"an exemplar of {METRIC} within the last {RECENT_SECONDS / 60:.0f} minutes",
        f"Prometheus at {stores.metrics.url}",
        "Send a turn (make say), wait 5 s and walk again; if there is still none, ask make status "
        "whether the gateway is scraped.",
    )


def _no_trace(stores: Stores, trace_id: str, number: Exemplar | None) -> MissingLink:
    promised = "An exemplar promised it: look for the sampler's and the exporter's errors in "
    return MissingLink(
        "trace",
        f"trace {trace_id}",
        f"{stores.traces.name} at {stores.traces.url}",
        f"{promised}make logs."
        if number is not None
        else "Was the id copied whole, is the trace older than the store keeps, or sampled away?",
    )


def _no_span(stores: Stores, trace_id: str, number: Exemplar) -> MissingLink:
    return MissingLink(
        "span of the number",
        f"span {number.span_id} of trace {trace_id}",
        f"{stores.traces.name} at {stores.traces.url}",
        "The rest of the trace is there: look for dropped spans of that service in make logs.",
    )


def _no_lines(stores: Stores, trace_id: str) -> MissingLink:
    return MissingLink(
        "log lines",
        f"lines with trace_id {trace_id}",
        f"Loki at {stores.logs.url}",
        "Do the services send their logs to the collector? make logs shows its errors.",
    )
