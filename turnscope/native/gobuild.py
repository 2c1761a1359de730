"""One engine from its module: download and count its packages, then compile them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from turnscope.native.engines import BUILD_FLAGS, Engine
from turnscope.native.gorun import Counter, run_go
from turnscope.native.progress import Progress

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
    downloads = Counter("downloading modules", progress)
    stale = run_go(engine.name, listing, module, environment, downloads)
    total = len(set(stale.split()))
    counter = Counter("compiling packages", progress, total)
    counter.tick()
    for binary in engine.binaries:
        target = str(into / binary.name)
        command = [str(go), "build", "-v", *flags, "-o", target, binary.package]
        run_go(engine.name, command, module, environment, counter)
