"""`turnscope doctor` in native mode: which checks apply to this checkout as it is now."""

from __future__ import annotations

from collections.abc import Iterator
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
    check_twins,
)
from turnscope.native.build import engine_folder
from turnscope.native.checkout import Checkout, open_checkout
from turnscope.native.engines import ENGINES
from turnscope.native.supervision import Supervision
from turnscope.native.toolchain import find_toolchain


def examine(checkout: Checkout) -> Iterator[Finding]:
    """Every finding for the checkout; ports and memory are not asked for while its stack runs."""
    yield check_system()
    if Supervision(checkout.state).answers():
        yield Finding("stack", "runs; ports and memory are in use by it")
    else:
        yield check_memory()
        yield from check_twins(checkout.ports)
        yield from check_ports(checkout.ports)
    toolchain = find_toolchain(checkout.root)
    missing = [
        name
        for name, engine in ENGINES.items()
        if not engine_folder(engine, toolchain.version, checkout.root, checkout.cache).is_dir()
    ]
    yield check_disk(checkout.state.path, NEEDED_DISK_WARM_GB, "TURNSCOPE_STATE")
    if not missing:
        yield Finding("engines", "all built; no registry is needed")
        return
    yield Finding("engines", f"to be compiled: {', '.join(missing)}")
    yield check_disk(checkout.cache, NEEDED_DISK_COLD_GB, "TURNSCOPE_CACHE")
    yield check_python_registry()
    if toolchain.path:
        yield check_go_registry(str(toolchain.path))


def run_doctor(root: Path, console: Console, *, only_problems: bool = False) -> int:
    """Print the findings. 0: all is well. 1: something has to be done, and it is said what."""
    failed = False
    for finding in examine(open_checkout(root)):
        failed = failed or not finding.ok
        if finding.ok and only_problems:
            continue
        mark = "[green]ok[/green]  " if finding.ok else "[red]miss[/red]"
        advice = f": {finding.advice}" if finding.advice else ""
        console.print(f"{mark} {finding.subject}: {finding.state}{advice}", soft_wrap=True)
    return 1 if failed else 0
