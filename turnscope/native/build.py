"""Engines from pinned modules, built once a machine and kept in the cache."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from turnscope.native.engines import BUILD_FLAGS, ENGINES, Engine
from turnscope.native.errors import NativeError
from turnscope.native.gobuild import compile_engine
from turnscope.native.locks import file_lock
from turnscope.native.progress import Report, build_progress
from turnscope.native.toolchain import find_toolchain

_GB = 10**9
# Measured on a machine without any of it: 4.2 GB of modules, 5.3 GB of compiled packages, 0.7 GB of
# engines and toolchain, and 1 GB that go uses while it works.
DISK_NEEDED = 12 * _GB


def ensure_engines(
    names: Iterable[str], root: Path, cache: Path, report: Report
) -> dict[str, Path]:
    """Paths of all binaries of the engines `names` ({"otelcol": ...}), building what is missing.

    Takes milliseconds when all are there, minutes when not. Two checkouts may call it at once.
    Raises NativeError with what to do.
    """
    engines = [ENGINES[name] for name in names]
    toolchain = find_toolchain(root)
    folders = {
        engine.name: engine_folder(engine, toolchain.version, root, cache) for engine in engines
    }
    missing = [engine for engine in engines if not folders[engine.name].is_dir()]
    if missing:
        check_disk(cache, len(missing), len(ENGINES))
        go = toolchain.install(root, cache, report)
        described = "the machine's" if toolchain.path else "from a wheel"
        wanted = ", ".join(engine.name for engine in missing)
        report(f"building {wanted}, once a machine, with Go {toolchain.version} ({described})")
        for engine in missing:
            _build_once(go, engine, folders[engine.name], root, cache, report)
    return {
        binary.name: folders[engine.name] / binary.name
        for engine in engines
        for binary in engine.binaries
    }


def engine_folder(engine: Engine, go_version: str, root: Path, cache: Path) -> Path:
    """Where the binaries of `engine` lie: a name that changes with anything that changes them."""
    digest = hashlib.sha256()
    module = root / "native" / engine.name
    for path in sorted(path for path in module.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(module)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    packages = [f"{binary.name}={binary.package}" for binary in engine.binaries]
    for part in (*BUILD_FLAGS, *engine.tags, *packages, go_version, platform.machine()):
        digest.update(f"\0{part}".encode())
    return cache / "engines" / engine.name / digest.hexdigest()[:16]


def check_disk(cache: Path, missing: int, of: int) -> None:
    """Raise NativeError where the disk is too small for what is still to be built."""
    cache.mkdir(parents=True, exist_ok=True)
    needed = DISK_NEEDED * missing // of
    free = shutil.disk_usage(cache).free
    if free < needed:
        raise NativeError(
            f"{cache} has {free / _GB:.1f} GB free, building {missing} engines takes about "
            f"{needed / _GB:.1f} GB: free some, or set TURNSCOPE_CACHE (and GOMODCACHE, GOCACHE)"
        )


def _build_once(
    go: Path, engine: Engine, folder: Path, root: Path, cache: Path, report: Report
) -> None:
    def waiting() -> None:
        report(f"{engine.name}: another checkout is building it; waiting")

    with file_lock(folder.parent / "lock", waiting):
        if folder.is_dir():
            return
        _sweep(folder.parent)
        started = time.monotonic()
        beside = Path(tempfile.mkdtemp(prefix=".building-", dir=folder.parent))
        try:
            module = root / "native" / engine.name
            with build_progress(engine.name, report) as progress:
                compile_engine(go, engine, module, beside, cache, progress)
            seconds = time.monotonic() - started
            size = sum(path.stat().st_size for path in beside.iterdir())
            note = {"engine": engine.name, "seconds": round(seconds), "bytes": size}
            (beside / "built.json").write_text(json.dumps(note) + os.linesep)
            beside.chmod(0o755)
            beside.rename(folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        report(f"{engine.name}: built in {seconds:.0f} s, {size / 1024**2:.0f} MiB")


def _sweep(folder: Path) -> None:
    """Remove what a killed build left; the lock is held, so nobody works there."""
    for left in folder.glob(".building-*"):
        shutil.rmtree(left, ignore_errors=True)
