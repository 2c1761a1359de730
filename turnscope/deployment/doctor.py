"""Looks at the machine before anything is started, and says what to do about what is missing."""

from __future__ import annotations

import ctypes
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from turnscope.deployment.ports import Ports

# Measured on Debian 12, x86-64 (docs/benchmarks.md); rounded up to leave room.
NEEDED_DISK_COLD_GB = 14.0
NEEDED_DISK_WARM_GB = 2.0
NEEDED_MEMORY_GB = 3.5
_REGISTRY_TIMEOUT_S = 30


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `advice` is empty where all is well."""

    subject: str
    state: str
    advice: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing has to be done."""
        return not self.advice


def check_system() -> Finding:
    """Native mode runs on Linux alone."""
    system = f"{platform.system()} {platform.machine()}"
    if platform.system() != "Linux":
        return Finding("system", system, "native mode needs Linux: start Docker")
    return Finding("system", f"{system}, Python {platform.python_version()}")


def check_threads_library() -> Finding:
    """The small model's threads need GNU OpenMP, which slim systems leave out."""
    try:
        ctypes.CDLL("libgomp.so.1")
    except OSError:
        advice = "install it (Debian: apt-get install libgomp1; Fedora: dnf install libgomp)"
        return Finding("libgomp", "missing; SmolLM2 does not start without it", advice)
    return Finding("libgomp", "there")


def check_memory() -> Finding:
    """What can be had without swapping."""
    gigabytes = psutil.virtual_memory().available / 1e9
    state = f"{gigabytes:.1f} GB available, {NEEDED_MEMORY_GB:.1f} GB needed"
    advice = "" if gigabytes >= NEEDED_MEMORY_GB else "stop something else, or use a larger machine"
    return Finding("memory", state, advice)


def check_disk(folder: Path, needed_gb: float, variable: str) -> Finding:
    """Room on the file system that will hold `folder`, which need not exist yet."""
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    gigabytes = shutil.disk_usage(existing).free / 1e9
    state = f"{gigabytes:.1f} GB free at {folder}, {needed_gb:.0f} GB needed"
    advice = "" if gigabytes >= needed_gb else f"free some, or point {variable} elsewhere"
    return Finding(f"disk ({variable})", state, advice)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def owner_of(port: int) -> str:
    """The process that listens on `port`, as far as we may see it."""
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and tuple(connection.laddr)[1:] == (port,):
                if connection.pid is None:
                    break
                return f"{psutil.Process(connection.pid).name()} (process {connection.pid})"
    except psutil.Error:
        pass
    return "a process of another user"


def check_ports(ports: Ports) -> Iterator[Finding]:
    """A finding for every port that is taken, else one for all."""
    taken = [(variable, port) for variable, port in ports.items() if _listens(port)]
    for variable, port in taken:
        yield Finding(
            f"port {port}",
            f"taken by {owner_of(port)}",
            f"stop it, or set {variable} to a free port, or move all with PORT_OFFSET=100",
        )
    if not taken:
        yield Finding("ports", f"all {len(list(ports.items()))} are free")


def check_twins(ports: Ports) -> Iterator[Finding]:
    """Two parts that were given one port."""
    seen: dict[int, str] = {}
    for variable, port in ports.items():
        if port in seen:
            yield Finding(
                f"port {port}", f"is both {seen[port]} and {variable}", "move one of them"
            )
        seen[port] = variable


def check_python_registry() -> Finding:
    """Whether Python packages can be had: a real download of a small one."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--no-cache-dir",
        ]
        return _registry("Python packages", [*command, "-d", folder, "packaging"], "PIP_INDEX_URL")


def check_go_registry(go: str, environment: Mapping[str, str]) -> Finding:
    """Whether Go modules can be had: the versions of a small one are asked for."""
    command = [go, "list", "-m", "-versions", "github.com/google/uuid"]
    return _registry("Go modules", command, "GOPROXY", environment)


def _registry(
    subject: str,
    command: list[str],
    variable: str,
    environment: Mapping[str, str] | None = None,
) -> Finding:
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            command,
            cwd="/",
            env=environment,
            capture_output=True,
            text=True,
            timeout=_REGISTRY_TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        reason = f"no answer within {_REGISTRY_TIMEOUT_S} s"
    except OSError as error:
        reason = str(error)
    else:
        if done.returncode == 0:
            return Finding(subject, "the registry answers")
        reason = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
    return Finding(subject, reason, f"check the network, the proxy and {variable}")


def examine(checks: Iterable[Callable[[], Iterable[Finding]]]) -> Iterator[Finding]:
    """The findings of all checks, each as soon as it is there."""
    for check in checks:
        yield from check()
