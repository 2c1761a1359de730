"""Stops what runs, those first whose telemetry the others still have to take."""

from __future__ import annotations

from collections import defaultdict

from turnscope.native.program import Stage
from turnscope.native.progress import Report
from turnscope.native.state import StateFolder, read_running
from turnscope.native.supervision import Supervision

_STAGE_TIMEOUT_S = 70.0


def stop_all(state: StateFolder, report: Report) -> None:
    """Stop all programs and the supervisor; nothing where none answers."""
    supervision = Supervision(state)
    if not supervision.answers():
        return
    stages: dict[int, list[str]] = defaultdict(list)
    known: dict[str, int] = read_running(state).get("stages", {})
    for process in supervision.processes():
        stages[known.get(process.name, int(Stage.SERVICE))].append(process.name)
    for stage in sorted(stages, reverse=True):
        report(f"stopping {', '.join(stages[stage])}")
        supervision.stop(stages[stage], _STAGE_TIMEOUT_S)
    if not supervision.shutdown(_STAGE_TIMEOUT_S):
        report("the supervisor takes long to end")
