"""Waits until parts answer, and says which do not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

from turnscope.native.errors import NativeError
from turnscope.native.logs import last_lines
from turnscope.native.program import Program
from turnscope.native.progress import Report
from turnscope.native.state import StateFolder
from turnscope.native.supervision import ProcessState, Supervision

_POLL_S = 0.25
_SAY_EVERY_S = 5.0
# A part that ends by itself, time and again, for this long will not come up.
_GIVE_UP_S = 20.0
_LOG_LINES = 8
_ENDED = ("BACKOFF", "EXITED", "FATAL", "STOPPED")


def wait_for(
    programs: Iterable[Program],
    supervision: Supervision,
    state: StateFolder,
    timeout_s: float,
    report: Report,
    now: Callable[[], float] = time.monotonic,
) -> None:
    """Return once all answer. Raises NativeError that names each part that does not, and why."""
    waiting = list(programs)
    started = said = now()
    failing_since: dict[str, float] = {}
    with ThreadPoolExecutor(max_workers=max(1, len(waiting))) as pool:
        while True:
            states = {process.name: process for process in supervision.processes()}
            reasons = _unanswered(waiting, states, pool)
            waiting = [program for program in waiting if program.name in reasons]
            if not waiting:
                return
            _note_failing(failing_since, states, reasons, now())
            hopeless = any(now() - since > _GIVE_UP_S for since in failing_since.values())
            if hopeless or now() - started > timeout_s:
                raise NativeError(_complaint(reasons, state))
            if now() - said > _SAY_EVERY_S:
                said = now()
                report(f"waiting for {', '.join(reasons)} ({now() - started:.0f} s)")
            time.sleep(_POLL_S)


def _note_failing(
    since: dict[str, float], states: Mapping[str, ProcessState], waited: Iterable[str], now: float
) -> None:
    """Keep in `since` when each part began to end by itself; the next try alone is no recovery."""
    for name in set(since) - {name for name in waited if states[name].state != "RUNNING"}:
        del since[name]
    for name in waited:
        if states[name].state in _ENDED:
            since.setdefault(name, now)


def _unanswered(
    programs: list[Program], states: Mapping[str, ProcessState], pool: ThreadPoolExecutor
) -> dict[str, str]:
    """Name and reason of those that do not answer."""
    answers = pool.map(lambda program: program.probe.missing(), programs)
    reasons: dict[str, str] = {}
    for program, missing in zip(programs, answers, strict=True):
        process = states[program.name]
        # An answer on its port proves little while the process itself is not there: it may be
        # another's.
        if process.state in _ENDED:
            reasons[program.name] = f"ends by itself ({process.problem or process.state.lower()})"
        elif process.state == "STARTING":
            reasons[program.name] = missing or "has just been started"
        elif missing:
            reasons[program.name] = missing
    return reasons


def _complaint(reasons: dict[str, str], state: StateFolder) -> str:
    parts = []
    for name, reason in reasons.items():
        log = state.logs / f"{name}.log"
        last = "".join(f"\n    {line}" for line in last_lines(log, _LOG_LINES))
        parts.append(f"{name} does not answer: {reason}\n  {log}{last}")
    return "\n".join(parts)
