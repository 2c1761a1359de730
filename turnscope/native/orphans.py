"""Processes of this checkout that lost their supervisor, as after a kill -9 of it."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psutil

from turnscope.native.state import StateFolder

_GRACE_S = 20


def find_orphans(state: StateFolder) -> Iterator[psutil.Process]:
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
            and environment.get("TURNSCOPE_NAME")
            and process.pid != mine
        ):
            yield process


def end_orphans(state: StateFolder) -> int:
    """End what is left, politely first; how many there were."""
    found = list(find_orphans(state))
    # Children first would make a PostgreSQL server restart: the parents take theirs along.
    pids = {process.pid for process in found}
    tops = [process for process in found if _parent(process) not in pids]
    for process in tops:
        _signal(process, kill=False)
    _, alive = psutil.wait_procs(found, timeout=_GRACE_S)
    for process in alive:
        _signal(process, kill=True)
    psutil.wait_procs(alive, timeout=2)
    return len(tops)


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
