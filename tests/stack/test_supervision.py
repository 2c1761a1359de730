"""The real supervisor with programs that do nothing: what it restarts, takes over and leaves."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from waiting import eventually

from turnscope.native.orphans import end_orphans, find_orphans
from turnscope.native.program import Program
from turnscope.native.state import StateFolder
from turnscope.native.supervision import Supervision
from turnscope.native.supervisor_config import write_config

pytestmark = pytest.mark.stack

IDLE = "import time; print('ready', flush=True); time.sleep(600)"


def idler(name: str, state: StateFolder, **environment: str) -> Program:
    environment["TURNSCOPE_STATE"] = str(state.path)
    return Program(name, (sys.executable, "-S", "-c", IDLE), state.path, environment)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[StateFolder]:
    # Longer than a socket's address may be, with what its configuration file treats specially.
    state = StateFolder(tmp_path / "a folder; 50% of it #1" / ("deep/" * 12) / "state")
    state.make()
    yield state
    Supervision(state).shutdown(20)
    end_orphans(state)


def pids(supervision: Supervision) -> dict[str, int]:
    return {
        process.name: process.pid
        for process in supervision.processes()
        if process.state == "RUNNING"
    }


def started(state: StateFolder, *programs: Program) -> tuple[Supervision, dict[str, int]]:
    write_config(state, programs)
    supervision = Supervision(state)
    supervision.ensure()
    supervision.start(program.name for program in programs)
    names = {program.name for program in programs}
    eventually(lambda: set(pids(supervision)) == names, f"{names} running")
    return supervision, pids(supervision)


def test_a_program_that_is_killed_is_started_again(state: StateFolder) -> None:
    supervision, before = started(state, idler("a", state))
    os.kill(before["a"], signal.SIGKILL)
    eventually(lambda: pids(supervision).get("a", before["a"]) != before["a"], "a new process")
    assert (state.logs / "a.log").read_text() == "ready\nready\n"


def test_only_what_changed_is_started_anew(state: StateFolder) -> None:
    supervision, before = started(state, idler("a", state), idler("b", state))
    write_config(state, [idler("a", state), idler("b", state, NEW="1")])
    assert supervision.update() == {"b"}
    assert supervision.start(["a", "b"]) == ["b"]
    eventually(lambda: "b" in pids(supervision), "b running")
    after = pids(supervision)
    assert after["a"] == before["a"]
    assert after["b"] != before["b"]


def test_a_program_that_is_no_longer_wanted_ends(state: StateFolder) -> None:
    supervision, before = started(state, idler("a", state), idler("traffic", state))
    write_config(state, [idler("a", state)])
    assert supervision.update() == {"traffic"}
    assert not psutil.pid_exists(before["traffic"])
    assert set(pids(supervision)) == {"a"}


def test_what_a_killed_supervisor_leaves_is_found_and_ended(state: StateFolder) -> None:
    supervision, before = started(state, idler("a", state))
    supervisor = int((state.path / "supervisord.pid").read_text())
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: not supervision.answers(), "the supervisor's end")
    assert [process.pid for process, _ in find_orphans(state)] == [before["a"]]
    assert end_orphans(state) == 1
    assert not psutil.pid_exists(before["a"])
    # Its socket and its process id file are still there; the next one is not put off by them.
    _, after = started(state, idler("a", state))
    assert after["a"] != before["a"]


def test_the_orphans_of_another_checkout_are_left_alone(state: StateFolder, tmp_path: Path) -> None:
    _, before = started(state, idler("a", state))
    assert end_orphans(StateFolder(tmp_path / "other")) == 0
    assert psutil.pid_exists(before["a"])


def test_stopping_waits_until_programs_have_ended(state: StateFolder) -> None:
    supervision, before = started(state, idler("a", state), idler("b", state))
    supervision.stop(["a"], 20)
    assert not psutil.pid_exists(before["a"])
    assert psutil.pid_exists(before["b"])
    assert supervision.shutdown(20)
    assert not psutil.pid_exists(before["b"])
    assert not supervision.answers()
    assert supervision.shutdown(20)  # nothing left to stop is fine
