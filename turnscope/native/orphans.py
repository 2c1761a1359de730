"""Processes of this checkout that lost their supervisor, as after a kill -9 of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

from turnscope.native.program import Stage
from turnscope.native.state import StateFolder, read_running

_GRACE_S = 15


def find_orphans(state: StateFolder) -> Iterator[tuple[psutil.Process, str]]:
    """Processes that carry the state folder and a program's name in their environment.

    The folder alone is not enough: the shell that ran `TURNSCOPE_STATE=... make up` has it too.
    """
    mine = os.getpid()
    for process in psutil.process_iter():
        try:
            environment = process.environ()
        except (psutil.Error, OSError):
            continue
        if (
            environment.get("TURNSCOPE_STATE") == str(state.path)
            and (name := environment.get("TURNSCOPE_NAME"))
            and process.pid != mine
        ):
            yield process, name


def end_orphans(state: StateFolder) -> int:
    """End what is left, politely first and in the order of `down`; how many there were."""
    found = list(find_orphans(state))
    # A program's own children go with it; signalled first they would be started again.
    pids = {process.pid for process, _ in found}
    tops = [(process, name) for process, name in found if _parent(process) not in pids]
    stages = read_running(state).get("stages", {})
    for stage in sorted(Stage, reverse=True):
        _end([process for process, name in tops if stages.get(name, Stage.SERVICE) == stage])
    return len(tops)


def _end(processes: list[psutil.Process]) -> None:
    for process in processes:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(processes, timeout=_GRACE_S)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=2)


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return 0


def _signal(process: psutil.Process, *, kill: bool) -> None:
    try:
        if kill:
            process.kill()
        elif "postgres" in process.name():
            process.send_signal(2)  # "fast": SIGTERM would wait for clients
        else:
            process.terminate()
    except psutil.Error:
        pass
