"""`make doctor`: the machine, as native mode needs it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rich.console import Console

from turnscope.deployment.doctor import (
    NEEDED_DISK_COLD_GB,
    NEEDED_DISK_WARM_GB,
    Finding,
    check_disk,
    check_go_registry,
    check_memory,
    check_ports,
    check_python_registry,
    check_system,
    check_threads_library,
    check_twins,
    examine,
)
from turnscope.native.build import engine_folder
from turnscope.native.checkout import Checkout, open_checkout
from turnscope.native.engines import ENGINES, engines_for
from turnscope.native.errors import NativeError
from turnscope.native.orphans import find_orphans
from turnscope.native.postgres import candidate_folders, machine_servers
from turnscope.native.gobuild import go_environment
from turnscope.native.supervision import Supervision
from turnscope.native.toolchain import find_toolchain


def run_doctor(root: Path, console: Console, *, only_problems: bool = False) -> int:
    """Print what was found and what to do; 1 where something has to be done.

    `only_problems` is for a start: nothing is printed where all is well, and the Python packages,
    which are installed by then, are not asked for, so that a start needs no network.
    """
    checkout = open_checkout(root)
    checks: list[Callable[[], Iterable[Finding]]] = [
        lambda: [check_system(), check_threads_library()],
        lambda: [] if Supervision(checkout.state).answers() else [check_memory()],
        lambda: _ports(checkout),
        lambda: _engines(checkout),
        lambda: [_postgres()],
    ]
    if not only_problems:
        checks.append(lambda: [check_python_registry()])
    well = True
    for finding in examine(checks):
        well &= finding.ok
        if finding.ok and only_problems:
            continue
        mark = "[green]ok[/green]  " if finding.ok else "[red]look[/red]"
        console.print(f"{mark}  {finding.subject}: {finding.state}", soft_wrap=True)
        if finding.advice:
            console.print(f"      {finding.advice}", soft_wrap=True, markup=False)
    return 0 if well else 1


def _ports(checkout: Checkout) -> Iterator[Finding]:
    yield from check_twins(checkout.ports)
    if Supervision(checkout.state).answers():
        yield Finding("ports", "this checkout's stack is running on them")
    elif any(find_orphans(checkout.state)):
        # Not a stranger's ports: a start ends these processes first.
        yield Finding("ports", "held by processes of this checkout that lost their supervisor")
    else:
        yield from check_ports(checkout.ports)


def _engines(checkout: Checkout) -> Iterator[Finding]:
    root, cache = checkout.root, checkout.cache
    try:
        toolchain = find_toolchain(root)
    except NativeError as error:
        yield Finding("Go toolchain", str(error), "see the message")
        return
    wanted = engines_for(checkout.traces_kind)
    missing = [
        name
        for name in wanted
        if not engine_folder(ENGINES[name], toolchain.version, root, cache).is_dir()
    ]
    source = str(toolchain.path or "comes as a wheel")
    yield Finding("Go toolchain", f"{toolchain.version} ({source})")
    yield Finding("engines", f"to be built: {', '.join(missing)}" if missing else "built")
    needed = NEEDED_DISK_COLD_GB if missing else NEEDED_DISK_WARM_GB
    yield check_disk(cache, needed, "TURNSCOPE_CACHE")
    if missing and toolchain.path:
        yield check_go_registry(str(toolchain.path), go_environment(os.environ, cache))


def _postgres() -> Finding:
    servers = machine_servers(candidate_folders())
    if not servers:
        return Finding("PostgreSQL", "none of the machine's serves; the wheel's will")
    best = max(servers, key=lambda server: server.major)
    return Finding("PostgreSQL", f"the machine's own, version {best.major} ({best.programs})")
