"""Waits until the stores hold what the gateway answered, and counts what they hold."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Protocol

from turnscope.stores.http import StoreError
from turnscope.stores.loki import Loki, where
from turnscope.stores.traces import TraceStore

# Answers are aimed to be in every store 5 s after the reply; the rest is room for a busy machine.
WAIT_SECONDS = 60.0
PAUSE_SECONDS = 0.5


class HasStores(Protocol):
    """The part of the deployment's stores that replay needs."""

    @property
    def logs(self) -> Loki: ...

    @property
    def traces(self) -> TraceStore: ...


def finished_turn_ids(loki: Loki, session_id: str, since_ns: int, until_ns: int) -> list[str]:
    """The turn id of each turn_finished record of the session, doubles included."""
    query = where(event_name="turn_finished", session_id=session_id)
    return [line.labels.get("turn_id", "") for line in loki.lines(query, since_ns, until_ns)]


@dataclass
class Arrived:
    """What was found. `doubled` counts events beyond one a turn; `seconds` is the time waited."""

    turn_ids: frozenset[str] = frozenset()
    doubled: int = 0
    trace_ids: frozenset[str] = frozenset()
    seconds: float = 0.0
    trouble: str | None = None


def await_arrival(
    stores: HasStores,
    session_id: str,
    turn_ids: Collection[str],
    trace_ids: Collection[str],
    *,
    since_ns: int,
    until_ns: Callable[[], int],
    wait_seconds: float = WAIT_SECONDS,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Arrived:
    """Ask until all ids are there or the time is up; a store that fails is asked again.

    The events are looked for from `since_ns` to `until_ns()`, nanoseconds since the Unix epoch.
    """
    began = clock()
    found = Arrived()
    while True:
        try:
            finished = finished_turn_ids(stores.logs, session_id, since_ns, until_ns())
            found.turn_ids = frozenset(finished)
            found.doubled = len(finished) - len(found.turn_ids)
            missing = set(trace_ids) - found.trace_ids
            found.trace_ids |= {one for one in missing if _holds(stores.traces, one)}
            found.trouble = None
        except StoreError as error:
            found.trouble = str(error)
        found.seconds = clock() - began
        complete = found.turn_ids >= set(turn_ids) and found.trace_ids >= set(trace_ids)
        if complete or found.seconds >= wait_seconds:
            return found
        sleep(PAUSE_SECONDS)


def _holds(traces: TraceStore, trace_id: str) -> bool:
    try:
        return traces.get(trace_id) is not None
    except ValueError:  # the gateway gave no trace id
        return False
