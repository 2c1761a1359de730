"""What runs, for `make status`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil

from turnscope.native.probes import DatabaseProbe, HttpProbe, NoProbe, Probe
from turnscope.native.state import read_running, running_endpoints, state_folder
from turnscope.native.supervision import ProcessState, Supervision


@dataclass(frozen=True)
class Part:
    """One program as a person wants to see it."""

    name: str
    state: str
    process: str
    memory: str
    problem: str

    @property
    def well(self) -> bool:
        """Whether it runs and answers."""
        return not self.problem


def look_at_parts(root: Path) -> list[Part]:
    """All programs of the checkout at `root`; none where nothing was started."""
    state = state_folder(root)
    facts = read_running(state)
    supervision = Supervision(state)
    if not facts:
        return []
    if not supervision.answers():
        return [Part("supervisor", "gone", "-", "-", "does not answer: run `make up`")]
    processes = supervision.processes()
    database_url = running_endpoints(root).database_url
    probes = [_probe(process.name, facts["probes"], database_url) for process in processes]
    with ThreadPoolExecutor(max_workers=max(1, len(probes))) as pool:
        answers = pool.map(lambda probe: probe.missing(), probes)
    return [_part(process, missing) for process, missing in zip(processes, answers, strict=True)]


def _probe(name: str, known: Mapping[str, list[object]], database_url: str) -> Probe:
    if name == "postgres":
        return DatabaseProbe(database_url)
    if name in known:
        port, path = known[name]
        return HttpProbe(int(str(port)), str(path))
    return NoProbe()


def _part(process: ProcessState, missing: str) -> Part:
    if process.state not in ("RUNNING", "STARTING"):
        problem = process.problem or "does not run"
        return Part(process.name, process.state.lower(), "-", "-", problem)
    age = f"{time.time() - process.since:.0f} s"
    return Part(
        process.name,
        f"{process.state.lower()} {age}",
        str(process.pid),
        f"{memory_of(process.pid) / 1e6:.0f} MB",
        missing,
    )


def memory_of(pid: int) -> int:
    """Bytes of a process and its children; 0 where it is gone.

    Proportional: what PostgreSQL's processes share is counted once.
    """
    try:
        top = psutil.Process(pid)
        family = [top, *top.children(recursive=True)]
        return sum(int(process.memory_full_info().pss) for process in family)
    except psutil.Error:
        return 0
