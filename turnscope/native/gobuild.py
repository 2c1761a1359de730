"""Runs `go` for one engine: download and count its packages, then compile them."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from turnscope.native.engines import BUILD_FLAGS, Engine
from turnscope.native.errors import NativeError
from turnscope.native.progress import Progress

_LAST_LINES = 20
# What go's own cache has already is not compiled again, and so is not counted.
_STALE = "{{if .Stale}}{{.ImportPath}}{{end}}"


def go_environment(inherited: Mapping[str, str], cache: Path) -> dict[str, str]:
    """The environment `go` builds in: the user's proxy and caches and nothing else of theirs.

    Where the user's home cannot be written, Go's two caches move below `cache`.
    """
    environment = {
        **inherited,
        "CGO_ENABLED": "0",  # no C compiler needed, and binaries that run on any Linux
        "GOFLAGS": "",
        "GOWORK": "off",
        "GOTOOLCHAIN": "local",  # go.sum does not cover a toolchain that go would fetch by itself
        "GO111MODULE": "on",
    }
    home = Path(inherited.get("HOME", "/nonexistent"))
    if not os.access(home, os.W_OK):
        if not inherited.get("GOPATH"):
            environment.setdefault("GOMODCACHE", str(cache / "go" / "mod"))
        if not inherited.get("XDG_CACHE_HOME"):
            environment.setdefault("GOCACHE", str(cache / "go" / "build"))
    return environment


def compile_engine(
    go: Path, engine: Engine, module: Path, into: Path, cache: Path, progress: Progress
) -> None:
    """Build all of `engine` into the folder `into`. Raises NativeError with go's last lines."""
    environment = go_environment(os.environ, cache)
    flags = [*BUILD_FLAGS, *([f"-tags={','.join(engine.tags)}"] if engine.tags else [])]
    packages = [binary.package for binary in engine.binaries]
    listing = [str(go), "list", "-deps", *flags, "-f", _STALE, *packages]
    downloads = _Counter("downloading modules", progress)
    stale = _run(engine.name, listing, module, environment, downloads)
    total = len(set(stale.split()))
    counter = _Counter("compiling packages", progress, total)
    for binary in engine.binaries:
        target = str(into / binary.name)
        command = [str(go), "build", "-v", *flags, "-o", target, binary.package]
        _run(engine.name, command, module, environment, counter)


class _Counter:
    """Counts the lines that are progress and keeps the last of the others."""

    def __init__(self, phase: str, progress: Progress, total: int | None = None) -> None:
        self._phase, self._progress, self._total = phase, progress, total
        self._done = 0

    def line(self, line: str) -> None:
        if line.startswith("go: downloading ") or re.fullmatch(r"[\w.~/+-]+", line):
            self._done += 1
        self._progress.step(self._phase, self._done, self._total)


def _run(
    name: str,
    command: Sequence[str],
    module: Path,
    environment: Mapping[str, str],
    counter: _Counter,
) -> str:
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with (
        tempfile.TemporaryFile("w+") as output,
        subprocess.Popen(  # noqa: S603
            command, cwd=module, env=environment, stdout=output, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            for line in process.stderr or ():
                last.append(line.rstrip())
                counter.line(line.rstrip())
        except BaseException:
            # Ctrl-C: go removes its work folder on SIGTERM, and its compilers end with it.
            process.terminate()
            raise
        if process.wait():
            raise NativeError(failure(name, last))
        output.seek(0)
        return output.read()


_AGAIN = "then run `make up` again; what was built so far is kept."
_REMEDIES = (
    (r"no space left", f"Free some disk, {_AGAIN}"),
    (
        r"checksum mismatch|SECURITY ERROR",
        "A module is not the one that was pinned. Do not go on: check GOPROXY, and if a cache was "
        "damaged, `go clean -modcache`.",
    ),
    (
        r"dial tcp|proxyconnect|i/o timeout|no such host|connection re",
        f"The Go module proxy was not reached: check the network and GOPROXY, {_AGAIN}",
    ),
    (r"signal: killed|cannot allocate memory", f"Out of memory: close something, {_AGAIN}"),
)


def failure(name: str, last: Iterable[str]) -> str:
    """The message for a failed build: go's last lines and what to do."""
    text = "\n".join(last)
    remedy = next(
        (remedy for pattern, remedy in _REMEDIES if re.search(pattern, text)),
        "Run `make up` again; what was built so far is kept.",
    )
    return f"building {name} failed. The last lines of go:\n{text}\n{remedy}"
