"""`turnscope audit`: were all turns counted, logged, traced and stored, each exactly once?

The window. Without times given it is the last 15 minutes, with both edges moved back to a moment
about which no turn finished for QUIET_SECONDS; about such an edge the stores cannot disagree on
which side a turn falls, and the counts are exact. Under traffic without such a pause the edges stay
where they are, and the counts become bounds. An edge that is given is never moved.

The end lies SETTLE_SECONDS back, and further by what the trace store's search hides (Tempo: 30 s);
an end given later than that is waited for. Until a turn is visible everywhere pass at most: scrape
interval 2 s, the sampler's wait for late spans 2 to 3 s after the root, batches and queues of the
collector some seconds more.

QUIET_SECONDS covers one scrape (2 s) and the guard of each side (1 s) within which the clocks of
gateway, dialog manager and stores are taken to agree.
"""

import json
from dataclasses import dataclass

from rich.console import Console

from turnscope.diagnose import audit_read
from turnscope.diagnose.audit_compare import Evidence, SeenTurn, compare
from turnscope.diagnose.audit_view import as_data, print_verdict
from turnscope.diagnose.clock import REAL_CLOCK, Clock
from turnscope.diagnose.counters import Window
from turnscope.diagnose.quiet import last_quiet_point
from turnscope.stores import Addresses, StoreError, Stores, open_stores

DEFAULT_SINCE_SECONDS = 900.0
SETTLE_SECONDS = 15.0
QUIET_SECONDS = 4.0
# How far an edge may be moved back to find a pause.
SLACK_SECONDS = 300.0
ALL_TRACES = 100.0


@dataclass(frozen=True, slots=True)
class AuditTimes:
    """What the caller asked for, in seconds since the Unix epoch; an edge given is not moved."""

    since_seconds: float = DEFAULT_SINCE_SECONDS
    start: float | None = None
    end: float | None = None


def run_audit(
    endpoints: Addresses,
    times: AuditTimes,
    console: Console,
    *,
    sampling_percent: float = ALL_TRACES,
    as_json: bool = False,
    clock: Clock = REAL_CLOCK,
) -> int:
    """Print the audit. 0: the stores agree. 1: they differ, or one does not answer. 2: wrong times.

    sampling_percent: the share of ordinary traces that the collector keeps.
    """
    try:
        with open_stores(endpoints) as stores:
            all_kept = sampling_percent >= ALL_TRACES
            return audit(
                stores, times, console, all_traces_kept=all_kept, as_json=as_json, clock=clock
            )
    except StoreError as error:
        console.print(str(error), markup=False, soft_wrap=True)
        return 1


def audit(
    stores: Stores,
    times: AuditTimes,
    console: Console,
    *,
    all_traces_kept: bool = True,
    as_json: bool = False,
    clock: Clock = REAL_CLOCK,
) -> int:
    """As `run_audit`, over stores that are open. Raises StoreError when one does not answer."""
    settle = SETTLE_SECONDS + stores.traces.search_lag_seconds
    end = clock.now() - settle if times.end is None else times.end
    start = end - times.since_seconds if times.start is None else times.start
    if start >= end or end > clock.now():
        console.print("Wrong times: a window has to start before it ends, and to end before now.")
        return 2
    _wait(end + settle - clock.now(), console, clock, quietly=as_json)
    window, evidence = read_evidence(stores, times, start, end, all_traces_kept=all_traces_kept)
    refused = audit_read.refused_requests(stores.metrics, window)
    verdict = compare(evidence, window)
    if as_json:
        console.print_json(json.dumps(as_data(verdict, refused, window)))
    else:
        print_verdict(console, verdict, refused, window)
    return 1 if verdict.differences else 0


def read_evidence(
    stores: Stores, times: AuditTimes, start: float, end: float, *, all_traces_kept: bool
) -> tuple[Window, Evidence]:
    """The window, its free edges moved to quiet moments, and what each store has around it."""
    since = start - (SLACK_SECONDS * 2 if times.start is None else 0) - QUIET_SECONDS
    until = end + QUIET_SECONDS
    answers = audit_read.answered_turns(stores.warehouse, since, until)
    events = audit_read.finished_events(stores.logs, since, until)
    traces = audit_read.turn_traces(stores.traces, since, until)
    window = quiet_window([*answers, *events, *traces], times, start, end)
    counted = audit_read.counted_turns(stores.metrics, window)
    return window, Evidence(answers, counted, events, traces, all_traces_kept)


def quiet_window(seen: list[SeenTurn], times: AuditTimes, start: float, end: float) -> Window:
    """The window with each edge that was not given moved back to the nearest quiet moment."""
    finished = [turn.finished_at for turn in seen]
    length = end - start
    if times.end is None:
        end = last_quiet_point(finished, end, end - SLACK_SECONDS, QUIET_SECONDS) or end
    if times.start is None:
        start = end - length
        start = last_quiet_point(finished, start, start - SLACK_SECONDS, QUIET_SECONDS) or start
    return Window(start, end)


def _wait(seconds: float, console: Console, clock: Clock, *, quietly: bool) -> None:
    if seconds > 0.5:
        if not quietly:
            console.print(f"Waiting {seconds:.0f} s until every store has what belongs to it ...")
        clock.sleep(seconds)
