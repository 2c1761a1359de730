"""Speaks to the supervisor of one checkout: start it, bring it up to date, stop it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xmlrpc.client
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psutil
from supervisor.xmlrpc import SupervisorTransport

from turnscope.native.errors import NativeError
from turnscope.native.state import StateFolder

_START_S = 10.0
_POLL_S = 0.1
_ENDED = ("STOPPED", "EXITED", "FATAL")


@dataclass(frozen=True)
class ProcessState:
    """What the supervisor says of one program."""

    name: str
    state: str
    pid: int
    since: float
    """Unix time of its last start."""
    problem: str


class Supervision:
    """The supervisor behind the control socket of `state`."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state

    def answers(self) -> bool:
        """Whether a supervisor is there and ready."""
        try:
            with self._rpc() as rpc:
                return bool(rpc.getState()["statename"] == "RUNNING")
        except (OSError, xmlrpc.client.Error):
            return False

    def ensure(self) -> None:
        """Start the supervisor where none answers. It outlives us. Raises NativeError."""
        if self.answers():
            return
        command = [sys.executable, "-m", "supervisor.supervisord"]
        # It goes to the background by itself, once its configuration and its socket are in order.
        done = subprocess.run(  # noqa: S603
            [*command, "-c", str(self._state.supervisor_config)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            cwd=self._state.path,
            env={
                **os.environ,
                "TURNSCOPE_STATE": str(self._state.path),
                "TURNSCOPE_NAME": "supervisor",
            },
        )
        deadline = time.monotonic() + _START_S
        while not self.answers():
            if done.returncode or time.monotonic() > deadline:
                said = done.stdout + done.stderr
                raise NativeError(f"the supervisor does not start:\n{said.strip()}")
            time.sleep(_POLL_S)

    def update(self) -> set[str]:
        """Take over a new configuration; the names of the programs that were stopped for it."""
        with self._rpc() as rpc:
            added, changed, removed = rpc.reloadConfig()[0]
            for name in [*changed, *removed]:
                rpc.stopProcessGroup(name)
                rpc.removeProcessGroup(name)
            for name in [*added, *changed]:
                rpc.addProcessGroup(name)
        return set(changed) | set(removed)

    def start(self, names: Iterable[str]) -> list[str]:
        """Start those that do not run, without waiting for them; returns their names."""
        states = {process.name: process.state for process in self.processes()}
        idle = [name for name in names if states.get(name) not in ("RUNNING", "STARTING")]
        with self._rpc() as rpc:
            for name in idle:
                # Its next try is planned, perhaps a minute from now: not what is wanted here.
                if states.get(name) == "BACKOFF":
                    rpc.stopProcess(name)
                rpc.startProcess(name, False)
        return idle

    def stop(self, names: Iterable[str], timeout_s: float) -> None:
        """Stop these at once and wait until they have ended; the supervisor kills the slow ones."""
        wanted = set(names)
        with self._rpc() as rpc:
            for process in self.processes():
                if process.name in wanted and process.state not in _ENDED:
                    rpc.stopProcess(process.name, False)
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            states = {process.name: process.state for process in self.processes()}
            if all(states.get(name) in (None, *_ENDED) for name in wanted):
                return
            time.sleep(_POLL_S)

    def processes(self) -> list[ProcessState]:
        """All programs, also those that do not run."""
        with self._rpc() as rpc:
            found = cast("list[dict[str, Any]]", rpc.getAllProcessInfo())
        return [
            ProcessState(
                str(one["name"]), one["statename"], one["pid"], one["start"], one["spawnerr"]
            )
            for one in found
        ]

    def shutdown(self, timeout_s: float) -> bool:
        """Stop all programs and the supervisor; False where that took longer than `timeout_s`."""
        try:
            with self._rpc() as rpc:
                pid = int(rpc.getPID())
                rpc.shutdown()
        except (OSError, xmlrpc.client.Error):
            return True
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not _lives(pid):
                return True
            time.sleep(_POLL_S)
        return False

    @contextmanager
    def _rpc(self) -> Iterator[Any]:
        address = f"unix://{self._state.control_socket}"
        # The host of the URL is ignored; the transport knows the socket.
        transport = SupervisorTransport(None, None, address)
        try:
            yield xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor
        finally:
            transport.close()


def _lives(pid: int) -> bool:
    try:
        # A container whose first process collects nobody keeps it as a zombie.
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False
