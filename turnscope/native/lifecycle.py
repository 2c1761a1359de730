"""up, down, status, logs and reset of native mode. Each returns the exit code."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Concatenate, ParamSpec

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from turnscope.native.checkout import open_checkout
from turnscope.native.database import outside
from turnscope.native.errors import NativeError
from turnscope.native.locks import file_lock
from turnscope.native.logs import last_lines
from turnscope.native.orphans import end_orphans
from turnscope.native.removal import remove_folder
from turnscope.native.starting import start_all
from turnscope.native.state import StateFolder, read_running, state_folder
from turnscope.native.stopping import stop_all
from turnscope.native.supervision import Supervision

P = ParamSpec("P")
_LOG_LINES = 40


def _console_of(arguments: tuple[object, ...]) -> Console:
    return next(argument for argument in arguments if isinstance(argument, Console))


def _command(
    function: Callable[Concatenate[Path, P], int],
) -> Callable[Concatenate[Path, P], int]:
    """A NativeError becomes its message and its exit code; other systems are turned away."""

    @wraps(function)
    def run(root: Path, *arguments: P.args, **named: P.kwargs) -> int:
        console = _console_of((*arguments, *named.values()))
        try:
            if platform.system() != "Linux":
                raise NativeError("start Docker: native mode needs Linux", exit_code=2)
            return function(root, *arguments, **named)
        except NativeError as error:
            console.print(f"turnscope: {error}", style="red", soft_wrap=True, markup=False)
            return error.exit_code
        except ValidationError as error:
            for one in error.errors():
                name = "_".join(str(part) for part in one["loc"]).upper()
                line = f"turnscope: {name}={one['input']}: {one['msg']}"
                console.print(line, style="red", soft_wrap=True, markup=False)
            return 2
        except PermissionError as error:
            console.print(f"turnscope: {error}", style="red", soft_wrap=True, markup=False)
            return 2

    return run  # type: ignore[return-value]  # wraps() names the first parameter


@_command
def up(root: Path, console: Console) -> int:
    """Build what is missing, start everything, wait until each part answers, print the addresses.

    Where it runs already, only what changed is started anew.
    """
    checkout = open_checkout(root)
    checkout.state.make()

    def report(line: str) -> None:
        console.print(line, soft_wrap=True, markup=False)

    with file_lock(
        checkout.state.lock, lambda: report("another start or stop is under way; waiting")
    ):
        facts = start_all(checkout, report)
    report("")
    report(f"Gateway     {facts['gateway_url']}")
    if facts["grafana_url"]:
        report(
            f"Grafana     {facts['grafana_url']}   user admin; `make password` prints the password"
        )
    report(f"Prometheus  {facts['prometheus_url']}")
    report(f"Traces      {facts['traces_url']}   ({facts['traces_kind']})")
    report("")
    report('Next: make say MSG="where is my order 1042?", then make walk')
    return 0


@_command
def down(root: Path, console: Console) -> int:
    """Stop everything; data stays. Fine where nothing runs."""
    state = state_folder(root.absolute())
    ran = _stop(state, lambda line: console.print(line, soft_wrap=True, markup=False))
    console.print("stopped; data stays" if ran else "nothing was running")
    return 0


@_command
def status(root: Path, console: Console) -> int:
    """Each part, whether it runs and whether it answers; 1 where one does not."""
    from turnscope.native.overview import look_at_parts

    parts = look_at_parts(root.absolute())
    if not parts:
        console.print("nothing runs: `make up` starts it")
        return 1
    table = Table("part", "state", "process", "memory", "answer", box=None, pad_edge=False)
    for part in parts:
        answer = "yes" if part.well else f"[red]{part.problem}[/red]"
        table.add_row(part.name, part.state, part.process, part.memory, answer)
    console.print(table)
    return 0 if all(part.well for part in parts) else 1


@_command
def logs(root: Path, service: str, follow: bool, console: Console) -> int:
    """The newest lines of one part's log, or of all."""
    folder = state_folder(root.absolute()).logs
    known = sorted(path.stem for path in folder.glob("*.log"))
    if service and service not in known:
        raise NativeError(
            f"no part {service!r} has a log; there are: {', '.join(known) or 'none yet'}",
            exit_code=2,
        )
    names = [service] if service else known
    if follow and names:
        paths = [str(folder / f"{name}.log") for name in names]
        os.execvp("tail", ["tail", "-n", str(_LOG_LINES), "-F", *paths])  # noqa: S606, S607
    for name in names:
        if not service:
            console.print(f"== {name}", style="bold")
        for line in last_lines(folder / f"{name}.log", _LOG_LINES):
            console.print(line, soft_wrap=True, markup=False, highlight=False)
    return 0


@_command
def reset(root: Path, console: Console) -> int:
    """Stop everything and delete its data; secrets and built engines stay."""
    checkout = open_checkout(root)
    state = checkout.state
    _stop(state, lambda line: console.print(line, soft_wrap=True, markup=False))
    # Named one by one: TURNSCOPE_STATE may be a folder that holds other things too.
    data = state.path / "data"
    for folder in (data, state.configs, state.programs, state.logs, outside(checkout)):
        remove_folder(folder)
    console.print("data deleted; secrets and built engines stay")
    return 0


def _stop(state: StateFolder, report: Callable[[str], None]) -> bool:
    if not state.path.exists():
        return False
    with file_lock(state.lock, lambda: report("another start or stop is under way; waiting")):
        ran = bool(read_running(state)) or Supervision(state).answers()
        stop_all(state, report)
        left = end_orphans(state)
        for path in (state.running, state.mode, state.control_socket):
            path.unlink(missing_ok=True)
        if state.control_socket.parent != state.path:
            shutil.rmtree(state.control_socket.parent, ignore_errors=True)
    return ran or bool(left)
