"""Wheels that carry programs, not Python code: installed into the cache, hashes checked."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from turnscope.native.errors import NativeError
from turnscope.native.locks import file_lock

Report = Callable[[str], None]


def install_wheel(name: str, root: Path, cache: Path, report: Report) -> Path:
    """The folder `native/wheels/<name>.txt` is installed in; installs it where it is not yet.

    Raises NativeError where no installer is at hand or the installation fails.
    """
    requirements = root / "native" / "wheels" / f"{name}.txt"
    target = cache / "wheels" / f"{name}-{pinned_version(requirements)}"
    if target.is_dir():
        return target
    with file_lock(
        cache / "wheels" / f"{name}.lock", lambda: report(f"{name}: waiting for its lock")
    ):
        if not target.is_dir():
            report(f"{name}: installing the wheel")
            _install(requirements, target)
    return target


def pinned_version(requirements: Path) -> str:
    """Version in a one-requirement file of the form `name==version \\`."""
    for line in requirements.read_text().splitlines():
        if "==" in line and not line.startswith("#"):
            return line.split("==")[1].split()[0]
    raise NativeError(f"{requirements} names no version", exit_code=2)


def _install(requirements: Path, target: Path) -> None:
    beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        command = [*_installer(), "--target", str(beside), "--no-deps", "--require-hashes"]
        done = subprocess.run(  # noqa: S603
            [*command, "-r", str(requirements)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = "\n".join((done.stderr or done.stdout).splitlines()[-10:])
            raise NativeError(f"installing {requirements.name} failed:\n{last}")
        # mkdtemp makes it private; PostgreSQL runs as another user where we are root.
        beside.chmod(0o755)
        beside.rename(target)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _installer() -> list[str]:
    """pip of this environment; else uv, whose environments have no pip; else the base's pip."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-input"]
    if uv := os.environ.get("UV") or shutil.which("uv"):
        return [uv, "pip", "install", "--quiet", "--python", sys.executable]
    base = getattr(sys, "_base_executable", sys.executable)
    probe = [base, "-m", "pip", "--version"]
    if subprocess.run(probe, capture_output=True, check=False).returncode == 0:  # noqa: S603
        return [base, "-m", "pip", "install", "--quiet", "--no-input"]
    raise NativeError(
        "found neither pip nor uv: install one of them (python -m ensurepip)", exit_code=2
    )
