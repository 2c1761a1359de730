"""Renders supervisord.conf."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path

from turnscope.native import launch
from turnscope.native.errors import NativeError
from turnscope.native.program import Program
from turnscope.native.state import StateFolder


def write_config(state: StateFolder, programs: Iterable[Program]) -> None:
    """Write the supervisor's configuration and one launch file a program."""
    programs = list(programs)
    wanted = {f"{program.name}.json" for program in programs}
    for left in state.programs.glob("*.json"):
        if left.name not in wanted:
            left.unlink()
    for program in programs:
        _write_private(state.programs / f"{program.name}.json", program.launch_file())
    _write_private(state.supervisor_config, render_config(state, programs))


def render_config(state: StateFolder, programs: Iterable[Program]) -> str:
    """The text of supervisord.conf.

    Paths in it start from the state folder, where the supervisor runs: what lies above may hold
    characters that its syntax has no spelling for.
    """
    socket = state.control_socket
    if socket.is_relative_to(state.path):
        socket = socket.relative_to(state.path)
    sections = [
        _section(
            "supervisord",
            {
                "logfile": "supervisord.log",
                "logfile_maxbytes": "2MB",
                "logfile_backups": 1,
                "pidfile": "supervisord.pid",
                "childlogdir": state.logs.relative_to(state.path),
                "identifier": "turnscope",
                # As root it asks to be told that root is meant.
                **({"user": "root"} if os.geteuid() == 0 else {}),
            },
        ),
        _section("unix_http_server", {"file": socket, "chmod": "0700"}),
        _section(
            "rpcinterface:supervisor",
            {"supervisor.rpcinterface_factory": ("supervisor.rpcinterface:make_main_rpcinterface")},
        ),
        *(_program(state, program) for program in programs),
    ]
    return "\n".join(sections)


def _program(state: StateFolder, program: Program) -> str:
    # -S: the launcher needs no site packages, and each start is 20 ms shorter.
    command = [sys.executable, "-S", str(Path(launch.__file__).resolve())]
    command.append(f"{state.programs.relative_to(state.path)}/{program.name}.json")
    if re.search(r"\s[;#]", line := shlex.join(command)):
        raise NativeError(
            f"the supervisor takes what follows a space and ; or # for a comment, as in {line}: "
            "move the checkout",
            exit_code=2,
        )
    values = {
        "command": line,
        # `up` decides the order; a crash is another matter.
        "autostart": "false",
        "autorestart": "true",
        "startsecs": 1,
        # A second more between one try and the next: it goes on for over an hour.
        "startretries": 100,
        # Should the supervisor itself be told to end, it stops the highest first.
        "priority": 100 * (program.stage + 1),
        "stopsignal": program.stop_signal,
        "stopwaitsecs": program.stop_wait_s,
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": f"{state.logs.relative_to(state.path)}/{program.name}.log",
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 2,
        # Its only purpose: the supervisor sees that the program changed.
        "environment": f'TURNSCOPE_PROGRAM="{program.fingerprint()}"',
    }
    return _section(f"program:{program.name}", values)


def _section(name: str, values: dict[str, object]) -> str:
    # In the values "%" starts an expansion.
    lines = (f"{key} = {str(value).replace('%', '%%')}" for key, value in values.items())
    return f"[{name}]\n" + "\n".join(lines) + "\n"


def _write_private(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    beside.replace(path)
